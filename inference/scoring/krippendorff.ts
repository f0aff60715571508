import { Fault } from "../../contracts/fault.ts";
import { confidence, type Estimate, type Ratings } from "./agreement.ts";

export type Metric = "nominal" | "ordinal" | "interval";

/** Subjects with two grades at least: only they can be compared. */
const pairable = (ratings: Ratings): number[][] =>
  ratings.map((row) => row.filter((one) => one !== null)).filter((row) => row.length > 1);

/** How often each value stands in all pairable grades, by ascending value. */
function counts(units: readonly (readonly number[])[]): Map<number, number> {
  const sorted = units.flat().sort((a, b) => a - b);
  const found = new Map<number, number>();
  for (const value of sorted) found.set(value, (found.get(value) ?? 0) + 1);
  return found;
}

/** Squared difference of two values (Krippendorff 2011, section E). */
function difference(metric: Metric, count: ReadonlyMap<number, number>): (a: number, b: number) => number {
  if (metric === "nominal") return (a, b) => (a === b ? 0 : 1);
  if (metric === "interval") return (a, b) => (a - b) ** 2;
  const values = [...count];
  return (a, b) => {
    const [low, high] = a < b ? [a, b] : [b, a];
    const between = values.reduce((sum, [value, times]) => (value >= low && value <= high ? sum + times : sum), 0);
    return a === b ? 0 : (between - ((count.get(low) ?? 0) + (count.get(high) ?? 0)) / 2) ** 2;
  };
}

function alphaOf(units: readonly (readonly number[])[], metric: Metric): number {
  const count = counts(units);
  const apart = difference(metric, count);
  const total = units.reduce((sum, unit) => sum + unit.length, 0);
  const pairs = (values: readonly number[]): number =>
    values.reduce((sum, a, at) => sum + values.slice(at + 1).reduce((inner, b) => inner + 2 * apart(a, b), 0), 0);
  const seen = units.reduce((sum, unit) => sum + pairs(unit) / (unit.length - 1), 0);
  const values = [...count];
  const expected = values.reduce(
    (sum, [a, timesA]) => sum + values.reduce((inner, [b, timesB]) => inner + timesA * timesB * apart(a, b), 0),
    0,
  );
  return expected === 0 ? Number.NaN : 1 - ((total - 1) * seen) / expected;
}

/**
 * Krippendorff's α (Computing Krippendorff's Alpha-Reliability, 2011) of any number of graders, with grades missing.
 * The interval is taken from `draws` samples of subjects with replacement; `random` gives numbers in 0 to 1.
 * @throws Fault use.invalid where no two grades can be compared or all are the same
 */
export function krippendorffAlpha(
  ratings: Ratings,
  { metric, random, draws = 1000 }: { metric: Metric; random: () => number; draws?: number },
): Estimate {
  const units = pairable(ratings);
  const value = alphaOf(units, metric);
  if (units.length === 0 || Number.isNaN(value))
    throw new Fault("use.invalid", "α wants subjects with two grades at least, and grades that differ");
  const drawn = Array.from({ length: draws }, () =>
    alphaOf(
      units.map(() => units[Math.floor(random() * units.length)] ?? []),
      metric,
    ),
  )
    .filter((one) => !Number.isNaN(one))
    .sort((a, b) => a - b);
  const at = (share: number): number => drawn[Math.min(drawn.length - 1, Math.floor(share * drawn.length))] ?? value;
  return { value, interval: [at((1 - confidence) / 2), at((1 + confidence) / 2)], n: units.length };
}
