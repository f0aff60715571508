import { languageOf } from "../../contracts/prompt.ts";
import type { Effect } from "./effect.ts";
import { questionNow, type Session } from "./state.ts";

/** A recorder that has not said `stopped` may still keep what it hears. */
const isStillRecorded = (session: Session): boolean =>
  session.answers.some((one) => one.kind === "spoken" && one.state === "ended" && !one.stopped.includes("mic"));

/** The question that is asked now, read out: never while something is recorded. `recordingStopped` asks again. */
export function readOut(session: Session): Effect[] {
  const question = questionNow(session);
  if (session.stage !== "question" || question === undefined || isStillRecorded(session)) return [];
  const language = languageOf(question, session.language);
  return [{ do: "speak", questionId: question.id, language, ducked: session.help }];
}
