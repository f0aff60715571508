import distributions from "jstat";
import { Fault } from "../../contracts/fault.ts";

/** A figure with the interval that holds it with probability `confidence`. */
export type Estimate = { value: number; interval: readonly [number, number]; n: number };

/** What graders gave: a row a subject, a column a grader; null where a grader did not grade. */
export type Ratings = readonly (readonly (number | null)[])[];

const { jStat } = distributions;
export const confidence = 0.95;
/** Standard deviations of a normal distribution within which `confidence` of it lies. */
export const normalBound = jStat.normal.inv((1 + confidence) / 2, 0, 1);

const mean = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0) / values.length;
const squares = (values: readonly number[], around: number): number =>
  values.reduce((sum, one) => sum + (one - around) ** 2, 0);

/** @throws Fault use.invalid where nothing can be said: too few, of unequal length, or without any spread */
function checkPairs(first: readonly number[], second: readonly number[]): void {
  if (first.length !== second.length)
    throw new Fault("use.invalid", `each subject wants two figures: there are ${first.length} and ${second.length}`);
  if (first.length < 4)
    throw new Fault("use.invalid", `agreement wants four subjects at least, and there are ${first.length}`);
  if ([first, second].some((values) => values.some((one) => !Number.isFinite(one))))
    throw new Fault("use.invalid", "a figure is no number: leave subjects without one out");
  if ([first, second].some((values) => squares(values, mean(values)) === 0))
    throw new Fault("use.invalid", "one side gives every subject the same figure: agreement cannot be computed");
}

/** Interval of a correlation by Fisher's z; `variance` is that of z. */
function fisher(value: number, variance: number): readonly [number, number] {
  const z = Math.atanh(Math.max(-1 + 1e-12, Math.min(1 - 1e-12, value)));
  const half = normalBound * Math.sqrt(variance);
  return [Math.tanh(z - half), Math.tanh(z + half)];
}

/** Pearson's r; interval by Fisher's z (Fisher 1921), variance 1 / (n − 3). */
export function pearson(first: readonly number[], second: readonly number[]): Estimate {
  checkPairs(first, second);
  const n = first.length;
  const value = jStat.corrcoeff(first, second);
  return { value, interval: fisher(value, 1 / (n - 3)), n };
}

/** Spearman's ρ, ties at their mean rank; interval by Fisher's z with the variance (1 + ρ²/2) / (n − 3) of Bonett and Wright (2000). */
export function spearman(first: readonly number[], second: readonly number[]): Estimate {
  checkPairs(first, second);
  const n = first.length;
  const value = jStat.spearmancoeff(first, second);
  return { value, interval: fisher(value, (1 + value ** 2 / 2) / (n - 3)), n };
}

/** Shares of each pair of levels, and of each level on either side. */
function shares(first: readonly number[], second: readonly number[], levels: number) {
  const both = Array.from({ length: levels }, () => new Array<number>(levels).fill(0));
  first.forEach((level, at) => {
    const row = both[level];
    const other = second[at];
    if (row === undefined || other === undefined || row[other] === undefined)
      throw new Fault("use.invalid", `levels are whole numbers from 0 to ${levels - 1}`);
    row[other] += 1 / first.length;
  });
  const rows = both.map((row) => row.reduce((sum, one) => sum + one, 0));
  const columns = both.map((_, at) => both.reduce((sum, row) => sum + (row[at] ?? 0), 0));
  return { both, rows, columns };
}

/**
 * Cohen's κ with quadratic weights (Cohen 1968) of two graders' levels, whole numbers from 0 to `levels` − 1.
 * Interval by the large-sample variance of Fleiss, Cohen and Everitt (1969).
 */
export function quadraticKappa(
  first: readonly number[],
  second: readonly number[],
  { levels }: { levels: number },
): Estimate {
  checkPairs(first, second);
  const n = first.length;
  const { both, rows, columns } = shares(first, second, levels);
  const weight = (i: number, j: number): number => 1 - ((i - j) / (levels - 1)) ** 2;
  const over = (term: (i: number, j: number) => number): number =>
    rows.reduce((sum, _, i) => sum + columns.reduce((inner, __, j) => inner + term(i, j), 0), 0);
  const p = (i: number, j: number): number => both[i]?.[j] ?? 0;
  const expected = (i: number, j: number): number => (rows[i] ?? 0) * (columns[j] ?? 0);
  const seen = over((i, j) => weight(i, j) * p(i, j));
  const chance = over((i, j) => weight(i, j) * expected(i, j));
  const rowMean = rows.map((_, i) => columns.reduce((sum, share, j) => sum + share * weight(i, j), 0));
  const columnMean = columns.map((_, j) => rows.reduce((sum, share, i) => sum + share * weight(i, j), 0));
  const spread = over((i, j) => {
    const means = (rowMean[i] ?? 0) + (columnMean[j] ?? 0);
    return p(i, j) * (weight(i, j) * (1 - chance) - means * (1 - seen)) ** 2;
  });
  const variance = (spread - (seen * chance - 2 * chance + seen) ** 2) / (n * (1 - chance) ** 4);
  const value = (seen - chance) / (1 - chance);
  const half = normalBound * Math.sqrt(Math.max(0, variance));
  return { value, interval: [Math.max(-1, value - half), Math.min(1, value + half)], n };
}

