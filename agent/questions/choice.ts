import type { ChoiceQuestion } from "../../contracts/rubric.ts";
import { afterAnswer } from "../session/answering.ts";
import type { Effect } from "../session/effect.ts";
import { type Answer, limits, nextAnswerId, questionNow } from "../session/state.ts";
import { defineQuestionType } from "./type.ts";

/** With one right option a new choice replaces the old one; with several each button puts its option in or takes it out. */
function chosenAfter(question: ChoiceQuestion, before: readonly string[], option: string): string[] {
  if (question.correct.length === 1) return [option];
  return before.includes(option) ? before.filter((one) => one !== option) : [...before, option].sort();
}

const analysis = ({ answerId, questionId, chosen }: Answer): Effect[] => [
  { do: "analyseChoice", answerId, questionId, chosen: chosen ?? [] },
  { do: "wake", name: "analysis", answerId, after: limits.analysis },
];

export const choice = defineQuestionType({
  kind: "choice",
  summary: "Two to four options on the buttons A to D; start confirms",

  press: (session, question, { button }) => {
    if (button === "start")
      return session.chosen.length === 0
        ? undefined
        : {
            type: "choiceConfirmed",
            answerId: nextAnswerId(session),
            questionId: question.id,
            chosen: [...session.chosen],
          };
    if (!question.options.some((option) => option.id === button)) return undefined;
    return { type: "optionChosen", questionId: question.id, chosen: chosenAfter(question, session.chosen, button) };
  },

  events: {
    optionChosen: (session, { questionId, chosen }) =>
      session.stage === "question" && questionNow(session)?.id === questionId
        ? [{ ...session, chosen }, []]
        : [session, []],

    choiceConfirmed: (session, { answerId, questionId, chosen, at }) => {
      if (session.stage !== "question" || questionNow(session)?.id !== questionId) return [session, []];
      const answer: Answer = {
        answerId,
        questionId,
        kind: "choice",
        language: session.language,
        fromMillis: session.since,
        shownMillis: session.since,
        toMillis: at,
        chosen,
        state: "ended",
        stopped: [],
        result: undefined,
      };
      const [next, effects] = afterAnswer({ ...session, answers: [...session.answers, answer] }, at);
      return [next, [...analysis(answer), ...effects]];
    },
  },

  analysis: (_session, answer) => analysis(answer),
});
