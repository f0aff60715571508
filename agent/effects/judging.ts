import { questionsOf } from "../session/state.ts";
import type { Executors } from "./context.ts";

/** What the judge is told. A job has its answer's id: asked for again it is the same job. */
export const judgingExecutors: Executors<"judgeCode" | "stopJudging" | "dropDraft"> = {
  judgeCode: ({ answerId, questionId, code }, { judge, session }) => {
    const question = questionsOf(session()).find(({ id }) => id === questionId);
    if (question?.kind !== "code") return;
    const { limits } = question;
    const cases = question.cases.map(({ name, input, expected }) => ({ name, input, expected }));
    judge({ do: "judge", jobId: answerId, ...code, cases, limits });
  },

  stopJudging: ({ answerId }, { judge }) => judge({ do: "forget", jobId: answerId }),

  dropDraft: (_effect, { dropDraft }) => dropDraft(),
};
