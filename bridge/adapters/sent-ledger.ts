import { z } from "zod";
import type { EpochMillis, Millis } from "../../contracts/units.ts";
import { DurableLog } from "../../runtime/durable.ts";

const line = z.strictObject({ effect: z.string(), to: z.string(), at: z.number() });

/** At most so many messages to one recipient within the span. */
export type Rate = { most: number; within: Millis };

/**
 * What was sent to whom, on the disk: a message noted here is never sent again. Recipients stand in it as digests. Of
 * what is not noted, nobody knows whether it arrived; the target's own duplicate check has to tell.
 */
export class SentLedger {
  readonly #log: DurableLog;
  readonly #rate: Rate;
  readonly #sent = new Set<string>();
  /** Moments of the tries to each recipient, oldest first. */
  readonly #tries = new Map<string, EpochMillis[]>();

  private constructor(log: DurableLog, rate: Rate) {
    this.#log = log;
    this.#rate = rate;
  }

  static async open(path: string, rate: Rate): Promise<SentLedger> {
    const { log, lines } = await DurableLog.open(path);
    const ledger = new SentLedger(log, rate);
    for (const text of lines) {
      const { effect, to, at } = line.parse(JSON.parse(text));
      ledger.#sent.add(`${effect} ${to}`);
      ledger.#note(to, at);
    }
    return ledger;
  }

  has(effect: string, to: string): boolean {
    return this.#sent.has(`${effect} ${to}`);
  }

  /** Takes a place in everybody's rate, or hands back how long to wait for one. */
  take(recipients: readonly string[], now: EpochMillis): Millis | undefined {
    const { most, within } = this.#rate;
    const waits = recipients.map((to) => {
      const recent = (this.#tries.get(to) ?? []).filter((at) => at > now - within && at <= now);
      return recent.length < most ? 0 : (recent[recent.length - most] ?? now) + within - now;
    });
    const wait = Math.max(0, ...waits);
    if (wait > 0) return wait;
    for (const to of recipients) this.#note(to, now);
    return undefined;
  }

  async add(effect: string, recipients: readonly string[], at: EpochMillis): Promise<void> {
    for (const to of recipients) {
      await this.#log.append(JSON.stringify({ effect, to, at } satisfies z.output<typeof line>));
      this.#sent.add(`${effect} ${to}`);
    }
  }

  close(): Promise<void> {
    return this.#log.close();
  }

  #note(to: string, at: EpochMillis): void {
    this.#tries.set(to, [...(this.#tries.get(to) ?? []), at].slice(-this.#rate.most));
  }
}
