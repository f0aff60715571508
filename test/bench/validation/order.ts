/** An answer of known kind and its score; `grade` carries the known order of a question's answers. */
export type Ranked = { question: string; kind: string; grade: number; score: number };

/** What answers the question, from excellent to very weak; every other kind is a trick or a refusal. */
const honest = new Set(["excellent", "strong", "strong-as-spoken", "medium", "weak", "very-weak"]);
/** Must never stand above the honest weak answer of its question. */
export const tricks = ["silence", "off-topic", "keyword-stuffing", "question-read-back", "prompt-injection"] as const;
export const contradiction = "contradiction";

/** Kendall's τ over the pairs whose order is known; a pair that the scores tie counts 0. Null without such a pair. */
export function kendall(rows: readonly Ranked[]): number | null {
  const own = rows.filter((one) => honest.has(one.kind));
  let sum = 0;
  let pairs = 0;
  for (const [at, one] of own.entries())
    for (const other of own.slice(at + 1)) {
      if (one.grade === other.grade) continue;
      pairs += 1;
      sum += Math.sign((one.score - other.score) * (one.grade - other.grade));
    }
  return pairs === 0 ? null : sum / pairs;
}

/** The tricks and contradictions of one question that score above its weak answer, as `question-kind`. */
export function aboveWeak(rows: readonly Ranked[]): string[] {
  const weak = rows.find((one) => one.kind === "weak");
  if (weak === undefined) return [];
  return rows
    .filter((one) => [...tricks, contradiction].includes(one.kind) && one.score > weak.score)
    .map((one) => `${one.question}-${one.kind}`);
}

/** How often a contradiction scores below a partly right answer of its question; ties count half. Null without a pair. */
export function contradictionsBelow(questions: readonly (readonly Ranked[])[]): number | null {
  const pairs = questions.flatMap((rows) =>
    rows
      .filter((one) => one.kind === contradiction)
      .flatMap((wrong) =>
        rows.filter((one) => one.kind === "medium").map((right) => (Math.sign(right.score - wrong.score) + 1) / 2),
      ),
  );
  return pairs.length === 0 ? null : pairs.reduce((sum, one) => sum + one, 0) / pairs.length;
}
