import type { Question } from "../../contracts/rubric.ts";
import type { Effect } from "../session/effect.ts";
import type { Answer, Fact, Session } from "../session/state.ts";
import { choice } from "./choice.ts";
import { code } from "./code.ts";
import { spoken } from "./spoken.ts";
import type { Press } from "./type.ts";

/** Every question type there is; a new one is its file, its kind in contracts/rubric.ts and its line here. */
export const questionTypes = { choice, code, spoken };

export const questionEvents = { ...choice.events, ...code.events, ...spoken.events };

export function pressOnQuestion(session: Session, question: Question, press: Press): Fact | undefined {
  switch (question.kind) {
    case "choice":
      return choice.press(session, question, press);
    case "code":
      return code.press(session, question, press);
    case "spoken":
      return spoken.press(session, question, press);
  }
}

export const analysisOf = (session: Session, answer: Answer): Effect[] =>
  questionTypes[answer.kind].analysis(session, answer);
