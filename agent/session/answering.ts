import type { FaultCode } from "../../contracts/fault.ts";
import type { AnswerScore } from "../../contracts/scoring.ts";
import type { Millis } from "../../contracts/units.ts";
import { asked } from "./asking.ts";
import type { Effect } from "./effect.ts";
import { canTake, chooseWhenKnown, isRouted, settledNext, waitForChoice, withChoice } from "./routing.ts";
import {
  type Answer,
  answerOf,
  type Decision,
  enter,
  finalAnswers,
  type Handlers,
  limits,
  questionsOf,
  type Session,
  withAnswer,
} from "./state.ts";

/** The next question, or the analysis when the last has been answered; on a route perhaps the wait for what it depends on. */
export function afterAnswer(session: Session, at: Millis): Decision {
  const next: Session = { ...session, asked: session.asked + 1, again: false, repeated: 0, chosen: [] };
  if (!isRouted(next)) return askOrAnalyse(next, at);
  const choice = settledNext(next);
  return choice === undefined ? waitForChoice(next, at) : askOrAnalyse(withChoice(next, choice), at);
}

function askOrAnalyse(next: Session, at: Millis): Decision {
  if (next.asked < questionsOf(next).length) {
    const asking = enter(next, "question", at);
    return [asking, asked(asking)];
  }
  const done = enter(next, "analysing", at);
  return [done, [{ do: "hush" }, { do: "look", on: false }, ...restAfterLast(done), ...joinWhenWhole(done)]];
}

/** Recorders that have nothing left to seal close their hardware at once; the others when they have said `stopped`. */
function restAfterLast(session: Session): Effect[] {
  const last = session.answers.at(-1);
  const streams = last?.kind === "spoken" ? last.stopped : (["mic", "camera"] as const);
  return streams.length === 0 ? [] : [{ do: "rest", streams }];
}

/** Joins the scores once every question has been answered and every answer has its result. */
export function joinWhenWhole(session: Session): Effect[] {
  const results = finalAnswers(session).map((one) => one.result?.score);
  const whole = results.filter((one): one is AnswerScore => one !== undefined);
  if (session.stage !== "analysing" || whole.length !== results.length) return [];
  return [
    { do: "joinScores", answers: whole },
    { do: "wake", name: "score", after: limits.score },
  ];
}

/** Device or recogniser failed: left out of the total and flagged, never counted against the candidate. */
export function insufficient(answer: Answer): AnswerScore {
  return {
    answerId: answer.answerId,
    question: answer.questionId,
    score: null,
    interval: [0, 1],
    evidence: [],
    insufficient: true,
    competencies: {},
  };
}

const failed = (fault: FaultCode | string) => ({
  transcript: null,
  pace: null,
  sound: null,
  fillers: null,
  responseLatency: null,
  severalFaces: null,
  plugins: {},
  speech: [],
  faults: [fault],
  models: {},
});

function settle(session: Session, answer: Answer, result: NonNullable<Answer["result"]>): Decision {
  const next = withAnswer(session, answer.answerId, { result });
  return [next, [...chooseWhenKnown(next), ...joinWhenWhole(next)]];
}

/** Results of inference, in whatever order they come; the first that settles an answer stays. */
export const answerEvents: Handlers<"analysed" | "analysisOverdue" | "routed"> = {
  analysed: (session, { answerId, content }) => {
    const answer = answerOf(session, answerId);
    if (answer?.state !== "ended" || answer.result !== undefined || session.ended !== undefined) return [session, []];
    return settle(session, answer, content ?? { observations: null, score: insufficient(answer) });
  },

  analysisOverdue: (session, { answerId, fault }) => {
    const answer = answerOf(session, answerId);
    if (answer?.state !== "ended" || answer.result !== undefined || session.ended !== undefined) return [session, []];
    return settle(session, answer, { observations: failed(fault), score: insufficient(answer) });
  },

  routed: (session, { position, question, content, at }) => {
    if (!canTake(session, { position, question })) return [session, []];
    return askOrAnalyse(withChoice(session, { question, reason: content?.reason ?? null }), at);
  },
};
