import { randomBytes, randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import type { EpochMillis, Millis } from "../contracts/units.ts";

/**
 * The only place that reads a clock or draws chance. Durations come from `monotonic`, which no clock change moves;
 * `wall` is for stamps that a person reads and may be wrong.
 */
export interface Clock {
  /** Milliseconds since the machine booted (CLOCK_MONOTONIC on Linux): the same for all processes of a boot. */
  monotonic(): Millis;
  wall(): EpochMillis;
  /** Resolves after `length`; rejects with the signal's reason when aborted. */
  sleep(length: Millis, signal?: AbortSignal): Promise<void>;
  /** Calls `work` each `length` until the returned function is called; a slow `work` is never run twice at once. */
  every(length: Millis, work: () => void | Promise<void>): () => void;
  /** A number in 0 to 1, for jitter. */
  random(): number;
  /** A fresh opaque id. */
  id(): string;
}

export const systemClock: Clock = {
  monotonic: () => Number(process.hrtime.bigint() / 1_000n) / 1_000,
  wall: () => Date.now(),
  sleep: async (length, signal) => {
    await wait(length, undefined, signal === undefined ? {} : { signal });
  },
  every: (length, work) => {
    let stopped = false;
    let timer: NodeJS.Timeout | undefined;
    const next = (): void => {
      timer = setTimeout(async () => {
        await work();
        if (!stopped) next();
      }, length);
      timer.unref();
    };
    next();
    return () => {
      stopped = true;
      clearTimeout(timer);
    };
  },
  random: () => randomBytes(4).readUInt32LE() / 0x1_0000_0000,
  id: () => randomUUID(),
};

/** The moment as RFC 3339 in UTC. */
export const timestamp = (at: EpochMillis): string => new Date(at).toISOString();

/** The result of `work`, or a rejection with `late()` when it takes longer than `limit`; the signal is aborted then. */
export async function deadline<T>(
  limit: Millis,
  late: () => Error,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const expiry = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const error = late();
      reject(error);
      controller.abort(error);
    }, limit);
  });
  try {
    return await Promise.race([work(controller.signal), expiry]);
  } finally {
    clearTimeout(timer);
  }
}
