import type { Reading } from "../contracts/ports.ts";
import type { Millis } from "../contracts/units.ts";

/** What was read of one picture; its moment on the session's timeline. */
export type Read = { at: Millis; reading?: Reading | undefined };

/** From fewer nothing is told: two seconds of an answer. */
export const fewestPictures = 4;

export const thousandth = (value: number): number => Math.round(value * 1000) / 1000;

/** The middle value; of an even number the lower of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
}
