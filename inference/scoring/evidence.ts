import type { Localized } from "../../contracts/language.ts";
import type { Word } from "../../contracts/observation.ts";
import type { Question, Rubric } from "../../contracts/rubric.ts";
import type { Evidence } from "../../contracts/scoring.ts";
import { type Clause, normalise } from "./text.ts";

/** What one rule found: points on the scale 0 to 1 of a competency (null: of every competency of the question). */
export type Finding = {
  competency: string | null;
  clause: Clause | null;
  rule: string;
  points: number;
  /** What exactly was told, where it can be missing (contracts/scoring.ts, `point`). */
  point?: string | undefined;
  explanation: Localized;
  /** Shown also where it weighs nothing. */
  always?: boolean;
};

/** A finding for every competency of the question. */
export function found(
  clause: Clause | null,
  said: { rule: string; points: number; point?: string; zh: string; en: string },
): Finding {
  return {
    competency: null,
    clause,
    rule: said.rule,
    points: said.points,
    point: said.point,
    explanation: { "zh-CN": said.zh, en: said.en },
  };
}

/** A competency of a question and its share of the question's score; the shares sum to 1. */
export type Share = { competency: string; share: number };

/** The competencies a question counts towards, in the rubric's order, shared out by their weights. */
export function sharesOf(question: Question, rubric: Rubric): Share[] {
  const meant = rubric.competencies.filter(
    (one) => question.competencies === undefined || question.competencies.includes(one.id),
  );
  const sum = meant.reduce((total, one) => total + one.weight, 0);
  return meant.map((one) => ({ competency: one.id, share: one.weight / sum }));
}

/** Where in the recording a stretch of the answer was said, in seconds from the recording's start. */
export type Timing = (clause: Clause | null) => { start: number | null; end: number | null };

/**
 * Finds the time of a quote from the words and their times (milliseconds on the session's timeline). Words are laid over
 * the text in order, blanks and width aside; a word that is not found is passed over.
 */
export function timing(text: string, words: readonly Word[] | undefined, answerStartMillis: number): Timing {
  if (words === undefined || words.length === 0) return () => ({ start: null, end: null });
  const placed: { from: number; to: number; word: Word }[] = [];
  let cursor = 0;
  for (const word of words) {
    const wanted = word.text.trim();
    const at = wanted === "" ? -1 : text.indexOf(wanted, cursor);
    if (at < 0 || at > cursor + 40) continue;
    placed.push({ from: at, to: at + wanted.length, word });
    cursor = at + wanted.length;
  }
  const toSeconds = (at: number) => Math.max(0, Math.round(at - answerStartMillis)) / 1000;
  return (clause) => {
    const inside = clause === null ? [] : placed.filter((one) => one.to > clause.start && one.from < clause.end);
    const first = inside[0];
    const last = inside.at(-1);
    return first === undefined || last === undefined
      ? { start: null, end: null }
      : { start: toSeconds(first.word.start), end: toSeconds(last.word.end) };
  };
}

const rounded = (value: number): number => Math.round(value * 10_000) / 10_000;

/** A finding of fewer points is left out: it would be a line of evidence for less than a hundredth of a competency. */
const leastPoints = 0.005;

/**
 * Findings as evidence whose weights sum to the score: per competency the gains are held to 1 and the losses to the
 * gains, so that no point is left that no evidence names, and each weight is rounded to four decimals.
 */
export function settle(findings: readonly Finding[], shares: readonly Share[], when: Timing): Evidence[] {
  return shares.flatMap(({ competency, share }) => {
    const own = findings.filter((one) => one.competency === null || one.competency === competency);
    const weighing = own.filter((one) => one.always === true || Math.abs(one.points) >= leastPoints);
    const shown = weighing.length > 0 ? weighing : own.slice(0, 1);
    return shown.map(
      (one, at): Evidence => ({
        competency,
        quote: one.clause?.text ?? "",
        ...when(one.clause),
        rule: one.rule,
        ...(one.point === undefined ? {} : { point: one.point }),
        weight: weightsOf(shown, share)[at] ?? 0,
        explanation: one.explanation,
      }),
    );
  });
}

/** The evidence as it stands where nothing is followed up: a fixed order's scorecard says what it always said. */
export const withoutPoints = (evidence: readonly Evidence[]): Evidence[] => evidence.map(({ point: _, ...one }) => one);

/** Each finding's weight in the answer's score; what rounding leaves goes to the largest gain. */
function weightsOf(own: readonly Finding[], share: number): number[] {
  const gained = own.reduce((sum, one) => sum + Math.max(0, one.points), 0);
  const lost = own.reduce((sum, one) => sum + Math.max(0, -one.points), 0);
  const gain = gained > 1 ? 1 / gained : 1;
  const loss = lost > gained * gain ? (gained * gain) / lost : 1;
  const exact = own.map((one) => one.points * share * (one.points > 0 ? gain : loss));
  const weights = exact.map((one) => rounded(one) + 0);
  const rest = rounded(exact.reduce((sum, one) => sum + one, 0)) - weights.reduce((sum, one) => sum + one, 0);
  const largest = weights.indexOf(Math.max(...weights));
  return weights.map((one, at) => (at === largest ? rounded(one + rest) + 0 : one));
}

/** The sum of the weights, held to 0 to 1. */
export function sumOf(evidence: readonly Evidence[]): number {
  return Math.min(1, Math.max(0, rounded(evidence.reduce((sum, one) => sum + one.weight, 0))));
}

/** Each competency's own score: what its evidence sums to, over its share. */
export function perCompetency(evidence: readonly Evidence[], shares: readonly Share[]): Record<string, number> {
  return Object.fromEntries(
    shares.map(({ competency, share }) => {
      const sum = evidence.filter((one) => one.competency === competency).reduce((total, one) => total + one.weight, 0);
      return [competency, Math.min(1, Math.max(0, Math.round((sum / share) * 1000) / 1000))];
    }),
  );
}

/** Whether two stretches say the same words, punctuation and width aside. */
export const sameWords = (left: string, right: string): boolean => bare(left) === bare(right);
const bare = (text: string): string => normalise(text).replace(/[\s\p{P}]/gu, "");
