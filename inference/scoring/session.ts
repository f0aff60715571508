import type { Localized } from "../../contracts/language.ts";
import type { Competency, Rubric } from "../../contracts/rubric.ts";
import type { AnswerScore, CompetencyScore, Interval, SessionScore } from "../../contracts/scoring.ts";
import { leastCoverage, scorerVersion } from "./weights.ts";

const rounded = (value: number): number => Math.round(Math.min(1, Math.max(0, value)) * 10_000) / 10_000;
const mean = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0) / values.length;

/**
 * The total of a session from the scores of its answers (one for each question that was asked), pure.
 *
 * A competency's score is the mean of its answers' parts; the total is the mean of the competencies' scores by weight.
 * An answer with insufficient evidence is left out, and its part of each competency's weight (an equal part for each
 * question asked) counts as not covered; below 80 % of the weight the total is withheld. The interval carries the answers'
 * intervals on and lets what is not covered lie anywhere from 0 to 1.
 */
export function scoreSession(
  rubric: Rubric,
  answers: readonly AnswerScore[],
  models: Readonly<Record<string, string>>,
): SessionScore {
  const rated = rubric.competencies.map((one) => rateCompetency(one, answers));
  const scored = rated.filter((one): one is Rated & { score: number } => one.score !== null);
  const sum = rubric.competencies.reduce((total, one) => total + one.weight, 0);
  const coverage = rated.reduce((total, one) => total + one.weight * one.covered, 0) / sum;
  const withheld = scored.length === 0 || coverage < leastCoverage - 1e-9;
  const weight = scored.reduce((total, one) => total + one.weight, 0);
  const weighted = (pick: (one: Rated & { score: number }) => number) =>
    scored.reduce((total, one) => total + one.weight * pick(one), 0) / weight;
  const open = 1 - coverage;
  return {
    scorerVersion,
    rubricId: rubric.id,
    rubricVersion: rubric.version,
    answers: [...answers],
    competencies: rated.map(({ covered: _, ...one }) => one),
    total: withheld ? null : rounded(weighted((one) => one.score)),
    interval: withheld
      ? [0, 1]
      : [
          rounded(weighted((one) => one.interval[0]) * coverage),
          rounded(weighted((one) => one.interval[1]) * coverage + open),
        ],
    coverage: rounded(coverage),
    withheld,
    models: { ...models },
    needsPerson: withheld || answers.some((one) => one.needsPerson === true || one.insufficient),
  };
}

type Rated = CompetencyScore & { covered: number };

function rateCompetency(competency: Competency, answers: readonly AnswerScore[]): Rated {
  const asked = answers.filter((one) => Object.hasOwn(one.competencies, competency.id));
  const parts = asked.flatMap((answer) => {
    const part = answer.competencies[competency.id];
    return answer.insufficient || answer.score === null || part === null || part === undefined
      ? []
      : [{ answer, part, score: answer.score }];
  });
  const base = { competency: competency.id, weight: competency.weight };
  if (parts.length === 0)
    return { ...base, score: null, interval: [0, 1], level: null, anchor: null, answers: [], covered: 0 };
  const score = rounded(mean(parts.map((one) => one.part)));
  const below = mean(parts.map((one) => one.score - one.answer.interval[0]));
  const above = mean(parts.map((one) => one.answer.interval[1] - one.score));
  const interval: Interval = [rounded(score - below), rounded(score + above)];
  const { level, anchor } = renderLevel(score, competency);
  return {
    ...base,
    score,
    interval,
    level,
    anchor,
    answers: parts.map((one) => one.answer.answerId),
    covered: parts.length / asked.length,
  };
}

/**
 * The level of a score (0 to 1) and its anchor: a competency with n anchors cuts the scale into n equal bands, lowest
 * anchor first; both null without anchors. Rendering only, the score itself is kept as it is.
 */
export function renderLevel(score: number, competency: Competency): { level: string | null; anchor: Localized | null } {
  const levels = Object.keys(competency.anchors ?? {}).sort((a, b) => Number(a) - Number(b));
  const level = levels[Math.min(levels.length - 1, Math.floor(score * levels.length + 1e-9))];
  const anchor = level === undefined ? undefined : competency.anchors?.[level];
  return level === undefined || anchor === undefined ? { level: null, anchor: null } : { level, anchor };
}
