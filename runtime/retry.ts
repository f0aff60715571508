import { type Millis, seconds } from "../contracts/units.ts";
import type { Clock } from "./clock.ts";

/** How often and how long to try, by name. `attempts` Infinity tries until the signal says stop. */
export type RetryPolicy = { name: string; attempts: number; first: Millis; factor: number; most: Millis };

export const retryPolicies = {
  /** A part of the device that should be there: for ever, soon at first. */
  reopen: { name: "reopen", attempts: Number.POSITIVE_INFINITY, first: 200, factor: 2, most: seconds(10) },
  /** Something over a network, for ever. */
  deliver: { name: "deliver", attempts: Number.POSITIVE_INFINITY, first: 250, factor: 2, most: seconds(60) },
  /** A process of the same centre that is being restarted: soon again, it is near. */
  handOver: { name: "handOver", attempts: Number.POSITIVE_INFINITY, first: 250, factor: 2, most: seconds(5) },
  /** A quick local thing that may not be ready yet. */
  connect: { name: "connect", attempts: 60, first: 25, factor: 1.5, most: 500 },
} as const satisfies Record<string, RetryPolicy>;

/** The wait before try number `attempt` (0 is the first repeat), with ± 20 % jitter so that a fleet does not knock at once. Whole: stores keep it so. */
export function backOff(policy: RetryPolicy, attempt: number, random: () => number): Millis {
  const plain = Math.min(policy.most, policy.first * policy.factor ** Math.min(attempt, 64));
  return Math.round(plain * (0.8 + 0.4 * random()));
}

export type RetryOptions = {
  clock: Clock;
  signal?: AbortSignal;
  onFailure?: (error: unknown, attempt: number) => void;
  worthwhile?: (error: unknown) => boolean;
};

/** Runs `work` until it succeeds; the last error comes back as it was thrown. */
export async function retry<T>(policy: RetryPolicy, options: RetryOptions, work: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      options.signal?.throwIfAborted();
      return await work();
    } catch (error) {
      if (options.signal?.aborted || attempt + 1 >= policy.attempts || options.worthwhile?.(error) === false)
        throw error;
      options.onFailure?.(error, attempt);
      await options.clock.sleep(backOff(policy, attempt, options.clock.random), options.signal);
    }
  }
}
