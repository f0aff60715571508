import type { Question } from "../../contracts/rubric.ts";
import type { ButtonName } from "../../contracts/screen.ts";
import type { Effect } from "../session/effect.ts";
import type { Answer, Fact, Session } from "../session/state.ts";
import { choice } from "./choice.ts";
import { spoken } from "./spoken.ts";

/** Every question type there is; a new one is its file, its kind in contracts/rubric.ts and its line here. */
export const questionTypes = { choice, spoken };

export const questionEvents = { ...choice.events, ...spoken.events };

export function pressOnQuestion(session: Session, question: Question, button: ButtonName): Fact | undefined {
  switch (question.kind) {
    case "choice":
      return choice.press(session, question, button);
    case "spoken":
      return spoken.press(session, question, button);
  }
}

export const analysisOf = (session: Session, answer: Answer): Effect[] =>
  questionTypes[answer.kind].analysis(session, answer);
