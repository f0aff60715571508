import { asFault } from "../../contracts/fault.ts";
import {
  type Difference,
  difference,
  type Estimate,
  intraclass,
  pearson,
  quadraticKappa,
  type Ratings,
  spearman,
} from "./agreement.ts";
import { krippendorffAlpha } from "./krippendorff.ts";
import { seeded } from "./seeded.ts";

/**
 * The machine beside human raters, over the same candidates. All figures are 0 to 1. What is asked for in the field:
 * agreement with people no worse than people's among themselves by more than 0.1, quadratic κ and r of 0.7, and means less
 * than 0.15 standard deviations apart (Williamson, Xi and Breyer 2012).
 */
export type PilotRow = {
  candidate: string;
  competency: string;
  machine: number | null;
  raters: readonly (number | null)[];
};

/** A figure, or why there is none. */
export type Figure<T> = { estimate: T } | { reason: string };

export type PilotResult = {
  competency: string;
  /** Candidates with a figure of the machine and of one person at least. */
  n: number;
  /** Fewer candidates than a decision should rest on. */
  small: boolean;
  /** The machine against the mean of the people. */
  machine: {
    pearson: Figure<Estimate>;
    spearman: Figure<Estimate>;
    kappa: Figure<Estimate>;
    /** Absolute agreement of the machine with the people's mean. */
    icc: Figure<Estimate>;
    difference: Figure<Difference>;
  };
  /** People among themselves. */
  people: {
    raters: number;
    /** ICC(2,1) and ICC(2,k), over candidates whom every rater rated. */
    single: Figure<Estimate>;
    average: Figure<Estimate>;
    alpha: Figure<Estimate>;
  };
  /** α with the machine as one more rater: about what it is among people, where the machine rates as they do. */
  together: Figure<Estimate>;
  /** Whether each thing asked for holds; null where it cannot be said. */
  holds: { kappa: boolean | null; pearson: boolean | null; apart: boolean | null; degradation: boolean | null };
};

/** Below this the 95 % interval of r = 0.7 is wider than 0.4: a coin's worth of evidence. */
export const smallPilot = 30;
const asked = { agreement: 0.7, apart: 0.15, degradation: 0.1 };

const mean = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0) / values.length;
const known = (values: readonly (number | null)[]): number[] => values.filter((one) => one !== null);

function figure<T>(compute: () => T): Figure<T> {
  try {
    return { estimate: compute() };
  } catch (error) {
    const fault = asFault(error);
    if (fault.code !== "use.invalid") throw error;
    return { reason: fault.message };
  }
}

const figureOf = (one: Figure<Estimate>): number | null => ("estimate" in one ? one.estimate.value : null);

type Options = { levels: number; seed: number };

type Rated = { machine: number; people: number; raters: readonly (number | null)[] };

const alphaOf = (ratings: Ratings, seed: number): Figure<Estimate> =>
  figure(() => krippendorffAlpha(ratings, { metric: "interval", random: seeded(seed) }));

/** The machine against the people's mean. `levels`: into how many equal steps κ cuts the scale. */
function againstPeople(rated: readonly Rated[], { levels }: Options): PilotResult["machine"] {
  const [first, second] = [rated.map((one) => one.people), rated.map((one) => one.machine)];
  const toLevel = (value: number): number => Math.round(value * (levels - 1));
  return {
    pearson: figure(() => pearson(first, second)),
    spearman: figure(() => spearman(first, second)),
    kappa: figure(() => quadraticKappa(first.map(toLevel), second.map(toLevel), { levels })),
    icc: figure(() => intraclass(rated.map((one) => [one.people, one.machine])).single),
    difference: figure(() => difference(first, second)),
  };
}

function amongPeople(rated: readonly Rated[], raters: number, { seed }: Options): PilotResult["people"] {
  const ratings = rated.map((one) => one.raters);
  const complete = ratings.filter((row) => known(row).length === raters);
  return {
    raters,
    single: figure(() => intraclass(complete).single),
    average: figure(() => intraclass(complete).average),
    alpha: alphaOf(ratings, seed),
  };
}

function holdsOf({
  machine,
  people,
  together,
}: Pick<PilotResult, "machine" | "people" | "together">): PilotResult["holds"] {
  const reaches = (one: Figure<Estimate>): boolean | null => {
    const value = figureOf(one);
    return value === null ? null : value >= asked.agreement;
  };
  const apart = machine.difference;
  const [alone, joined] = [figureOf(people.alpha), figureOf(together)];
  return {
    kappa: reaches(machine.kappa),
    pearson: reaches(machine.pearson),
    apart: "estimate" in apart ? Math.abs(apart.estimate.standardised) < asked.apart : null,
    degradation: alone === null || joined === null ? null : alone - joined <= asked.degradation,
  };
}

function compare(competency: string, rows: readonly PilotRow[], options: Options): PilotResult {
  const rated = rows.flatMap(({ machine, raters }): Rated[] =>
    machine === null || known(raters).length === 0 ? [] : [{ machine, people: mean(known(raters)), raters }],
  );
  const figures = {
    machine: againstPeople(rated, options),
    people: amongPeople(rated, Math.max(0, ...rows.map((one) => one.raters.length)), options),
    together: alphaOf(
      rated.map((one) => [...one.raters, one.machine]),
      options.seed,
    ),
  };
  return { competency, n: rated.length, small: rated.length < smallPilot, ...figures, holds: holdsOf(figures) };
}

export const totalName = "total";

/** The mean of a candidate's competencies by weight (equal without weights), where all of them are there. */
function totalsOf(rows: readonly PilotRow[], weights: Readonly<Record<string, number>> | undefined): PilotRow[] {
  const competencies = [...new Set(rows.map((one) => one.competency))];
  const sum = (values: readonly (number | null)[]): number | null => {
    if (values.some((one) => one === null)) return null;
    const share = competencies.map((one) => weights?.[one] ?? 1);
    const whole = share.reduce((total, one) => total + one, 0);
    return values.reduce<number>((total, one, at) => total + (one ?? 0) * (share[at] ?? 0), 0) / whole;
  };
  return [...new Set(rows.map((one) => one.candidate))].flatMap((candidate) => {
    const own = competencies.map((name) => rows.find((one) => one.candidate === candidate && one.competency === name));
    if (own.some((one) => one === undefined)) return [];
    const raters = Math.max(...own.map((one) => one?.raters.length ?? 0));
    return [
      {
        candidate,
        competency: totalName,
        machine: sum(own.map((one) => one?.machine ?? null)),
        raters: Array.from({ length: raters }, (_, at) => sum(own.map((one) => one?.raters[at] ?? null))),
      },
    ];
  });
}

/**
 * Per competency in the order of the rows, and for the total: rows named "total" where there are any, else the weighted
 * mean of each candidate's competencies.
 */
export function pilotOf(
  rows: readonly PilotRow[],
  {
    levels = 5,
    seed = 1,
    weights,
  }: { levels?: number; seed?: number; weights?: Readonly<Record<string, number>> } = {},
): PilotResult[] {
  const names = [...new Set(rows.map((one) => one.competency))].filter((one) => one !== totalName);
  const given = rows.filter((one) => one.competency === totalName);
  const totals = given.length > 0 ? given : totalsOf(rows, weights);
  return [
    ...names.map((name) =>
      compare(
        name,
        rows.filter((one) => one.competency === name),
        { levels, seed },
      ),
    ),
    compare(totalName, totals, { levels, seed }),
  ];
}
