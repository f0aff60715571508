import { middleDifficulty } from "../../contracts/plan.ts";
import { route } from "./weights.ts";

const logistic = (value: number): number => 1 / (1 + Math.exp(-value));

/** What someone of this ability (logits) is expected to score on a question of this difficulty, 0 to 1. */
export const expectedScore = (ability: number, difficulty: number): number =>
  logistic(ability - route.logitsPerStep * (difficulty - middleDifficulty));

/** Abilities beyond this many logits cannot be told apart by a score held to 0.98. */
const widest = 12;
const halvings = 60;

/** The ability at which the expected mean over these difficulties is `score` (between 0 and 1, both excluded). */
function abilityFor(score: number, difficulties: readonly number[]): number {
  let [low, high] = [-widest, widest];
  for (let step = 0; step < halvings; step++) {
    const middle = (low + high) / 2;
    const mean = difficulties.reduce((sum, one) => sum + expectedScore(middle, one), 0) / difficulties.length;
    if (mean < score) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/**
 * The score on questions of middle difficulty that says the same of a candidate as this mean over questions of these
 * difficulties: true-score equating under the Rasch model (Kolen and Brennan, Test Equating, Scaling, and Linking, 2014,
 * 6.5), with the difficulties as stated. 0 stays 0; questions of middle difficulty leave every score as it is; a higher
 * mean never gives a lower score. Above `route.ceiling` no ability can be told, so the curve goes on straight.
 */
export function comparableScore(mean: number, difficulties: readonly number[]): number {
  if (mean <= 0 || difficulties.every((one) => one === middleDifficulty)) return mean;
  const held = Math.min(mean, route.ceiling);
  const equated = expectedScore(abilityFor(held, difficulties), middleDifficulty);
  return Math.min(1, equated * (mean / held));
}
