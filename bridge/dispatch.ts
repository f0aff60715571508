import { asFault, type Fault } from "../contracts/fault.ts";
import { type EpochMillis, type Millis, seconds } from "../contracts/units.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Log } from "../runtime/log.ts";
import type { Part } from "../runtime/parts.ts";
import { backOff, type RetryPolicy } from "../runtime/retry.ts";

/** What every waiting row has: a number of its own in its table, and how often it was tried. */
export type Waiting = { sequence: number; attempts: number };

/** `except` as SQL takes it: rows count from 1, and an empty list is no SQL everywhere. */
export const listed = (except: readonly number[]): readonly number[] => [0, ...except];

/**
 * Rows of a durable table that wait to be worked on. Times are by the centre's wall clock. Which rows are being worked on
 * stands in memory only: one process owns a store, so a lease on the disk would cost a commit and tell nobody anything.
 */
export interface Queue<Job extends Waiting> {
  /** Up to `limit` rows that are due at `now`, oldest first, without those in `except`. */
  due(wanted: { now: EpochMillis; limit: number; except: readonly number[] }): Promise<Job[]>;
  /** When the next row becomes due, or undefined when none waits. */
  nextDue(except: readonly number[]): Promise<EpochMillis | undefined>;
  /** The try failed: count it, note why, wait until `notBefore`. */
  postpone(job: Job, outcome: { fault: Fault; notBefore: EpochMillis }): Promise<void>;
}

/** A job's work notes its own success in the store. `again` asks for another try, after `afterMillis` where the peer said when. */
export type Again = { again: Fault; afterMillis?: Millis };

export type DispatcherOptions<Job extends Waiting> = {
  name: string;
  queue: Queue<Job>;
  work: (job: Job, signal: AbortSignal) => Promise<Again | undefined>;
  policy: RetryPolicy;
  concurrency: number;
  clock: Clock;
  log: Log;
};

/** The fallback when nobody rings. */
const longestRest = seconds(5);
const drainLimit = seconds(3);

/** Works a durable queue: at once when woken, each row by one at a time, with back-off, a bounded number together. */
export class Dispatcher<Job extends Waiting> implements Part {
  readonly name: string;
  readonly #options: DispatcherOptions<Job>;
  /** What is being worked on, by its row. */
  readonly #running = new Map<number, Promise<void>>();
  readonly #ending = new AbortController();
  #bell = new AbortController();
  #loop: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(options: DispatcherOptions<Job>) {
    this.name = options.name;
    this.#options = options;
  }

  async start(): Promise<void> {
    this.#loop = this.#run();
  }

  /** Something new waits: look now. */
  wake(): void {
    this.#bell.abort();
  }

  /** Takes nothing new, gives what runs a moment, then breaks it off (it stays in the store). */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.wake();
    await this.#loop;
    const patience = new AbortController();
    const late = this.#options.clock.sleep(drainLimit, patience.signal).then(
      () => this.#ending.abort(),
      () => undefined,
    );
    await Promise.all(this.#running.values());
    patience.abort();
    await late;
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      // Fresh before looking, so that a ring during the look is not lost.
      this.#bell = new AbortController();
      let rest: Millis;
      try {
        rest = await this.#turn();
      } catch (error) {
        this.#options.log.error({ err: error, part: this.name }, "the queue could not be read");
        rest = seconds(1);
      }
      if (rest > 0 && !this.#stopped) await this.#rest(rest);
    }
  }

  /** Starts what may start; hands back how long to rest. */
  async #turn(): Promise<Millis> {
    const { queue, clock, concurrency } = this.#options;
    const limit = concurrency - this.#running.size;
    if (limit <= 0) return longestRest;
    const jobs = await queue.due({ now: clock.wall(), limit, except: [...this.#running.keys()] });
    for (const job of jobs) this.#begin(job);
    if (jobs.length === limit) return longestRest;
    const next = await queue.nextDue([...this.#running.keys()]);
    return next === undefined ? longestRest : Math.max(1, Math.min(longestRest, next - clock.wall()));
  }

  #begin(job: Job): void {
    const work = this.#try(job).finally(() => {
      this.#running.delete(job.sequence);
      this.wake();
    });
    this.#running.set(job.sequence, work);
  }

  async #try(job: Job): Promise<void> {
    const { work, queue, policy, clock, log } = this.#options;
    try {
      const outcome = await work(job, this.#ending.signal).catch(
        (error: unknown): Again => ({ again: asFault(error) }),
      );
      if (outcome === undefined) return;
      const wait = outcome.afterMillis ?? backOff(policy, job.attempts, clock.random);
      log.warn(
        { part: this.name, code: outcome.again.code, err: outcome.again, attempt: job.attempts + 1 },
        "a try failed and will be repeated",
      );
      await queue.postpone(job, { fault: outcome.again, notBefore: Math.ceil(clock.wall() + wait) });
    } catch (error) {
      log.error({ err: error, part: this.name }, "the outcome of a try could not be noted; the row waits as before");
      // The row is still due: without a pause a full disk would have it tried again at once, for ever.
      await this.#pause(backOff(policy, job.attempts + 1, clock.random));
    }
  }

  #rest(length: Millis): Promise<void> {
    return this.#until(length, this.#bell.signal);
  }

  #pause(length: Millis): Promise<void> {
    return this.#until(length, this.#ending.signal);
  }

  async #until(length: Millis, signal: AbortSignal): Promise<void> {
    await this.#options.clock.sleep(length, signal).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }
}
