import type { Finding } from "./evidence.ts";
import { halfWidth, leastConfidence } from "./weights.ts";

/** What the width of an answer's interval follows from. */
export type Grounds = {
  /** Half width by the kind of question, as weights.ts has it. */
  base: number;
  findings: readonly Pick<Finding, "points">[];
  /** Mean probability of the recogniser's words; undefined where the answer came as text. */
  confidence: number | undefined;
  /** Words (zh: characters) that were said, and from how many on an answer is long enough for its question. */
  length: number;
  enough: number;
};

/** Half widths added where one thing carries the whole score, and where next to nothing was said (judged). */
const fewFindings = 0.08;
const shortAnswer = 0.08;
const widest = 0.5;

/** How many equal findings would carry as much as these do: (Σ|p|)² / Σp² (Kish 1965); 0 without any. */
export function effectiveFindings(findings: Grounds["findings"]): number {
  const sizes = findings.map((one) => Math.abs(one.points));
  const sum = sizes.reduce((total, one) => total + one, 0);
  const squares = sizes.reduce((total, one) => total + one ** 2, 0);
  return squares === 0 ? 0 : sum ** 2 / squares;
}

/**
 * What an unsure recogniser adds: in proportion to what it is unsure of, `halfWidth.uncertain` at `leastConfidence`, where a
 * person is asked to listen.
 */
export const unsureHearing = (confidence: number | undefined): number =>
  confidence === undefined ? 0 : (halfWidth.uncertain * (1 - confidence)) / (1 - leastConfidence);

/**
 * Half width of an answer's interval, at most 0.5: never narrower for a recogniser that is less sure, for fewer or more
 * unequal findings, or for a shorter answer. It says how far the score may be off; the score itself does not move.
 */
export function margin({ base, findings, confidence, length, enough }: Grounds): number {
  const few = fewFindings / Math.max(1, effectiveFindings(findings));
  const short = enough <= 0 ? 0 : shortAnswer * (1 - Math.min(1, length / enough));
  return Math.min(widest, base + few + short + unsureHearing(confidence));
}
