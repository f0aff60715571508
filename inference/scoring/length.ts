import type { Language } from "../../contracts/language.ts";
import * as markers from "./markers.ts";
import { type Clause, normalise } from "./text.ts";
import { contentTokens } from "./tokens.ts";

/**
 * Clauses of one answer that are compared by meaning, each some 10 ms: about ten minutes of speech. Of a longer answer
 * those are taken that share most words with what was asked, since what is compared decides the time.
 */
export const mostClauses = 240;

/**
 * The clauses to weigh, in order, and whether some were left out. Words meant for the machine are never left out; of
 * clauses that share equally many words with `asked` the earlier one stays.
 */
export function nearest(
  given: readonly Clause[],
  asked: readonly string[],
  language: Language,
): { clauses: readonly Clause[]; leftOut: boolean } {
  if (given.length <= mostClauses) return { clauses: given, leftOut: false };
  const wanted = new Set(asked.flatMap((text) => contentTokens(text, language)));
  const ranked = given.map((clause, at) => ({
    at,
    clause,
    meant: markers.instruction.test(normalise(clause.text)),
    shared: new Set(contentTokens(clause.text, language).filter((token) => wanted.has(token))).size,
  }));
  const chosen = ranked
    .toSorted((a, b) => Number(b.meant) - Number(a.meant) || b.shared - a.shared || a.at - b.at)
    .slice(0, mostClauses)
    .sort((a, b) => a.at - b.at);
  return { clauses: chosen.map(({ clause }) => clause), leftOut: true };
}
