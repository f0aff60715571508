import type { Outcome, ProposedWeight, WeightProposal } from "../../contracts/calibration.ts";
import { Fault } from "../../contracts/fault.ts";
import type { Rubric } from "../../contracts/rubric.ts";
import { contentHash } from "../../runtime/canonical.ts";
import { confidence, pearson } from "./agreement.ts";
import { projected, ridge } from "./ridge.ts";
import { seeded } from "./seeded.ts";

/** What a calibration may do. Weights are in percent. */
export type CalibrationOptions = {
  seed?: number;
  draws?: number;
  /** The most that one weight may move in one proposal. */
  largestChange?: number;
  /** The current weights count as much as so many candidates. */
  priorCandidates?: number;
};

/** Fewer candidates than this, or than ten a competency, say nothing that the weights should follow. */
export const leastOutcomes = { candidates: 50, perCompetency: 10 } as const;
const defaults = { seed: 1, draws: 1000, largestChange: 5, priorCandidates: 50 } as const;
/** No competency is weighed away: it would be asked for, and count for nothing. */
const leastWeight = 1;
/** Weights are proposed in tenths of a percent. */
const tenths = 10;

type Data = { rows: readonly (readonly number[])[]; target: readonly number[] };

const sumOf = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0);
const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, one, at) => sum + one * (b[at] ?? 0), 0);
const spreadOf = (values: readonly number[]): number => {
  const mean = sumOf(values) / values.length;
  return sumOf(values.map((one) => (one - mean) ** 2));
};

/** @throws Fault use.invalid with the reason */
function dataOf(rubric: Rubric, outcomes: readonly Outcome[]): Data {
  const ids = rubric.competencies.map((one) => one.id);
  const least = Math.max(leastOutcomes.candidates, leastOutcomes.perCompetency * ids.length);
  const refs = new Set(outcomes.map((one) => one.candidateRef));
  if (refs.size < outcomes.length)
    throw new Fault("use.invalid", "a candidate stands twice among the outcomes: give each one row", {
      field: "candidateRef",
    });
  if (ids.length < 2)
    throw new Fault("use.invalid", "the rubric has one competency: there is nothing to weigh against each other");
  if (outcomes.length < least)
    throw new Fault(
      "use.invalid",
      `there are ${outcomes.length} outcomes, and ${least} are needed for ${ids.length} competencies: with fewer, chance would set the weights; collect more`,
    );
  const rows = outcomes.map(({ candidateRef, competencies }) =>
    ids.map((id) => {
      const score = competencies[id];
      if (score === undefined)
        throw new Fault(
          "use.invalid",
          `the candidate ${candidateRef} has no score for ${id}: leave candidates out whose score is not whole`,
          {
            field: id,
          },
        );
      return score;
    }),
  );
  const target = outcomes.map((one) => one.outcome);
  if (spreadOf(target) === 0)
    throw new Fault("use.invalid", "every outcome is the same: there is nothing to learn from", { field: "outcome" });
  const flat = ids.find((_, at) => spreadOf(rows.map((row) => row[at] ?? 0)) === 0);
  if (flat !== undefined)
    throw new Fault("use.invalid", `every candidate has the same score for ${flat}: its weight cannot be told`, {
      field: flat,
    });
  return { rows, target };
}

/** How much of the outcome one point of the total goes with. */
function slopeOf({ rows, target }: Data, weights: readonly number[]): number {
  const totals = rows.map((row) => dot(row, weights));
  const mean = sumOf(totals) / totals.length;
  const level = sumOf(target) / target.length;
  return sumOf(totals.map((one, at) => (one - mean) * ((target[at] ?? 0) - level))) / spreadOf(totals);
}

/** Weights that the outcomes ask for, drawn towards the current ones, in percent; undefined where nothing positive is left. */
function fitted(data: Data, current: readonly number[], priorCandidates: number): number[] | undefined {
  const slope = slopeOf(data, current);
  if (!(slope > 0)) return undefined;
  const variance = sumOf(current.map((_, at) => spreadOf(data.rows.map((row) => row[at] ?? 0)))) / current.length;
  const penalty = (priorCandidates * variance) / data.rows.length;
  const prior = current.map((one) => one * slope);
  const positive = ridge(data.rows, data.target, { prior, penalty }).map((one) => Math.max(0, one));
  const sum = sumOf(positive);
  return sum > 0 ? positive.map((one) => (100 * one) / sum) : undefined;
}