/** Mean squares of a two-way table without replication: between subjects, between graders, and what is left. */
function meanSquares(table: readonly (readonly number[])[], graders: number) {
  const n = table.length;
  const all = table.flat();
  const grand = mean(all);
  const subjects = (graders * squares(table.map(mean), grand)) / (n - 1);
  const columns = Array.from({ length: graders }, (_, at) => mean(table.map((row) => row[at] ?? 0)));
  const between = n * squares(columns, grand);
  const rest = squares(all, grand) - subjects * (n - 1) - between;
  return { subjects, graders: between / (graders - 1), error: rest / ((n - 1) * (graders - 1)) };
}

/**
 * ICC(2,1) and ICC(2,k): absolute agreement of graders drawn from many (Shrout and Fleiss 1979), of one grader and of the
 * mean of all k; intervals by McGraw and Wong (1996). Every grader must have graded every subject.
 */
export function intraclass(ratings: Ratings): { single: Estimate; average: Estimate } {
  const graders = ratings[0]?.length ?? 0;
  const table = ratings.map((row) => row.filter((one) => one !== null));
  if (graders < 2 || table.length < 2 || table.some((row) => row.length !== graders))
    throw new Fault("use.invalid", "ICC wants two graders at least, and a grade of each for every subject");
  const n = table.length;
  const { subjects, graders: columns, error } = meanSquares(table, graders);
  const value = (subjects - error) / (subjects + (graders - 1) * error + (graders * (columns - error)) / n);
  const [low, high] = intraclassInterval({ n, graders, subjects, columns, error, value });
  const ofMean = (one: number): number => (graders * one) / (1 + (graders - 1) * one);
  return {
    single: { value, interval: [low, high], n },
    average: { value: ofMean(value), interval: [ofMean(low), ofMean(high)], n },
  };
}

type Squares = { n: number; graders: number; subjects: number; columns: number; error: number; value: number };

/** McGraw and Wong (1996), table 7, case 2 and 2A: F bounds with Satterthwaite's degrees of freedom. */
function intraclassInterval({ n, graders: k, subjects, columns, error, value }: Squares): readonly [number, number] {
  const a = (k * value) / (n * (1 - value));
  const b = 1 + (k * value * (n - 1)) / (n * (1 - value));
  const freedom =
    (a * columns + b * error) ** 2 / ((a * columns) ** 2 / (k - 1) + (b * error) ** 2 / ((n - 1) * (k - 1)));
  const share = (1 + confidence) / 2;
  const below = jStat.centralF.inv(share, n - 1, freedom);
  const above = jStat.centralF.inv(share, freedom, n - 1);
  const common = k * columns + (k * n - k - n) * error;
  return [
    (n * (subjects - below * error)) / (below * common + n * subjects),
    (n * (above * subjects - error)) / (common + n * above * subjects),
  ];
}

export type Difference = {
  /** Mean of second less first, with its interval (Student's t): what second gives too much. */
  bias: Estimate;
  /** Within these lie 95 % of the single differences: bias ± 1.96 standard deviations (Bland and Altman 1986). */
  limits: readonly [number, number];
  /** Mean of the differences, signs aside. */
  absolute: number;
  /** Bias in standard deviations of the two sides together (Williamson, Xi and Breyer 2012); above 0.15 worth a look. */
  standardised: number;
};

/** How far two sides lie apart, on their own scale. @throws Fault use.invalid as `pearson` does */
export function difference(first: readonly number[], second: readonly number[]): Difference {
  checkPairs(first, second);
  const n = first.length;
  const apart = first.map((one, at) => (second[at] ?? one) - one);
  const bias = mean(apart);
  const deviation = Math.sqrt(squares(apart, bias) / (n - 1));
  const half = (jStat.studentt.inv((1 + confidence) / 2, n - 1) * deviation) / Math.sqrt(n);
  const pooled = Math.sqrt((squares(first, mean(first)) + squares(second, mean(second))) / (2 * (n - 1)));
  return {
    bias: { value: bias, interval: [bias - half, bias + half], n },
    limits: [bias - normalBound * deviation, bias + normalBound * deviation],
    absolute: mean(apart.map(Math.abs)),
    standardised: bias / pooled,
  };
}
