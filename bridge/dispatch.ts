import { sql } from "kysely";
import { asFault, type Fault } from "../contracts/fault.ts";
import { type EpochMillis, type Millis, seconds } from "../contracts/units.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Log } from "../runtime/log.ts";
import type { Part } from "../runtime/parts.ts";
import { backOff, type RetryPolicy } from "../runtime/retry.ts";

/** Rows of a durable table that wait to be worked on. Times are by the centre's wall clock. */
export interface Queue<Job extends { attempts: number }> {
  /** Takes up to `limit` rows that are due and not leased, leases them, oldest first. */
  claim(wanted: { now: EpochMillis; leaseUntil: EpochMillis; limit: number }): Promise<Job[]>;
  /** When the next row becomes due, or undefined when none waits. */
  nextDue(): Promise<EpochMillis | undefined>;
  /** Ends every lease: called at start, when what an earlier run held is held by nobody. */
  release(): Promise<void>;
  /** The try failed: count it, note why, wait until `notBefore`. */
  postpone(job: Job, outcome: { fault: Fault; notBefore: EpochMillis }): Promise<void>;
}

/** The moment (column `due`) at which the first waiting row may be claimed; a leased one not before its lease ends. */
export const firstDue =
  sql<EpochMillis | null>`min(case when "leaseUntil" > "notBefore" then "leaseUntil" else "notBefore" end)`.as("due");

/** A job's work notes its own success in the store. `again` asks for another try, after `afterMillis` where the peer said when. */
export type Again = { again: Fault; afterMillis?: Millis };

export type DispatcherOptions<Job extends { attempts: number }> = {
  name: string;
  queue: Queue<Job>;
  work: (job: Job, signal: AbortSignal) => Promise<Again | undefined>;
  policy: RetryPolicy;
  concurrency: number;
  clock: Clock;
  log: Log;
};

/** A lease longer than any single try may take; only a lost process lets it run out. */
const lease = seconds(60);
/** The fallback when nobody rings. */
const longestRest = seconds(5);
const drainLimit = seconds(3);

/** Works a durable queue: at once when woken, with lease and back-off, a bounded number at a time. */
export class Dispatcher<Job extends { attempts: number }> implements Part {
  readonly name: string;
  readonly #options: DispatcherOptions<Job>;
  readonly #running = new Set<Promise<void>>();
  readonly #ending = new AbortController();
  #bell = new AbortController();
  #loop: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(options: DispatcherOptions<Job>) {
    this.name = options.name;
    this.#options = options;
  }

  async start(): Promise<void> {
    await this.#options.queue.release();
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
    await Promise.all(this.#running);
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
    const now = clock.wall();
    const jobs = await queue.claim({ now, leaseUntil: now + lease, limit });
    for (const job of jobs) this.#begin(job);
    if (jobs.length === limit) return longestRest;
    const due = await queue.nextDue();
    return due === undefined ? longestRest : Math.max(1, Math.min(longestRest, due - clock.wall()));
  }

  #begin(job: Job): void {
    const work = this.#try(job).finally(() => {
      this.#running.delete(work);
      this.wake();
    });
    this.#running.add(work);
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
      await queue.postpone(job, { fault: outcome.again, notBefore: clock.wall() + wait });
    } catch (error) {
      log.error({ err: error, part: this.name }, "the outcome of a try could not be noted; its lease will run out");
    }
  }

  async #rest(length: Millis): Promise<void> {
    const { signal } = this.#bell;
    await this.#options.clock.sleep(length, signal).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }
}
