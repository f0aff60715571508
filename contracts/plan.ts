import type { Pool, RouteReason } from "./route.ts";
import type { Question, Rubric, SpokenQuestion } from "./rubric.ts";

/** What is taken for the difficulty of a question that states none. */
export const middleDifficulty = 3;

export const difficultyOf = ({ difficulty = middleDifficulty }: Pick<Question, "difficulty">): number => difficulty;

/** The place that the plan comes to after `asked`: a question for everyone, or one out of a pool; undefined at its end. */
export type Place =
  | { from: "first"; question: string }
  | { from: "pool"; pool: Pool; open: readonly Question[] }
  | undefined;

export function placeAfter(rubric: Rubric, asked: readonly string[]): Place {
  const { first = [], pools = [] } = rubric.route ?? {};
  const next = first.find((id) => !asked.includes(id));
  if (next !== undefined) return { from: "first", question: next };
  const pool = pools.find(({ questions, count }) => questions.filter((id) => asked.includes(id)).length < count);
  if (pool === undefined) return undefined;
  const open = pool.questions.flatMap((id) => rubric.questions.filter((one) => one.id === id && !asked.includes(id)));
  return { from: "pool", pool, open };
}

/** The question nearest to a difficulty; of two as near the easier (or the harder), of two as hard the first. */
export function nearest(
  open: readonly Question[],
  wanted: number,
  rather: "easier" | "harder" = "easier",
): Question | undefined {
  const sign = rather === "easier" ? 1 : -1;
  const away = (one: Question): number => Math.abs(difficultyOf(one) - wanted);
  return open.reduce<Question | undefined>((best, one) => {
    if (best === undefined || away(one) < away(best)) return one;
    return away(one) === away(best) && sign * (difficultyOf(one) - difficultyOf(best)) < 0 ? one : best;
  }, undefined);
}

/** The middle of a pool's difficulties: where it begins when nothing is known. */
export function middleOf(rubric: Rubric, pool: Pool): number {
  const difficulties = rubric.questions
    .filter(({ id }) => pool.questions.includes(id))
    .map(difficultyOf)
    .sort((a, b) => a - b);
  return difficulties[Math.floor((difficulties.length - 1) / 2)] ?? middleDifficulty;
}

/** What is asked without looking at any answer; null at the end of the plan. */
export function plannedAfter(rubric: Rubric, asked: readonly string[]): string | null {
  const place = placeAfter(rubric, asked);
  if (place === undefined) return null;
  return place.from === "first" ? place.question : (nearest(place.open, middleOf(rubric, place.pool))?.id ?? null);
}

/** The question that a follow-up follows; undefined for every other question. */
export const followedBy = (rubric: Rubric, id: string): Question | undefined =>
  rubric.questions.find((one) => one.followUps?.some(({ question }) => question === id));

/** Follow-ups that may still come after the question asked last: at most one a question, so many in the whole interview. */
export function openFollowUps(rubric: Rubric, asked: readonly string[]): NonNullable<Question["followUps"]> {
  const last = rubric.questions.find(({ id }) => id === asked.at(-1));
  const spent = asked.filter((id) => followedBy(rubric, id) !== undefined).length;
  return spent < (rubric.route?.adaptive?.followUps ?? 0) ? (last?.followUps ?? []) : [];
}

/** Whether what comes after `asked` depends on an answer; else `plannedAfter` says it. */
export function needsEvidence(rubric: Rubric, asked: readonly string[]): boolean {
  if (rubric.route?.adaptive === undefined) return false;
  return openFollowUps(rubric, asked).length > 0 || placeAfter(rubric, asked)?.from === "pool";
}

/** How many questions an interview has when no more follow-ups come than have been asked. */
export function lengthOf(rubric: Rubric, asked: readonly string[]): number {
  if (rubric.route === undefined) return rubric.questions.length;
  const { first, pools } = rubric.route;
  const followed = asked.filter((id) => followedBy(rubric, id) !== undefined).length;
  return first.length + pools.reduce((sum, one) => sum + one.count, 0) + followed;
}

/** A question with what it is scored by: a follow-up takes what it does not name from the question it follows. */
export function questionOf(rubric: Rubric, id: string): Question | undefined {
  const question = rubric.questions.find((one) => one.id === id);
  const followed = followedBy(rubric, id);
  if (question?.kind !== "spoken" || followed?.kind !== "spoken") return question;
  const { concepts, reference, competencies } = followed;
  const taken: Partial<SpokenQuestion> = {
    ...(concepts === undefined ? {} : { concepts }),
    ...(reference === undefined ? {} : { reference }),
    ...(competencies === undefined ? {} : { competencies }),
  };
  return { ...taken, ...question };
}

/** The reason of a choice that looked at no answer. */
export function plannedReason(rule: "first" | "planned" | "late" | "end", question: string | null): RouteReason {
  const zh = question === null ? "没有更多问题" : `问「${question}」`;
  const en = question === null ? "nothing more is asked" : `${JSON.stringify(question)} is asked`;
  const said = {
    first: { "zh-CN": `每位应聘者都要回答：${zh}`, en: `asked of every candidate: ${en}` },
    planned: {
      "zh-CN": `没有可以据以选择的分数，按计划进行：${zh}`,
      en: `no score to choose by, so as planned: ${en}`,
    },
    late: {
      "zh-CN": `上一个回答的分析没有在限定时间内完成，按计划进行：${zh}`,
      en: `the analysis of the last answer was not back in time, so as planned: ${en}`,
    },
    end: { "zh-CN": `计划中的问题都已问完：${zh}`, en: `every question of the plan has been asked: ${en}` },
  } as const;
  return { rule, explanation: said[rule], looked: [] };
}
