import type { Language } from "../../contracts/language.ts";
import { type ConceptGroup, type ConceptHit, findSound, findTerm } from "./concepts.ts";
import { lengthOf, normalise } from "./text.ts";
import { listed, stuffing } from "./weights.ts";

/** Words that hold a sentence together; a list of terms has hardly any. */
const glue =
  /[我你他她它们的了在是把用到从和就也都这那有个不让对给被做去来跟与但先后因为所以]|\b(?:i|we|he|she|it|they|you|the|a|an|and|was|were|is|are|to|of|in|on|that|which|with|by|for|my|our|his|her|so|but|then|had|have|did|as|from)\b/gu;
/** Least share of glue in speech, of characters (zh) or words (en): the fixtures' answers have 0.16 and more. */
const leastGlue = 0.1;

/**
 * Whether the answer strings terms together instead of telling anything: several concepts are named, and either the terms
 * make up most of the text or the words between them do not hold sentences together.
 */
export function isStrungTogether(text: string, hits: readonly ConceptHit[], groups: readonly ConceptGroup[]): boolean {
  const terms = new Set(
    groups
      .flatMap((group) => group.terms)
      .filter((term) => findTerm(text, term) >= 0 || findSound(text, term) !== undefined),
  );
  if (hits.length === 0 || terms.size < stuffing.leastTerms) return false;
  const total = lengthOf(text);
  const taken = [...terms].reduce((sum, term) => sum + lengthOf(term), 0);
  const holds = (normalise(text).match(glue) ?? []).length;
  return taken / total >= stuffing.none || holds / total < leastGlue;
}

/** What makes a short stretch of English more than a name: a subject, a verb that helps, an article, something done. */
const predicate =
  /\b(?:i|we|he|she|it|they|you|the|a|an|that|which|my|our|his|her|their|was|were|is|are|be|had|has|have|did|do|will|would|can|then|so|but|\w+ed|\w+n't)\b/u;

/** The short pieces of a text, between commas or full stops, of which none holds a sentence, and their share of it. */
function namesIn(text: string): { count: number; share: number } {
  const names = normalise(text)
    .split(/[,.;:!?\n]+/u)
    .filter((one) => lengthOf(one) > 0 && lengthOf(one) <= listed.words && !predicate.test(one));
  const taken = names.reduce((sum, one) => sum + lengthOf(one), 0);
  return { count: names.length, share: taken / Math.max(1, lengthOf(text)) };
}

/**
 * Whether most of the answer is a list of names, whatever the question looks for; no fault where a reference lists things
 * too. English only: Chinese leaves out subject and article, so that a short piece of it may well be a sentence.
 */
export function isListed(text: string, references: readonly string[], language: Language): boolean {
  if (language !== "en") return false;
  const { count, share } = namesIn(text);
  return (
    count >= listed.pieces && share >= listed.share && references.every((one) => namesIn(one).share < listed.askedShare)
  );
}
