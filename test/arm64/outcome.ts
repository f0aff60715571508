import { z } from "zod";
import type { EngineName } from "../../inference/equipment.ts";

export type { EngineName };

export const pictureSize = { width: 640, height: 480 } as const;

/** What an engine made of the prepared inputs, and in how many seconds, loading included. */
export const outcome = z.strictObject({
  numbers: z.record(z.string(), z.array(z.number())),
  text: z.string(),
  seconds: z.number(),
});
export type Outcome = z.infer<typeof outcome>;

/** `apart`: no number differs by more. `cosine`: the vectors point at least this much the same way. */
type Tolerance = { apart: number } | { cosine: number };

/**
 * How far arm64 may be from x86. The models in single precision add up in another order; the recogniser's 8-bit products
 * are computed by other kernels, which on an x86 without VNNI saturate. The text must be the same.
 */
export const tolerances: Record<EngineName, Readonly<Record<string, Tolerance>>> = {
  voiceActivity: { probabilities: { apart: 0.001 } },
  recogniser: {
    keys: { cosine: 0.995 },
    logits: { cosine: 0.995 },
    confidence: { apart: 0.05 },
    starts: { apart: 0.1 },
  },
  embedder: { english: { cosine: 0.999 }, hiking: { cosine: 0.999 }, mandarin: { cosine: 0.999 } },
  faceFinder: { box: { apart: 0.001 }, confidence: { apart: 0.001 } },
};

/** One comparison in words, and whether it held. */
export type Verdict = { holds: boolean; says: string };

const furthest = (one: readonly number[], other: readonly number[]): number =>
  one.reduce((most, value, at) => Math.max(most, Math.abs(value - (other[at] ?? Number.NaN))), 0);

function cosine(one: readonly number[], other: readonly number[]): number {
  const product = (left: readonly number[], right: readonly number[]): number =>
    left.reduce((sum, value, at) => sum + value * (right[at] ?? Number.NaN), 0);
  return product(one, other) / Math.sqrt(product(one, one) * product(other, other));
}

function judged(name: string, tolerance: Tolerance, [one, other]: [readonly number[], readonly number[]]): Verdict {
  if (one.length === 0 || one.length !== other.length)
    return { holds: false, says: `${name}: ${one.length} numbers on x86, ${other.length} on arm64` };
  if ("apart" in tolerance) {
    const found = furthest(one, other);
    return { holds: found <= tolerance.apart, says: `${name} ≤ ${found.toPrecision(2)} apart (${tolerance.apart})` };
  }
  const found = cosine(one, other);
  return { holds: found >= tolerance.cosine, says: `${name} cosine ${found.toFixed(6)} (${tolerance.cosine})` };
}

/** What arm64 found beside what x86 found. Something that is not a number, or is missing, never holds. */
export function compare(engine: EngineName, { x86, arm64 }: { x86: Outcome; arm64: Outcome }): Verdict[] {
  const numbers = Object.entries(tolerances[engine]).map(([name, tolerance]) =>
    judged(name, tolerance, [x86.numbers[name] ?? [], arm64.numbers[name] ?? []]),
  );
  const same = x86.text === arm64.text;
  const text = { holds: same, says: same ? "the same text" : `x86 "${x86.text}", arm64 "${arm64.text}"` };
  return x86.text === "" && same ? numbers : [...numbers, text];
}
