import { z } from "zod";
import { days, type EpochMillis, type Millis } from "../../contracts/units.ts";
import type { Clock } from "../../runtime/clock.ts";
import { DurableLog, readIfThere, writeDurably } from "../../runtime/durable.ts";

const line = z.strictObject({ effect: z.string(), to: z.string(), at: z.number() });
type Line = z.output<typeof line>;

/** At most so many messages to one recipient within the span. */
export type Rate = { most: number; within: Millis };

export type LedgerOptions = {
  /** All of them hold for each recipient. */
  rates: readonly Rate[];
  /** A line is forgotten after this long, so that the file does not grow for ever. */
  keep: Millis;
  clock: Clock;
};

/** How often an open ledger is looked through for lines that are too old. */
const compactEvery = days(1);

const asText = (lines: Iterable<Line>): string => [...lines].map((one) => `${JSON.stringify(one)}\n`).join("");

/**
 * What was sent to whom, on the disk: a message noted here is not sent again while its line is kept. Recipients stand
 * in it as digests. Of what is not noted, nobody knows whether it arrived; the target's own duplicate check has to tell.
 */
export class SentLedger {
  readonly #path: string;
  readonly #options: LedgerOptions;
  #log: DurableLog;
  #compactedAt: EpochMillis;
  #tail: Promise<unknown> = Promise.resolve();
  readonly #sent = new Map<string, Line>();
  /** Moments of the tries to each recipient, oldest first. */
  readonly #tries = new Map<string, EpochMillis[]>();

  private constructor(path: string, log: DurableLog, options: LedgerOptions) {
    this.#path = path;
    this.#log = log;
    this.#options = options;
    this.#compactedAt = options.clock.wall();
  }

  static async open(path: string, options: LedgerOptions): Promise<SentLedger> {
    const oldest = options.clock.wall() - options.keep;
    const { log, lines } = await DurableLog.open(path);
    const ledger = new SentLedger(path, log, options);
    for (const text of lines) {
      const one = line.parse(JSON.parse(text));
      if (one.at >= oldest) ledger.#remember(one);
    }
    if (ledger.#sent.size < lines.length) await ledger.#rewrite();
    return ledger;
  }

  has(effect: string, to: string): boolean {
    return this.#sent.has(`${effect} ${to}`);
  }

  /** Takes a place in everybody's rates, or hands back how long to wait for one. */
  take(recipients: readonly string[], now: EpochMillis): Millis | undefined {
    const waits = recipients.flatMap((to) =>
      this.#options.rates.map(({ most, within }) => {
        const recent = (this.#tries.get(to) ?? []).filter((at) => at > now - within && at <= now);
        return recent.length < most ? 0 : (recent[recent.length - most] ?? now) + within - now;
      }),
    );
    const wait = Math.max(0, ...waits);
    if (wait > 0) return wait;
    for (const to of recipients) this.#note(to, now);
    return undefined;
  }

  async add(effect: string, recipients: readonly string[], at: EpochMillis): Promise<void> {
    const work = this.#tail.then(() => this.#add(effect, recipients, at));
    this.#tail = work.catch(() => undefined);
    await work;
  }

  async close(): Promise<void> {
    await this.#tail;
    await this.#log.close();
  }

  async #add(effect: string, recipients: readonly string[], at: EpochMillis): Promise<void> {
    for (const to of recipients) {
      const one: Line = { effect, to, at };
      await this.#log.append(JSON.stringify(one));
      this.#sent.set(`${effect} ${to}`, one);
    }
    const now = this.#options.clock.wall();
    if (now - this.#compactedAt < compactEvery) return;
    this.#compactedAt = now;
    for (const [key, one] of this.#sent) if (one.at < now - this.#options.keep) this.#sent.delete(key);
    await this.#rewrite();
  }

  /** Writes anew what is remembered. A pulled plug leaves the old file or the new one, and both tell the truth. */
  async #rewrite(): Promise<void> {
    const text = asText(this.#sent.values());
    if (text === (await readIfThere(this.#path))) return;
    await writeDurably(this.#path, text);
    const { log } = await DurableLog.open(this.#path);
    const old = this.#log;
    this.#log = log;
    await old.close();
  }

  #remember(one: Line): void {
    this.#sent.set(`${one.effect} ${one.to}`, one);
    this.#note(one.to, one.at);
  }

  #note(to: string, at: EpochMillis): void {
    const most = Math.max(...this.#options.rates.map((rate) => rate.most));
    const tries = this.#tries.get(to) ?? [];
    tries.push(at);
    if (tries.length > most) tries.shift();
    this.#tries.set(to, tries);
  }
}
