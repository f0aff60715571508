import type { Language } from "../../contracts/language.ts";
import type { Embedder } from "../../contracts/ports.ts";
import { forgetSounds } from "./homophones.ts";

/** Vectors kept per embedder: references, questions and repeated clauses; 4,096 of 384 floats are 6 MB. */
const kept = 4096;
/** Texts embedded side by side, each on a thread of its own: the two cores of the smallest board. */
const atOnce = 2;

/** The vectors of one embedder. A text that is being embedded is not embedded a second time. */
class Vectors {
  readonly #embedder: Embedder;
  readonly #known = new Map<string, Promise<Float32Array>>();
  readonly #turns: Promise<unknown>[] = Array.from({ length: atOnce }, () => Promise.resolve());
  #next = 0;

  constructor(embedder: Embedder) {
    this.#embedder = embedder;
  }

  of(text: string, language: Language): Promise<Float32Array> {
    const key = `${language} ${text}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const turn = this.#next++ % atOnce;
    const vector = (this.#turns[turn] ?? Promise.resolve()).then(() => this.#embed(text, language));
    this.#turns[turn] = vector.catch(() => this.#known.delete(key));
    if (this.#known.size >= kept) this.#known.delete(this.#known.keys().next().value ?? "");
    this.#known.set(key, vector);
    return vector;
  }

  async #embed(text: string, language: Language): Promise<Float32Array> {
    return (await this.#embedder.embed([text], language))[0] ?? new Float32Array(this.#embedder.dimensions);
  }
}

const caches = new WeakMap<Embedder, Vectors>();

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
  const vectors = caches.get(embedder) ?? new Vectors(embedder);
  caches.set(embedder, vectors);
  return Promise.all(texts.map((text) => vectors.of(text, language)));
}

/** Lets go of every text kept for an embedder: what a candidate said must not outlive the session. */
export function forgetTexts(embedder: Embedder): void {
  caches.delete(embedder);
  forgetSounds();
}

/** The cosine of two unit vectors of one length, -1 to 1. */
export function cosine(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < a.length; at += 1) sum += (a[at] ?? 0) * (b[at] ?? 0);
  return sum;
}

/**
 * A unit vector without its part along the mean of `known`, again of length 1: what it says beyond that. Itself where
 * nothing is known, zero where it says nothing else.
 */
export function beyond(vector: Float32Array, known: readonly Float32Array[]): Float32Array {
  const mean = vector.map((_, at) => known.reduce((sum, one) => sum + (one[at] ?? 0), 0));
  const along = cosine(mean, mean);
  const part = along > 0 ? cosine(vector, mean) / along : 0;
  const rest = vector.map((value, at) => value - part * (mean[at] ?? 0));
  const length = Math.sqrt(cosine(rest, rest));
  return length < 1e-6 ? rest.fill(0) : rest.map((value) => value / length);
}

/** 0 up to `from`, 1 from `to` on, straight between. */
export const ramp = (value: number, from: number, to: number): number =>
  Math.min(1, Math.max(0, (value - from) / (to - from)));
