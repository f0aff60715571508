import jstatLibrary from "jstat";
import type { Interval } from "../../contracts/scoring.ts";

const { jStat } = jstatLibrary;

/** Fewer people than this in a cell could be recognised. */
export const anonymityFloor = 5;

/**
 * Which counts stay hidden: those of 1 to `floor - 1`; and, so that no difference from their shown sum tells one, the
 * smallest others until at least two are hidden and those hold `floor` together. Zeros are shown.
 * `sum`: whether the sum may be shown; not where too few others are there to hide behind.
 */
export function withheld(counts: readonly number[], floor = anonymityFloor): { hidden: boolean[]; sum: boolean } {
  const hidden = counts.map((count) => count > 0 && count < floor);
  const others = counts.map((_, at) => at).filter((at) => (counts[at] ?? 0) >= floor);
  const spare = others.toSorted((a, b) => (counts[a] ?? 0) - (counts[b] ?? 0));
  const enough = (): boolean => {
    const held = counts.filter((_, at) => hidden[at]);
    return held.length === 0 || (held.length > 1 && held.reduce((sum, count) => sum + count, 0) >= floor);
  };
  for (const at of spare) {
    if (enough()) break;
    hidden[at] = true;
  }
  return { hidden, sum: enough() };
}

/** Mean and its 95 % interval by Student's t (mean ± t(0.975, n - 1) · s / √n), cut to 0 to 1; below two values nothing is known. */
export function meanOf(values: readonly number[]): { mean: number; interval: Interval } | null {
  const n = values.length;
  if (n < 2) return null;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1));
  const half = (jStat.studentt.inv(0.975, n - 1) * deviation) / Math.sqrt(n);
  return { mean, interval: [Math.max(0, mean - half), Math.min(1, mean + half)] };
}

/** Wilson's 95 % score interval of a share (E. B. Wilson, JASA 22, 1927). */
export function shareInterval(hits: number, n: number): Interval {
  if (n === 0) return [0, 1];
  const z = jStat.normal.inv(0.975, 0, 1);
  const [share, square] = [hits / n, z * z];
  const middle = (share + square / (2 * n)) / (1 + square / n);
  const half = (z / (1 + square / n)) * Math.sqrt((share * (1 - share)) / n + square / (4 * n * n));
  return [Math.max(0, middle - half), Math.min(1, middle + half)];
}
