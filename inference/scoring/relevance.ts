import type { Language } from "../../contracts/language.ts";
import { sameWords } from "./evidence.ts";
import * as markers from "./markers.ts";
import { type Clause, lengthOf, normalise } from "./text.ts";
import { contentTokens } from "./tokens.ts";

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

function neighbours(text: string, language: Language): string[] {
  const folded = normalise(text);
  const units = folded.match(/\p{Script=Han}|[\p{Script=Latin}\p{N}']+/gu) ?? [];
  if (units.length < 2) return language === "en" ? [] : contentTokens(text, language);
  return units.slice(1).map((unit, at) => `${units[at] ?? ""} ${unit}`);
}
