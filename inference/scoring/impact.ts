import distributions from "jstat";
import { Fault } from "../../contracts/fault.ts";
import { normalBound } from "./agreement.ts";

/** How many of a category there were, and how many of them were selected (or scored above the median). */
export type Counted = { attribute: string; category: string; n: number; selected: number };

export type Impact = Counted & {
  /** selected / n; null for a category of nobody. */
  rate: number | null;
  /** The rate against the highest rate of the attribute: LL144 §5-301(b) and (c); null where no one was selected at all. */
  impactRatio: number | null;
  /** Interval of the impact ratio, 95 %: Katz, Baptista, Azen and Pike (1978); null where a zero leaves none. */
  interval: readonly [number, number] | null;
  /** Two-sided p of Fisher's exact test against the category of the highest rate; null for that category itself. */
  p: number | null;
  /** Less than 2 % of the attribute's people: LL144 §5-301(d) lets such a category be left out, here it is marked. */
  small: boolean;
};

const { jStat } = distributions;
const smallShare = 0.02;

/** Two-sided p of Fisher's exact test: the tables with these margins that are no likelier than the one seen. */
export function fisherExact(first: Pick<Counted, "n" | "selected">, second: Pick<Counted, "n" | "selected">): number {
  const population = first.n + second.n;
  const selected = first.selected + second.selected;
  const lowest = Math.max(0, selected - second.n);
  const highest = Math.min(selected, first.n);
  const chance = logHypergeometric(population, selected, first.n);
  const seen = chance(first.selected);
  let p = 0;
  for (let hits = lowest; hits <= highest; hits++) {
    const one = chance(hits);
    // A rounding error must not drop the table seen, or its twin on the other side.
    if (one <= seen + 1e-7) p += Math.exp(one);
  }
  return Math.min(1, p);
}

/** log C(n, k) by log Γ: exact enough for counts of millions, where factorials overflow. */
function logChoose(n: number, k: number): number {
  return jStat.gammaln(n + 1) - jStat.gammaln(k + 1) - jStat.gammaln(n - k + 1);
}

const logHypergeometric =
  (population: number, marked: number, drawn: number) =>
  (hits: number): number =>
    logChoose(marked, hits) + logChoose(population - marked, drawn - hits) - logChoose(population, drawn);

function ratioInterval(one: Counted, best: Counted): readonly [number, number] | null {
  if (one.selected === 0 || best.selected === 0) return null;
  const ratio = one.selected / one.n / (best.selected / best.n);
  const spread = Math.sqrt(1 / one.selected - 1 / one.n + 1 / best.selected - 1 / best.n);
  return [ratio * Math.exp(-normalBound * spread), ratio * Math.exp(normalBound * spread)];
}

/** @throws Fault use.invalid */
function checkCount({ attribute, category, n, selected }: Counted): void {
  const whole = Number.isInteger(n) && Number.isInteger(selected);
  if (!whole || n < 0 || selected < 0 || selected > n)
    throw new Fault(
      "use.invalid",
      `${attribute} ${category}: ${selected} of ${n} is no count: give whole numbers, selected no higher than n`,
    );
}

/**
 * Impact ratios of every category of every attribute, in the order given. Nothing is left out; a share of the
 * attribute's people below `excludeBelow` keeps a category from being the yardstick and from the result.
 * @throws Fault use.invalid for what is no count
 */
export function impactOf(counts: readonly Counted[], { excludeBelow = 0 }: { excludeBelow?: number } = {}): Impact[] {
  counts.forEach(checkCount);
  return [...new Set(counts.map(({ attribute }) => attribute))].flatMap((attribute) => {
    const all = counts.filter((one) => one.attribute === attribute);
    const people = all.reduce((sum, { n }) => sum + n, 0);
    const kept = all.filter(({ n }) => people === 0 || n / people >= excludeBelow);
    const rated = kept.filter(({ n }) => n > 0);
    const best = rated.reduce<Counted | undefined>(
      (found, one) => (found === undefined || one.selected / one.n > found.selected / found.n ? one : found),
      undefined,
    );
    return kept.map((one) => against(one, best, people));
  });
}

function against(one: Counted, best: Counted | undefined, people: number): Impact {
  const rate = one.n === 0 ? null : one.selected / one.n;
  const highest = best === undefined ? 0 : best.selected / best.n;
  const compared = rate !== null && best !== undefined && highest > 0;
  return {
    ...one,
    rate,
    impactRatio: compared ? rate / highest : null,
    interval: compared ? (one === best ? [1, 1] : ratioInterval(one, best)) : null,
    p: compared && one !== best ? fisherExact(one, best) : null,
    small: people > 0 && one.n / people < smallShare,
  };
}

/** One candidate: a category for each attribute ("" where it is not known), and what came of it. */
export type Candidate = {
  categories: Readonly<Record<string, string>>;
  selected: boolean | null;
  score: number | null;
};

/** The middle value; the mean of the two middle ones where their number is even. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? Number.NaN;
  return Number.isInteger(middle) ? ((sorted[middle - 1] ?? Number.NaN) + upper) / 2 : upper;
}

/** Counts by category, and by the crossing of the first two attributes and of all further ones (LL144 wants sex × race). */
export function countCandidates(
  candidates: readonly Candidate[],
  passes: (candidate: Candidate) => boolean | null,
): { counts: Counted[]; unknown: Record<string, number> } {
  const attributes = [...new Set(candidates.flatMap(({ categories }) => Object.keys(categories)))];
  const crossed =
    attributes.length > 1 ? [...attributes.map((one) => [one]), attributes] : attributes.map((one) => [one]);
  const counts: Counted[] = [];
  const unknown: Record<string, number> = {};
  for (const together of crossed) {
    const attribute = together.join(" × ");
    const found = new Map<string, Counted>();
    for (const candidate of candidates) {
      const passed = passes(candidate);
      if (passed === null) continue;
      const values = together.map((name) => candidate.categories[name] ?? "");
      if (values.includes("")) {
        unknown[attribute] = (unknown[attribute] ?? 0) + 1;
        continue;
      }
      const category = values.join(" × ");
      const one = found.get(category) ?? { attribute, category, n: 0, selected: 0 };
      found.set(category, { ...one, n: one.n + 1, selected: one.selected + (passed ? 1 : 0) });
    }
    counts.push(...[...found.values()].sort((a, b) => (a.category < b.category ? -1 : 1)));
  }
  return { counts, unknown };
}
