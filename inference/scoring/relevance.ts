import type { Language } from "../../contracts/language.ts";
import { sameWords } from "./evidence.ts";
import * as markers from "./markers.ts";
import { ramp } from "./meaning.ts";
import { type Clause, lengthOf, normalise } from "./text.ts";
import { contentTokens } from "./tokens.ts";
import { readBack } from "./weights.ts";

/** The clauses that may earn something, and those left out with the reason. */
export type Sifted = { kept: Clause[]; repeated: Clause[]; echoed: Clause[]; instructions: Clause[] };

/** Leaves out clauses said before, the question's own words read back, and words meant for the machine. */
export function sift(given: readonly Clause[], questionTexts: readonly string[], language: Language): Sifted {
  const sifted: Sifted = { kept: [], repeated: [], echoed: [], instructions: [] };
  for (const clause of given) {
    if (markers.instruction.test(normalise(clause.text))) sifted.instructions.push(clause);
    else if (questionTexts.some((text) => isEcho(clause.text, text, language))) sifted.echoed.push(clause);
    else if (sifted.kept.some((one) => sameWords(one.text, clause.text))) sifted.repeated.push(clause);
    else sifted.kept.push(clause);
  }
  return sifted;
}

/** Shorter clauses may share the question's words by need ("terminal 1 is connected"). */
const leastEcho = 4;
/** Share of a clause's neighbouring words (zh: pairs of characters) that the question has too. */
const echoed = 0.8;

/** Whether a clause reads the question back: its words stand in the question in the same order. */
export function isEcho(clause: string, question: string, language: Language): boolean {
  if (lengthOf(clause) < leastEcho) return false;
  const pairs = neighbours(clause, language);
  const asked = new Set(neighbours(question, language));
  return pairs.length > 0 && pairs.filter((pair) => asked.has(pair)).length / pairs.length >= echoed;
}

/**
 * How much of an answer is its own, 0 to 1, by the share of its content words that the question does not have already:
 * a question read back in a frame of a few words ("so what you ask me is …") brings hardly any.
 */
export function ownShare(given: readonly Clause[], questionTexts: readonly string[], language: Language): number {
  const asked = new Set(questionTexts.flatMap((text) => contentTokens(text, language)));
  const said = [...new Set(given.flatMap((clause) => contentTokens(clause.text, language)))];
  const added = said.filter((token) => !asked.has(token)).length;
  return ramp(added / Math.max(1, said.length), readBack.from, readBack.full);
}

function neighbours(text: string, language: Language): string[] {
  const folded = normalise(text);
  const units = folded.match(/\p{Script=Han}|[\p{Script=Latin}\p{N}']+/gu) ?? [];
  if (units.length < 2) return language === "en" ? [] : contentTokens(text, language);
  return units.slice(1).map((unit, at) => `${units[at] ?? ""} ${unit}`);
}