/** Held to the bounds, summing to 100, in tenths: what rounding leaves goes where it moves a weight least, within its bounds. */
function bounded(wanted: readonly number[], current: readonly number[], largestChange: number): number[] {
  // On the grid of tenths themselves, so that rounding cannot leave them.
  const bounds = current.map((one) => {
    const low = Math.min(one, Math.max(leastWeight, one - largestChange));
    const high = Math.min(100, one + largestChange);
    return [Math.ceil(low * tenths - 1e-6) / tenths, Math.floor(high * tenths + 1e-6) / tenths] as const;
  });
  const exact = projected(wanted, bounds, 100);
  const down = exact.map((one) => Math.floor(one * tenths + 1e-6));
  let rest = Math.round(100 * tenths) - sumOf(down);
  const byRemainder = exact
    .map((one, at) => ({ at, remainder: one * tenths - (down[at] ?? 0) }))
    .sort((a, b) => b.remainder - a.remainder || a.at - b.at);
  for (const { at } of byRemainder) {
    if (rest <= 0) break;
    down[at] = (down[at] ?? 0) + 1;
    rest -= 1;
  }
  return down.map((one) => one / tenths);
}

const draw = (n: number, random: () => number): number[] => Array.from({ length: n }, () => Math.floor(random() * n));
const pick = ({ rows, target }: Data, at: readonly number[]): Data => ({
  rows: at.map((one) => rows[one] ?? []),
  target: at.map((one) => target[one] ?? 0),
});

function correlation({ rows, target }: Data, weights: readonly number[]): number | undefined {
  const totals = rows.map((row) => dot(row, weights));
  return rows.length < 4 || spreadOf(totals) === 0 || spreadOf(target) === 0
    ? undefined
    : pearson(totals, target).value;
}

const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
const middle95 = (values: readonly number[]): [number, number] => {
  const sorted = [...values].sort((a, b) => a - b);
  return [quantile(sorted, (1 - confidence) / 2), quantile(sorted, (1 + confidence) / 2)];
};
const rounded = (value: number, digits: number): number => Math.round(value * 10 ** digits) / 10 ** digits;

type Drawn = { weights: number[]; before: number; after: number };

/** Fits on samples of the candidates with replacement; r is taken over those that were not drawn. */
function bootstrap(data: Data, current: readonly number[], settings: Required<CalibrationOptions>): Drawn[] {
  const random = seeded(settings.seed);
  const all = data.rows.map((_, at) => at);
  return Array.from({ length: settings.draws }, () => draw(all.length, random)).flatMap((drawn) => {
    const weights = fitted(pick(data, drawn), current, settings.priorCandidates);
    if (weights === undefined) return [];
    const kept = new Set(drawn);
    const unseen = pick(
      data,
      all.filter((one) => !kept.has(one)),
    );
    const before = correlation(unseen, current);
    const after = correlation(unseen, bounded(weights, current, settings.largestChange));
    return before === undefined || after === undefined ? [] : [{ weights, before, after }];
  });
}

const mean = (values: readonly number[]): number => sumOf(values) / values.length;

function weightsOf(
  rubric: Rubric,
  { best, proposed, drawn }: { best: readonly number[]; proposed: readonly number[]; drawn: readonly Drawn[] },
): ProposedWeight[] {
  return rubric.competencies.map(({ id, weight }, at) => {
    const [low, high] = middle95(drawn.map((one) => one.weights[at] ?? 0));
    return {
      competency: id,
      current: weight,
      fitted: rounded(best[at] ?? 0, 2),
      interval: [rounded(low, 2), rounded(high, 2)],
      proposed: proposed[at] ?? 0,
    };
  });
}

