/** Of one question: what each kind of answer was meant to be (0 to 1, only the order is meant) and what it scored. */
export type Placed = { kind: string; grade: number; score: number };

/** The honest answers from best to worst; no two are of one rank. */
export const levels = ["excellent", "strong", "medium", "weak", "very-weak"] as const;
export const tricks = [
  "contradiction",
  "keyword-stuffing",
  "off-topic",
  "question-read-back",
  "prompt-injection",
  "refusal",
  "silence",
] as const;

/**
 * Kendall's τ of the scores with a known order, -1 to 1 (Kendall 1938): pairs in order less pairs out of order, of all
 * pairs that the order ranks. Two answers of one grade claim no order and are left out; two of one score where the order
 * ranks them count as neither. NaN where nothing is ranked.
 */
export function kendall(placed: readonly Pick<Placed, "grade" | "score">[]): number {
  let ranked = 0;
  let kept = 0;
  for (const [at, one] of placed.entries())
    for (const other of placed.slice(at + 1)) {
      if (one.grade === other.grade) continue;
      ranked += 1;
      kept += Math.sign(one.grade - other.grade) * Math.sign(one.score - other.score);
    }
  return kept / ranked;
}

/** How often one of `low` lies below one of `high`; a tie counts half. NaN where there is no pair. */
export function areaBelow(low: readonly number[], high: readonly number[]): number {
  const below = high.reduce(
    (sum, upper) => sum + low.reduce((all, lower) => all + (lower < upper ? 1 : lower === upper ? 0.5 : 0), 0),
    0,
  );
  return below / (low.length * high.length);
}

const isOf = (kinds: readonly string[]) => (one: Placed) => kinds.includes(one.kind);

/** The honest answers of a question alone. */
export const honest = (placed: readonly Placed[]): Placed[] => placed.filter(isOf(levels));

/** The tricks that score above the question's honest weak answer. */
export function aboveWeak(placed: readonly Placed[]): Placed[] {
  const weak = placed.find((one) => one.kind === "weak");
  return weak === undefined ? [] : placed.filter(isOf(tricks)).filter((one) => one.score > weak.score);
}
