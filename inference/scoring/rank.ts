import type { Interval } from "../../contracts/scoring.ts";

/** One input of a composite: `from` counts as 0, `to` as 1, what lies outside is cut. */
export type Factor = { name: string; weight: number; from: number; to: number };

/** Of six decimals: who recomputes it gets the same figure, and what reads the same ties. */
const rounded = (value: number): number => Math.round(value * 1e6) / 1e6;

export const compositeFormula = "sum(weight * clip((value - from) / (to - from), 0, 1)) / sum(weight), to 6 decimals";

/** `compositeFormula`, 0 to 1; null where a value is missing: what is not known is not zero. */
export function composite(
  factors: readonly Factor[],
  values: Readonly<Record<string, number | null | undefined>>,
): number | null {
  let [sum, whole] = [0, 0];
  for (const { name, weight, from, to } of factors) {
    const value = values[name] ?? null;
    if (value === null) return null;
    sum += weight * Math.min(1, Math.max(0, (value - from) / (to - from)));
    whole += weight;
  }
  return whole > 0 ? rounded(sum / whole) : null;
}

export type Rankable = { score: number; interval: Interval };
export type Ranked<T> = T & {
  /** Equal scores share the best rank of their group: 1, 2, 2, 4. */
  rank: number;
  shortlisted: boolean;
  /** Best and worst rank whose interval overlaps this one: not distinguishable from those. */
  indistinct: { best: number; worst: number };
  /** Its interval overlaps one on the other side of the shortlist's border. */
  atBorder: boolean;
};

/** Below this a rank says little. */
export const smallest = 5;

const overlaps = ([low, high]: Interval, [otherLow, otherHigh]: Interval): boolean =>
  low <= otherHigh && otherLow <= high;

/**
 * Best first. Shortlisted are the ranks up to `ceil(share * n)`: a tie at the border is in as a whole. Overlap of
 * intervals is a cautious test: two that do not overlap differ, two that do may differ all the same.
 */
export function shortlist<T extends Rankable>(all: readonly T[], share: number): Ranked<T>[] {
  const wanted = Math.ceil(rounded(share * all.length));
  const placed = all
    .toSorted((a, b) => b.score - a.score)
    .map((one) => ({ ...one, rank: 1 + all.filter(({ score }) => score > one.score).length }));
  return placed.map((one) => {
    const alike = placed.filter(({ interval }) => overlaps(interval, one.interval)).map(({ rank }) => rank);
    const [best, worst] = [Math.min(one.rank, ...alike), Math.max(one.rank, ...alike)];
    const shortlisted = one.rank <= wanted;
    const atBorder = alike.some((rank) => rank <= wanted !== shortlisted);
    return { ...one, shortlisted, indistinct: { best, worst }, atBorder };
  });
}

/** `below`: surely, also at its interval's upper end; `unsure`: the interval holds the threshold. It decides nothing. */
export type Flag = "reached" | "unsure" | "below" | "unknown";

export function flagOf(score: number | null, [low, high]: Interval, threshold: number): Flag {
  if (score === null) return "unknown";
  if (low >= threshold) return "reached";
  return high < threshold ? "below" : "unsure";
}
