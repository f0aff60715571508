import { difficultyOf, followedBy, middleDifficulty } from "../../contracts/plan.ts";
import type { Rubric } from "../../contracts/rubric.ts";
import type { AnswerScore, Evidence } from "../../contracts/scoring.ts";
import { sharesOf } from "./evidence.ts";
import { route } from "./weights.ts";

/** One question of the plan as it counts towards one competency: its answer, and what its follow-up added. */
export type Item = {
  answer: AnswerScore;
  difficulty: number;
  /** The answer's own part of the competency, 0 to 1. */
  part: number;
  added: number;
  followUp: AnswerScore | undefined;
};

const isFollowUp = (rubric: Rubric, { question }: AnswerScore): boolean => followedBy(rubric, question) !== undefined;

/** Answers to questions of the plan: what is asked after them as a follow-up belongs to them. */
export const mainAnswers = (rubric: Rubric, answers: readonly AnswerScore[]): AnswerScore[] =>
  answers.filter((one) => !isFollowUp(rubric, one));

export const followUpOf = (rubric: Rubric, answers: readonly AnswerScore[], id: string): AnswerScore | undefined =>
  answers.find((one) => followedBy(rubric, one.question)?.id === id);

/** The item of a main answer for a competency; undefined where the answer says nothing of it, or could not be heard. */
export function itemOf(
  rubric: Rubric,
  { answer, answers }: { answer: AnswerScore; answers: readonly AnswerScore[] },
  competency: string,
): Item | undefined {
  const part = answer.competencies[competency];
  if (answer.insufficient || part === null || part === undefined) return undefined;
  const question = rubric.questions.find(({ id }) => id === answer.question);
  const followUp = followUpOf(rubric, answers, answer.question);
  const added = followUp === undefined ? 0 : addedBy(rubric, { answer, followUp }, competency);
  return {
    answer,
    difficulty: question === undefined ? middleDifficulty : difficultyOf(question),
    part,
    added: Math.min(1 - part, added),
    followUp: followUp?.insufficient === true ? undefined : followUp,
  };
}

/**
 * What a follow-up adds to a part: the evidence for points that the answer before was without, at what telling when asked
 * is worth. A point told in both counts once, so that nobody gains by saying a thing twice.
 */
function addedBy(
  rubric: Rubric,
  { answer, followUp }: { answer: AnswerScore; followUp: AnswerScore },
  competency: string,
): number {
  const question = rubric.questions.find(({ id }) => id === answer.question);
  const share = question && sharesOf(question, rubric).find((one) => one.competency === competency)?.share;
  if (followUp.insufficient || share === undefined) return 0;
  const told = new Set(answer.evidence.filter((one) => one.competency === competency).map((one) => one.point));
  const isNew = (one: Evidence): boolean =>
    one.competency === competency && one.point !== undefined && one.weight > 0 && !told.has(one.point);
  const weight = followUp.evidence.filter(isNew).reduce((sum, one) => sum + one.weight, 0);
  return Math.round((route.prompted * weight * 10_000) / share) / 10_000;
}
