import { languageOf } from "../../contracts/prompt.ts";
import { seconds } from "../../contracts/units.ts";
import type { Effect } from "./effect.ts";
import { answerLimit, nextAnswerId, questionNow, type Session } from "./state.ts";

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

/** However late the device came back: there is time to hand in what stands there. */
const leastTime = seconds(30);

/** The time of a program runs from when its question is asked; that of words from when the answer begins. */
function limitOf(session: Session): Effect[] {
  const question = questionNow(session);
  if (session.stage !== "question" || question?.kind !== "code") return [];
  const limit = answerLimit(session, question);
  const spent = Math.max(0, session.lastAt - session.since);
  return [
    { do: "wake", name: "codeLimit", answerId: nextAnswerId(session), after: Math.max(leastTime, limit - spent) },
  ];
}

/** All that asking a question brings: it is read out, and where its time runs, the clock is set. */
export const asked = (session: Session): Effect[] => [...readOut(session), ...limitOf(session)];
