import type { Language } from "../../contracts/language.ts";
import { chineseWords } from "./segmentation.ts";
import { normalise } from "./text.ts";

/** English words that carry no content of their own: articles, pronouns, auxiliaries, prepositions. "not" and "no" stay out too: negation has its own rule. */
const stopWords = new Set(
  `a an the this that these those i you he she it we they me him her us them my your his its our their mine yours ours theirs
  am is are was were be been being do does did done have has had having will would shall should can could may might must
  of in on at to for from by with as into onto about over under up down out off and or but if then than so because while when where
  which who whom whose what why how there here very just also too such some any no not nor
  get gets got getting go goes going let lets put make makes made don't doesn't didn't isn't aren't wasn't weren't can't won't
  ones thing things it's i'm we're they're that's there's`.split(/\s+/),
);
/** Chinese characters that only join or mark: runs are cut at them, so that no pair spans two ideas. */
const joiners = /[的了呢吗吧啊呀着地得是有和与及或等为在把被将对于以而并且就也都还很这那其之]/u;

const endings: readonly [RegExp, string][] = [
  [/'s$|'$/, ""],
  [/(?<=\w{3})ies$/, "y"],
  [/(?<=ss|sh|ch|x|z)es$/, ""],
  [/(?<=\w{2}[^su])s$/, ""],
  [/(?<=\w{4})(?:ization|isation)$/, "ize"],
  [/(?<=\w{4})ations?$/, "ate"],
  [/(?<=\w{3})ically$/, "ic"],
  [/(?<=\w{3})(?:ingly|edly|ly)$/, ""],
  [/(?<=\w{4})(?:ments?|ness)$/, ""],
  [/(?<=[aeiouy]\w*)ing$/, ""],
  [/(?<=\w{2})ied$/, "y"],
  [/(?<=[aeiouy]\w*[^e])ed$/, ""],
  [/(?<=\w{3}[st])ion$/, ""],
  [/(?<=\w{4})(?:ences?|ency|ent|ances?|ant)$/, ""],
  [/(?<=\w{4})(?:er|or)$/, ""],
];

/**
 * The stem of one lower-case English word: inflection and the commonest endings off, final "e" and doubled consonant
 * off, "y" as "i"; never a stop word ("noted" is not "not"). A short form of M. F. Porter, "An algorithm for suffix stripping", Program 14 (1980); it only has to
 * agree with itself.
 */
export function stem(word: string): string {
  if (word.length < 3 || /\d/.test(word) || stopWords.has(word)) return word;
  let found = word;
  for (const [ending, instead] of endings) found = found.replace(ending, instead);
  found = found
    .replace(/([bdfgkmnprtv])\1$/, "$1")
    .replace(/e$/, "")
    .replace(/y$/, "i");
  if (found.length < 2) return word;
  return stopWords.has(found) ? `${found}e` : found;
}

/** The words of a normalised text in order, stemmed, stop words kept. */
export function stems(text: string): string[] {
  return (normalise(text).match(/[\p{L}\p{N}][\p{L}\p{N}'+#-]*/gu) ?? []).map(stem);
}

/**
 * What a text says, as comparable units, each once per occurrence: stemmed content words of Latin script and numbers,
 * and pairs of neighbouring Chinese characters (a lone character stays alone). No word segmentation is needed.
 */
export function contentTokens(text: string, language: Language): string[] {
  const tokens: string[] = [];
  for (const [run] of normalise(text).matchAll(
    /\p{Script=Han}+|[\p{Script=Latin}\p{N}][\p{Script=Latin}\p{N}'+#.-]*/gu,
  )) {
    if (/^\p{Script=Han}/u.test(run)) for (const part of run.split(joiners)) tokens.push(...pairs(part));
    else if (!stopWords.has(run.replace(/[.'-]+$/, ""))) tokens.push(stem(run.replace(/[.'-]+$/, "")));
  }
  return tokens.length > 0 || language === "en" ? tokens : [...normalise(text).replace(/[\s\p{P}]/gu, "")];
}

/**
 * What wording is compared by: content tokens, and in Chinese words besides pairs of characters. A pair is right where
 * segmentation errs, a word where pairs span two.
 */
export function wordingTokens(text: string, language: Language): string[] {
  const tokens = contentTokens(text, language);
  return /\p{Script=Han}/u.test(text) ? [...tokens, ...chineseWords(text).map((word) => `${word}|`)] : tokens;
}

function pairs(run: string): string[] {
  const characters = [...run];
  if (characters.length < 2) return characters;
  return characters.slice(1).map((character, at) => `${characters[at] ?? ""}${character}`);
}
