import type { Millis } from "../../contracts/units.ts";
import type { Effect } from "./effect.ts";
import { farewell } from "./standing.ts";
import { answerNow, type Decision, enter, type Handlers, type Session, withAnswer } from "./state.ts";

/** Nothing is scored and nothing that was recorded or heard stays; the journal and the scorecard say so. */
export function endEarly(session: Session, ended: "refused" | "withdrawn", at: Millis): Decision {
  const open = answerNow(session);
  const cut = open === undefined ? session : withAnswer(session, open.answerId, { state: "abandoned", toMillis: at });
  const emptied: Session = {
    ...cut,
    ended,
    answers: cut.answers.map((one) => ({ ...one, result: undefined })),
    route: cut.route.map(({ question }) => ({ question, reason: null })),
    routeEnd: null,
    segments: [],
    framing: [],
    gaps: [],
    help: false,
  };
  const stop: Effect[] = open === undefined ? [] : [{ do: "stopRecording", answerId: open.answerId }];
  const judging = session.answers.filter((one) => one.code !== undefined && one.judgement === undefined);
  const left = enter(emptied, ended, at);
  return [
    left,
    [
      ...stop,
      { do: "hush" },
      { do: "look", on: false },
      { do: "rest", streams: ["mic", "camera"] },
      ...judging.map(({ answerId }): Effect => ({ do: "stopJudging", answerId })),
      { do: "closeAnalysis" },
      ...farewell(left),
    ],
  ];
}

function complete(session: Session, at: Millis, score: Session["score"]): Decision {
  if (session.stage !== "analysing") return [session, []];
  const done: Session = { ...enter(session, "feedback", at), ended: "complete", score };
  return [done, [{ do: "rest", streams: ["mic", "camera"] }, { do: "closeAnalysis" }, ...farewell(done)]];
}

/** The ways a session ends. */
export const endingEvents: Handlers<"scored" | "scoreOverdue" | "withdrawn" | "closed"> = {
  scored: (session, { content, at }) => complete(session, at, content?.score ?? null),

  scoreOverdue: (session, { at }) => complete(session, at, null),

  withdrawn: (session, { at }) => (session.ended === undefined ? endEarly(session, "withdrawn", at) : [session, []]),

  closed: (session, { at }) =>
    session.ended === undefined || session.stage === "closed"
      ? [session, []]
      : [enter(session, "closed", at), [{ do: "close" }]],
};
