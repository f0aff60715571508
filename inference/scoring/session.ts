import type { Localized } from "../../contracts/language.ts";
import type { Competency, Rubric } from "../../contracts/rubric.ts";
import type { AnswerScore, CompetencyScore, Interval, SessionScore } from "../../contracts/scoring.ts";
import { comparableScore } from "./comparable.ts";
import { type Item, itemOf, mainAnswers } from "./items.ts";
import { leastCoverage, scorerVersion } from "./weights.ts";

const rounded = (value: number): number => Math.round(Math.min(1, Math.max(0, value)) * 10_000) / 10_000;
const mean = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0) / values.length;

/**
 * The total of a session from the scores of its answers (one for each question that was asked), pure.
 *
 * A competency's score is the mean of its answers' parts; the total is the mean of the competencies' scores by weight.
 * An answer with insufficient evidence is left out, and its part of each competency's weight (an equal part for each
 * question asked) counts as not covered; below 80 % of the weight the total is withheld. The interval carries the answers'
 * intervals on and lets what is not covered lie anywhere from 0 to 1. On a route difficulties are evened out first, and a
 * follow-up belongs to the answer it follows (`comparableScore`, `itemOf`).
 */
export function scoreSession(
  rubric: Rubric,
  answers: readonly AnswerScore[],
  models: Readonly<Record<string, string>>,
): SessionScore {
  const rate = rubric.route === undefined ? rateCompetency : rateOnRoute(rubric);
  const rated = rubric.competencies.map((one) => rate(one, answers));
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

/** As `rateCompetency`, with the questions of the plan as items and their mean made comparable; bounds move as scores do. */
const rateOnRoute =
  (rubric: Rubric) =>
  (competency: Competency, answers: readonly AnswerScore[]): Rated => {
    const main = mainAnswers(rubric, answers);
    const plain = rateCompetency(competency, main);
    const items = main.flatMap((answer) => itemOf(rubric, { answer, answers }, competency.id) ?? []);
    if (plain.score === null || items.length === 0) return plain;
    const difficulties = items.map(({ difficulty }) => difficulty);
    const raw = rounded(mean(items.map(({ part, added }) => part + added)));
    const even = (value: number): number => rounded(comparableScore(value, difficulties));
    const [below, above] = [plain.score - plain.interval[0], plain.interval[1] - plain.score];
    const score = even(raw);
    return {
      ...plain,
      ...renderLevel(score, competency),
      score,
      interval: [even(rounded(raw - below)), even(rounded(raw + above))],
      answers: items.flatMap(({ answer, followUp }) =>
        (followUp === undefined ? [answer] : [answer, followUp]).map((one) => one.answerId),
      ),
      comparable: { method: "rasch-true-score", raw, items: items.map(shown) },
    };
  };

const shown = ({ answer, difficulty, part, added, followUp }: Item) => ({
  answerId: answer.answerId,
  difficulty,
  part,
  added,
  ...(followUp === undefined ? {} : { followUp: followUp.answerId }),
});

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
