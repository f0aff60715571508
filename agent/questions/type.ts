import type { SessionEvent } from "../../contracts/journal.ts";
import type { Question } from "../../contracts/rubric.ts";
import type { ButtonName } from "../../contracts/screen.ts";
import type { Effect } from "../session/effect.ts";
import type { Answer, Draft, Fact, Handlers, Session } from "../session/state.ts";

/** A button, and the program that stands on the page while it is pressed. */
export type Press = { button: ButtonName; draft: Draft | undefined };

/** A question type is one file: what the buttons mean while it is asked, how its answer is taken, how it is analysed. */
export type QuestionType<K extends Question["kind"], T extends SessionEvent["type"]> = {
  kind: K;
  summary: string;
  /** The fact that a button makes while the question is asked or answered, if any. */
  press: (session: Session, question: Extract<Question, { kind: K }>, press: Press) => Fact | undefined;
  /** The events that only this type has. */
  events: Handlers<T>;
  /** What has inference analyse the answer from its beginning, as far as it is known by now. */
  analysis: (session: Session, answer: Answer) => Effect[];
};

export const defineQuestionType = <K extends Question["kind"], T extends SessionEvent["type"]>(
  type: QuestionType<K, T>,
): QuestionType<K, T> => type;
