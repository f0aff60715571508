import { analysisOf } from "../questions/registry.ts";
import { takeUp } from "../questions/spoken.ts";
import { joinWhenWhole } from "./answering.ts";
import { asked } from "./asking.ts";
import type { Effect } from "./effect.ts";
import { standingChoice } from "./routing.ts";
import {
  answerNow,
  finalAnswers,
  helpRequestId,
  limits,
  type Session,
  scorecardEventId,
  stateEventId,
} from "./state.ts";

/** What an ended session owes: its state and scorecard sent, and where nothing may stay, everything wiped. */
export function farewell(session: Session): Effect[] {
  if (session.ended === undefined) return [];
  const complete = session.ended === "complete";
  const wipe: Effect[] = complete ? [] : [{ do: "wipeContent" }];
  const done: Effect[] = [
    ...wipe,
    { do: "sendScorecard", eventId: scorecardEventId(session.sessionId, 1), revision: 1 },
    { do: "sendState", eventId: stateEventId(session.sessionId, 2), state: complete ? "done" : "refused", revision: 2 },
    { do: "markOrder", state: "done" },
  ];
  if (session.stage === "closed") return [...done, { do: "close" }];
  return [...done, { do: "wake", name: "closing", after: complete ? limits.feedback : limits.farewell }];
}

/** The newest call for help, as it stands. */
export function helpTold({ sessionId, help, helpCalls }: Session): Effect[] {
  if (helpCalls === 0) return [];
  const requestId = helpRequestId(sessionId, helpCalls);
  const state = help ? "called" : "withdrawn";
  return [{ do: "sendHelp", eventId: `${requestId}-${state}`, requestId, state }];
}

const unsettled = (session: Session): Effect[] =>
  finalAnswers(session)
    .filter((one) => one.result === undefined)
    .flatMap((one) => analysisOf(session, one));

/**
 * Everything that must be going on in this state, whatever happened before: done after a restart of the agent, and for
 * one peer after the peer came back. Each effect can be done twice without harm.
 */
export function standing(session: Session): Effect[] {
  if (session.ended !== undefined) return farewell(session);
  const begun: Effect[] = [
    { do: "sendState", eventId: stateEventId(session.sessionId, 1), state: "inInterview", revision: 1 },
    { do: "markOrder", state: "inInterview" },
    ...helpTold(session),
  ];
  switch (session.stage) {
    case "notice":
    case "consent":
      return [...begun, { do: "rest", streams: ["mic", "camera"] }];
    case "check":
    case "question":
    case "answering": {
      const open = answerNow(session);
      const capture: Effect[] =
        open === undefined ? [{ do: "watch", streams: ["mic", "camera"] }] : takeUp(session, open);
      return [
        ...begun,
        { do: "openAnalysis" },
        { do: "look", on: true },
        ...capture,
        ...unsettled(session),
        ...asked(session),
      ];
    }
    case "routing":
      return [
        ...begun,
        { do: "openAnalysis" },
        { do: "look", on: true },
        { do: "watch", streams: ["mic", "camera"] },
        ...unsettled(session),
        ...standingChoice(session),
      ];
    case "analysing":
      return [...begun, { do: "openAnalysis" }, ...unsettled(session), ...joinWhenWhole(session)];
    case "feedback":
    case "refused":
    case "withdrawn":
    case "closed":
      return begun;
  }
}
