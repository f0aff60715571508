import type { Language } from "../../contracts/language.ts";
import type { Embedder } from "../../contracts/ports.ts";
import { contentTokens } from "./tokens.ts";

const dimensions = 256;

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const character of text) value = Math.imul(value ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return value >>> 0;
}

function vectorOf(text: string, language: Language): Float32Array {
  const vector = new Float32Array(dimensions);
  for (const token of contentTokens(text, language)) {
    const place = hash(token);
    vector[place % dimensions] = (vector[place % dimensions] ?? 0) + (place & 0x10000 ? 1 : -1);
  }
  const length = Math.hypot(...vector);
  return length === 0 ? vector : vector.map((one) => one / length);
}

/**
 * An embedder without a model: unit vectors of hashed content words (the hashing trick of Weinberger et al., ICML 2009).
 * It knows shared words and no synonyms; the rules of scoring are tested with it, in milliseconds and without files.
 */
export const wordVectors = (): Embedder => ({
  dimensions,
  embed: (texts, language) => Promise.resolve(texts.map((text) => vectorOf(text, language))),
  close: () => Promise.resolve(),
});
