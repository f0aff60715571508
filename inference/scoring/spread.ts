import jstatLibrary from "jstat";
import { confidence } from "./agreement.ts";

/**
 * Counterfactual fairness: the same answer, recorded otherwise, should score the same. Scores are 0 to 1 here, spreads are
 * in points of 100. Null is a score that was not given (it goes to a person): it is counted and enters no spread.
 */
export type Rescored = {
  answerId: string;
  /** What was changed: "speed", "pitch", … */
  group: string;
  /** How it was changed: "tempo 0.8". */
  variant: string;
  /** Recogniser and scorer ran on the changed recording. */
  endToEnd: number | null;
  /** Scored with what the recogniser heard in the original, and all else from the changed recording. */
  sameTranscript: number | null;
};

/** The most points that a change may move a score. */
export type Limits = { endToEnd: number; sameTranscript: number };
export const fairnessLimits: Limits = { endToEnd: 5, sameTranscript: 2 };

export type Measure = keyof Limits;
export const measures: readonly Measure[] = ["endToEnd", "sameTranscript"];

export type AnswerSpread = {
  answerId: string;
  original: number | null;
  /** Highest less lowest over the original and its variants; null where fewer than two have a score. */
  endToEnd: number | null;
  sameTranscript: number | null;
  variants: number;
  unscored: number;
  over: Measure[];
};

export type GroupSpread = {
  group: string;
  answers: number;
  variants: number;
  unscored: number;
  endToEnd: GroupFigures | null;
  sameTranscript: GroupFigures | null;
  over: Measure[];
};
export type GroupFigures = {
  /** Mean of the answers' spreads within the group, original included. */
  mean: number;
  /** The largest, and whose it is. */
  largest: number;
  answerId: string;
  /** Mean of variant less original: below 0 the change costs points. */
  shift: number;
};

const hundred = (value: number): number => Math.round(value * 1000) / 10;
const mean = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0) / values.length;

function range(scores: readonly (number | null)[]): number | null {
  const given = scores.filter((one) => one !== null);
  return given.length < 2 ? null : hundred(Math.max(...given) - Math.min(...given));
}

const overIn = (spread: Record<Measure, number | null>, limits: Limits): Measure[] =>
  measures.filter((one) => (spread[one] ?? 0) > limits[one]);

export type Originals = ReadonlyMap<string, number | null>;

/** Each answer's spread, in the order of `originals`. */
export function spreadByAnswer(
  originals: Originals,
  rescored: readonly Rescored[],
  limits: Limits = fairnessLimits,
): AnswerSpread[] {
  return [...originals].map(([answerId, original]) => {
    const own = rescored.filter((one) => one.answerId === answerId);
    const spread = {
      endToEnd: range([original, ...own.map((one) => one.endToEnd)]),
      sameTranscript: range([original, ...own.map((one) => one.sameTranscript)]),
    };
    const unscored = own.filter((one) => one.endToEnd === null).length;
    return { answerId, original, ...spread, variants: own.length, unscored, over: overIn(spread, limits) };
  });
}

function figuresOf(own: readonly Rescored[], originals: Originals, measure: Measure): GroupFigures | null {
  const answers = [...new Set(own.map((one) => one.answerId))];
  const spreads = answers.flatMap((answerId) => {
    const scores = own.filter((one) => one.answerId === answerId).map((one) => one[measure]);
    const spread = range([originals.get(answerId) ?? null, ...scores]);
    return spread === null ? [] : [{ answerId, spread }];
  });
  const shifts = own.flatMap((one) => {
    const [from, to] = [originals.get(one.answerId) ?? null, one[measure]];
    return from === null || to === null ? [] : [to - from];
  });
  const widest = spreads.reduce<(typeof spreads)[number] | undefined>(
    (most, one) => (most === undefined || one.spread > most.spread ? one : most),
    undefined,
  );
  if (widest === undefined) return null;
  return {
    mean: Math.round(mean(spreads.map((one) => one.spread)) * 10) / 10,
    largest: widest.spread,
    answerId: widest.answerId,
    shift: shifts.length === 0 ? 0 : hundred(mean(shifts)),
  };
}