/** r of total and outcome over candidates that were not drawn, before and after, and what the change gains. */
function fitOf(drawn: readonly Drawn[]): WeightProposal["fit"] {
  const gains = drawn.map((one) => one.after - one.before);
  const [low, high] = middle95(gains);
  return {
    current: rounded(mean(drawn.map((one) => one.before)), 4),
    proposed: rounded(mean(drawn.map((one) => one.after)), 4),
    gain: rounded(mean(gains), 4),
    interval: [rounded(low, 4), rounded(high, 4)],
  };
}

/**
 * New weights for the rubric from what became of candidates: ridge regression towards the current weights, none moved by
 * more than `largestChange` percent, sum 100, intervals by bootstrap. Pure: the same outcomes and seed give the same proposal.
 * @throws Fault use.invalid with the reason: too few outcomes, no spread, or a total that does not go with the outcome
 */
export function proposeWeights(
  rubric: Rubric,
  outcomes: readonly Outcome[],
  options: CalibrationOptions = {},
): WeightProposal {
  const settings = { ...defaults, ...options };
  const data = dataOf(rubric, outcomes);
  const current = rubric.competencies.map((one) => one.weight);
  const best = fitted(data, current, settings.priorCandidates);
  if (best === undefined)
    throw new Fault(
      "use.invalid",
      "the total does not rise with the outcome: other weights would not mend that; look at questions, anchors and outcomes first",
      { field: "outcome" },
    );
  const proposed = bounded(best, current, settings.largestChange);
  const drawn = bootstrap(data, current, settings);
  if (drawn.length < settings.draws / 2)
    throw new Fault("use.invalid", "in most samples the total does not rise with the outcome: collect more outcomes");
  const fit = fitOf(drawn);
  return {
    type: "candor.weightProposal",
    version: 1,
    basedOn: { id: rubric.id, version: rubric.version, hash: contentHash(rubric) },
    candidates: outcomes.length,
    weights: weightsOf(rubric, { best, proposed, drawn }),
    fit,
    advised: fit.interval[0] > 0,
    settings,
    rubric: weighed(rubric, proposed, rubric.version + 1),
  };
}

const weighed = (rubric: Rubric, weights: readonly number[], version: number): Rubric => ({
  ...rubric,
  version,
  competencies: rubric.competencies.map((one, at) => ({ ...one, weight: weights[at] ?? one.weight })),
});

/**
 * The rubric of an approved proposal. `current` must be the one it was made for, unchanged since.
 * @throws Fault rubric.reference
 */
export function approveWeights(proposal: WeightProposal, current: Rubric): Rubric {
  const { basedOn, weights } = proposal;
  if (contentHash(current) !== basedOn.hash)
    throw new Fault(
      "rubric.reference",
      `the proposal was made for ${basedOn.id} version ${basedOn.version} as it was then, and this rubric is another: make a new proposal`,
      { field: "basedOn.hash" },
    );
  const proposed = current.competencies.map(
    ({ id }) => weights.find((one) => one.competency === id)?.proposed ?? Number.NaN,
  );
  const made = weighed(current, proposed, current.version + 1);
  if (contentHash(made) !== contentHash(proposal.rubric))
    throw new Fault(
      "rubric.reference",
      "the proposal's rubric is not the current one with the proposed weights: make a new proposal",
      {
        field: "rubric",
      },
    );
  return made;
}

/** Takes an approved proposal back: the weights of before, under a version that was never used. @throws Fault rubric.reference */
export function revertWeights(proposal: WeightProposal, current: Rubric): Rubric {
  const { weights } = proposal;
  const same = current.id === proposal.rubric.id && current.version >= proposal.rubric.version;
  const before = current.competencies.map(({ id }) => weights.find((one) => one.competency === id)?.current);
  if (!same || before.length !== weights.length || before.some((one) => one === undefined))
    throw new Fault("rubric.reference", "the proposal is not of this rubric: there is nothing of it to take back", {
      field: "basedOn",
    });
  return weighed(
    current,
    before.map((one) => one ?? 0),
    current.version + 1,
  );
}
