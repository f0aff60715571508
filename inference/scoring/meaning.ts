import type { Language } from "../../contracts/language.ts";
import type { Embedder } from "../../contracts/ports.ts";

/** Vectors kept per embedder: references, questions and repeated clauses; 4,096 of 384 floats are 6 MB. */
const kept = 4096;

const caches = new WeakMap<Embedder, Map<string, Float32Array>>();

/**
 * Unit vectors of texts, in their order; what was embedded before is not embedded again. One text a call: on one thread
 * a batch takes the same time, and padding to a longer neighbour moves a vector by some 4e-8, so that a score could
 * depend on what was scored before it. Throws what the embedder throws.
 */
export async function vectorsOf(
  texts: readonly string[],
  language: Language,
  embedder: Embedder,
): Promise<Float32Array[]> {
  const cache = caches.get(embedder) ?? new Map<string, Float32Array>();
  caches.set(embedder, cache);
  const vectors: Float32Array[] = [];
  for (const text of texts) {
    const key = `${language} ${text}`;
    const vector =
      cache.get(key) ?? (await embedder.embed([text], language))[0] ?? new Float32Array(embedder.dimensions);
    if (cache.size >= kept && !cache.has(key)) cache.delete(cache.keys().next().value ?? "");
    cache.set(key, vector);
    vectors.push(vector);
  }
  return vectors;
}

/** Lets go of every text kept for an embedder: what a candidate said must not outlive the session. */
export function forgetTexts(embedder: Embedder): void {
  caches.delete(embedder);
}

/** The cosine of two unit vectors of one length, -1 to 1. */
export function cosine(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < a.length; at += 1) sum += (a[at] ?? 0) * (b[at] ?? 0);
  return sum;
}

/** 0 up to `from`, 1 from `to` on, straight between. */
export const ramp = (value: number, from: number, to: number): number =>
  Math.min(1, Math.max(0, (value - from) / (to - from)));
