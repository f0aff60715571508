import type { WakeName } from "./effect.ts";
import { lateChoice } from "./routing.ts";
import { answerOf, type Fact, type Session } from "./state.ts";

/** What has become fact when a timer rings; nothing when what it waited for has come. */
export function expired(session: Session, { name, answerId }: { name: WakeName; answerId?: string }): Fact | undefined {
  const answer = answerId === undefined ? undefined : answerOf(session, answerId);
  switch (name) {
    case "answerLimit":
      return answer?.state === "open" ? { type: "answerEnded", answerId: answer.answerId, by: "limit" } : undefined;
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
      return answer?.state === "ended" && answer.result === undefined && session.ended === undefined
        ? { type: "analysisOverdue", answerId: answer.answerId, fault: "inference.lost" }
        : undefined;
    case "route":
      return lateChoice(session, answerId);
    case "score":
      return session.stage === "analysing" ? { type: "scoreOverdue", fault: "inference.lost" } : undefined;
    case "closing":
      return session.ended === undefined || session.stage === "closed" ? undefined : { type: "closed" };
  }
}
