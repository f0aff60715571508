import { Fault } from "../../contracts/fault.ts";
import type { Language } from "../../contracts/language.ts";
import type { Embedder } from "../../contracts/ports.ts";
import type { Question, Rubric } from "../../contracts/rubric.ts";
import type { AnswerScore, Evidence, SessionScore } from "../../contracts/scoring.ts";
import { canonicalJson } from "../../runtime/canonical.ts";
import { type ChoiceAnswer, weighChoice } from "./choice.ts";
import { type CodeAnswer, weighCode } from "./code.ts";
import { perCompetency, sharesOf, withoutPoints } from "./evidence.ts";
import { isUnheard, type SpokenAnswer, weighSpoken } from "./spoken.ts";

export type { ChoiceAnswer } from "./choice.ts";
export type { CodeAnswer } from "./code.ts";
export { forgetTexts } from "./meaning.ts";
export { nextQuestion } from "./route.ts";
export { renderLevel, scoreSession } from "./session.ts";
export { prepareSpoken, type SpokenAnswer } from "./spoken.ts";
export { scorerVersion } from "./weights.ts";

/** An answer whose recording could not be taken or understood; `faults` are fault codes. */
export type FailedAnswer = { kind: "failed"; faults: readonly string[] };

export type AnswerToScore = {
  answerId: string;
  question: Question;
  rubric: Rubric;
  language: Language;
  answer: SpokenAnswer | ChoiceAnswer | CodeAnswer | FailedAnswer;
};

/**
 * The score of one answer, 0 to 1, with the evidence whose weights sum to it. Null and `insufficient` only where device
 * or recogniser failed; silence, refusal and off-topic score 0. The same input and embedder give the same result.
 * Throws `use.invalid` where the kind of answer does not fit the question, and what the embedder throws.
 */
export async function scoreAnswer(input: AnswerToScore, embedder: Embedder): Promise<AnswerScore> {
  const { answerId, question, rubric, language, answer } = input;
  const shares = sharesOf(question, rubric);
  if (answer.kind === "failed") return insufficient(input, answer.faults);
  if (answer.kind === "spoken" && isUnheard(answer))
    return insufficient(input, [answer.recogniserFailed === true ? "inference.lost" : "mic.lost"]);
  if (answer.kind === "choice" && question.kind === "choice")
    return exact(input, weighChoice({ question, rubric, language, answer }));
  if (answer.kind === "code" && question.kind === "code") return exact(input, weighCode({ question, rubric, answer }));
  if (answer.kind === "spoken" && question.kind === "spoken") {
    const { needsPerson, ...weighed } = await weighSpoken({ question, rubric, language, answer }, embedder);
    if (rubric.route === undefined) weighed.evidence = withoutPoints(weighed.evidence);
    return {
      answerId,
      question: question.id,
      ...weighed,
      insufficient: false,
      competencies: perCompetency(weighed.evidence, shares),
      needsPerson,
    };
  }
  throw new Fault(
    "use.invalid",
    `the answer ${JSON.stringify(answerId)} is ${answer.kind}, its question is ${question.kind}; give an answer of the question's kind`,
    { field: "answer.kind" },
  );
}

/** A score that nothing was guessed for. */
function exact(
  { answerId, question, rubric }: AnswerToScore,
  { score, evidence }: { score: number; evidence: Evidence[] },
): AnswerScore {
  return {
    answerId,
    question: question.id,
    score,
    interval: [score, score],
    evidence,
    insufficient: false,
    competencies: perCompetency(evidence, sharesOf(question, rubric)),
  };
}

function insufficient({ answerId, question, rubric }: AnswerToScore, faults: readonly string[]): AnswerScore {
  return {
    answerId,
    question: question.id,
    score: null,
    interval: [0, 1],
    evidence: [],
    insufficient: true,
    competencies: Object.fromEntries(sharesOf(question, rubric).map(({ competency }) => [competency, null])),
    needsPerson: true,
    faults: [...faults],
  };
}

/** Three decimals for every number of a value. */
function roundedDeep(value: unknown): unknown {
  if (typeof value === "number") return Math.round(value * 1000) / 1000 + 0;
  if (Array.isArray(value)) return value.map(roundedDeep);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, roundedDeep(member)]));
}

/** The one text for a session's score: keys sorted, numbers rounded to three decimals; byte for byte the same for the same input. */
export function canonicalScore(session: SessionScore): string {
  return canonicalJson(roundedDeep(session));
}
