import type { FaultCode } from "../../contracts/fault.ts";
import { handedInAtLimit } from "../questions/code.ts";
import type { WakeName } from "./effect.ts";
import { lateChoice } from "./routing.ts";
import { answerOf, type Draft, type Fact, nextAnswerId, type Session } from "./state.ts";

const overdue = (session: Session, answerId: string, fault: FaultCode): Fact | undefined =>
  session.ended === undefined ? { type: "analysisOverdue", answerId, fault } : undefined;

/** What has become fact when a timer rings; nothing when what it waited for has come. */
export function expired(
  session: Session,
  { name, answerId, draft }: { name: WakeName; answerId?: string; draft?: Draft | undefined },
): Fact | undefined {
  const answer = answerId === undefined ? undefined : answerOf(session, answerId);
  switch (name) {
    case "answerLimit":
      return answer?.state === "open" ? { type: "answerEnded", answerId: answer.answerId, by: "limit" } : undefined;
    case "codeLimit":
      return answerId === nextAnswerId(session) ? handedInAtLimit(session, draft) : undefined;
    case "judging":
      return answer?.state === "ended" && answer.judgement === undefined && answer.result === undefined
        ? overdue(session, answer.answerId, "judge.lost")
        : undefined;
    case "recordingStopped":
      return answer?.state === "ended" && !answer.stopped.includes("mic") && session.ended === undefined
        ? {
            type: "recordingStopped",
            answerId: answer.answerId,
            stream: "mic",
            atMillis: answer.toMillis ?? session.lastAt,
            lost: true,
          }
        : undefined;
    case "analysis":
      return answer?.state === "ended" && answer.result === undefined
        ? overdue(session, answer.answerId, "inference.lost")
        : undefined;
    case "route":
      return lateChoice(session, answerId);
    case "score":
      return session.stage === "analysing" ? { type: "scoreOverdue", fault: "inference.lost" } : undefined;
    case "closing":
      return session.ended === undefined || session.stage === "closed" ? undefined : { type: "closed" };
  }
}