/** The spread within each group of variants, in the order the groups first appear. A group is over where one answer is. */
export function spreadByGroup(
  originals: Originals,
  rescored: readonly Rescored[],
  limits: Limits = fairnessLimits,
): GroupSpread[] {
  return [...new Set(rescored.map((one) => one.group))].map((group) => {
    const own = rescored.filter((one) => one.group === group);
    const found = {
      endToEnd: figuresOf(own, originals, "endToEnd"),
      sameTranscript: figuresOf(own, originals, "sameTranscript"),
    };
    const largest = {
      endToEnd: found.endToEnd?.largest ?? null,
      sameTranscript: found.sameTranscript?.largest ?? null,
    };
    return {
      group,
      answers: new Set(own.map((one) => one.answerId)).size,
      variants: own.length,
      unscored: own.filter((one) => one.endToEnd === null).length,
      ...found,
      over: overIn(largest, limits),
    };
  });
}

/** One recording of a person of a known group; `words` is the same for recordings that say the same thing. */
export type Spoken = { words: string; category: string; score: number | null };

export type CategoryFigures = {
  category: string;
  n: number;
  unscored: number;
  /** Mean of score less the mean of all recordings of the same words, in points, with its interval; null below two. */
  shift: number | null;
  interval: readonly [number, number] | null;
};
export type Matched = {
  attribute: string;
  /** Sets of recordings that say the same words in more than one category. */
  sets: number;
  categories: CategoryFigures[];
  /** Highest mean shift less the lowest; null where nothing can be compared. */
  apart: number | null;
  over: boolean;
};

const { jStat } = jstatLibrary;

function categoryFigures(category: string, shifts: readonly number[], unscored: number): CategoryFigures {
  const n = shifts.length;
  const base = { category, n, unscored };
  if (n === 0) return { ...base, shift: null, interval: null };
  const middle = mean(shifts);
  if (n < 2) return { ...base, shift: hundred(middle), interval: null };
  const deviation = Math.sqrt(shifts.reduce((sum, one) => sum + (one - middle) ** 2, 0) / (n - 1));
  const half = (jStat.studentt.inv((1 + confidence) / 2, n - 1) * deviation) / Math.sqrt(n);
  return { ...base, shift: hundred(middle), interval: [hundred(middle - half), hundred(middle + half)] };
}

/**
 * People of several groups who say the same words: how far each group's scores lie from the mean of all who said them.
 * Words that only one category said are left out, since what was said would be compared, not who said it. Intervals are
 * Student's t.
 */
export function spreadByCategory(
  attribute: string,
  spoken: readonly Spoken[],
  limit: number = fairnessLimits.endToEnd,
): Matched {
  const sets = [...new Set(spoken.map((one) => one.words))]
    .map((words) => spoken.filter((one) => one.words === words))
    .filter((set) => new Set(set.flatMap((one) => (one.score === null ? [] : [one.category]))).size > 1);
  const shifts = sets.flatMap((set) => {
    const scored = set.flatMap((one) => (one.score === null ? [] : [{ category: one.category, score: one.score }]));
    // The mean of the categories' means: a category with more recordings must not be its own yardstick.
    const categories = [...new Set(scored.map((one) => one.category))];
    const centre = mean(
      categories.map((name) => mean(scored.filter((one) => one.category === name).map((one) => one.score))),
    );
    return scored.map((one) => ({ category: one.category, shift: one.score - centre }));
  });
  const categories = [...new Set(spoken.map((one) => one.category))].map((category) =>
    categoryFigures(
      category,
      shifts.filter((one) => one.category === category).map((one) => one.shift),
      spoken.filter((one) => one.category === category && one.score === null).length,
    ),
  );
  const known = categories.flatMap((one) => (one.shift === null ? [] : [one.shift]));
  const apart = known.length < 2 ? null : Math.round((Math.max(...known) - Math.min(...known)) * 10) / 10;
  return { attribute, sets: sets.length, categories, apart, over: (apart ?? 0) > limit };
}
