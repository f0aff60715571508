import type { JudgeReport, WrittenCode } from "../../contracts/judge.ts";
import type { CodeQuestion } from "../../contracts/rubric.ts";
import { seconds } from "../../contracts/units.ts";
import { afterAnswer } from "../session/answering.ts";
import type { Effect } from "../session/effect.ts";
import {
  type Answer,
  answerOf,
  type Draft,
  type Fact,
  limits,
  nextAnswerId,
  questionNow,
  questionsOf,
  type Session,
  withAnswer,
} from "../session/state.ts";
import { defineQuestionType } from "./type.ts";

/** The program on the page, where it belongs to the question that is asked now and is in one of its languages. */
export function draftNow(session: Session, draft: Draft | undefined): Draft | undefined {
  const question = questionNow(session);
  if (session.stage !== "question" || question?.kind !== "code" || draft?.questionId !== question.id) return undefined;
  return question.languages.includes(draft.code.language) ? draft : undefined;
}

const handedIn = (session: Session, question: CodeQuestion, code: WrittenCode) =>
  ({
    type: "codeSubmitted",
    answerId: nextAnswerId(session),
    questionId: question.id,
    content: code,
  }) as const;

/** What stands there counts when the time is over, also nothing. */
export function handedInAtLimit(session: Session, draft: Draft | undefined): Fact | undefined {
  const question = questionNow(session);
  const [first] = question?.kind === "code" ? question.languages : [];
  if (session.stage !== "question" || question?.kind !== "code" || first === undefined) return undefined;
  const code = draftNow(session, draft)?.code ?? { language: first, source: "" };
  return { ...handedIn(session, question, code), by: "limit" };
}

/** What a report of the judge settles: the verdicts, or that there will be none. */
export function judgedFact(session: Session, report: JudgeReport): Fact | undefined {
  const jobId = report.report === "judged" || report.report === "fault" ? report.jobId : undefined;
  const answer = jobId === undefined ? undefined : answerOf(session, jobId);
  if (answer?.kind !== "code" || answer.judgement !== undefined || answer.result !== undefined) return undefined;
  if (session.ended !== undefined) return undefined;
  const { answerId } = answer;
  if (report.report === "judged") return { type: "codeJudged", answerId, content: report.judgement };
  return report.report === "fault" ? { type: "analysisOverdue", answerId, fault: report.fault } : undefined;
}

/** As long as its cases may take, and on top what a restart of the judge takes. */
function judgingWake(session: Session, { answerId, questionId }: Answer): Effect {
  const question = questionsOf(session).find(({ id }) => id === questionId);
  const most = question?.kind === "code" ? question.cases.length * seconds(question.limits.wallSeconds) : 0;
  return { do: "wake", name: "judging", answerId, after: limits.judging + most };
}

/** First the judge, then the scorer; nothing is judged where nothing was written. */
function analysis(session: Session, answer: Answer): Effect[] {
  const { answerId, questionId, code, judgement } = answer;
  const source = code?.source ?? "";
  if (code !== undefined && source.trim() !== "" && judgement === undefined)
    return [{ do: "judgeCode", answerId, questionId, code }, judgingWake(session, answer)];
  return [
    { do: "analyseCode", answerId, questionId, source, judgement: judgement ?? null },
    { do: "wake", name: "analysis", answerId, after: limits.analysis },
  ];
}

export const code = defineQuestionType({
  kind: "code",
  summary: "A program typed on the page; start hands it in, or the limit does",

  press: (session, question, { button, draft }) => {
    const now = draftNow(session, draft);
    // A button pressed before anything was typed hands in nothing.
    if (button !== "start" || now === undefined) return undefined;
    return { ...handedIn(session, question, now.code), by: "button" };
  },

  events: {
    codeSubmitted: (session, { answerId, questionId, content, at }) => {
      if (session.stage !== "question" || questionNow(session)?.id !== questionId) return [session, []];
      const answer: Answer = {
        answerId,
        questionId,
        kind: "code",
        language: session.language,
        shownMillis: session.since,
        fromMillis: session.since,
        toMillis: at,
        chosen: undefined,
        ...(content === null ? {} : { code: content }),
        state: "ended",
        stopped: [],
        result: undefined,
      };
      const [next, effects] = afterAnswer({ ...session, answers: [...session.answers, answer] }, at);
      return [next, [{ do: "dropDraft" }, ...analysis(session, answer), ...effects]];
    },

    codeJudged: (session, { answerId, content }) => {
      const answer = answerOf(session, answerId);
      const waits = answer?.kind === "code" && answer.judgement === undefined && answer.result === undefined;
      if (!waits || content === null || session.ended !== undefined) return [session, []];
      const next = withAnswer(session, answerId, { judgement: content });
      return [next, analysis(next, { ...answer, judgement: content })];
    },
  },

  analysis,
});
