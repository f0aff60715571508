import { join } from "node:path";
import { asFault, type FaultCode } from "../contracts/fault.ts";
import type { Millis } from "../contracts/units.ts";
import type { Clock } from "../runtime/clock.ts";
import { writeDurably } from "../runtime/durable.ts";
import type { Log } from "../runtime/log.ts";
import type { BoardFacts } from "./board.ts";

export type PartState = "starting" | "working" | "resting" | "degraded" | "gone";
type PartHealth = { state: PartState; fault: FaultCode | string | undefined; stamp: Millis };

/** What goes to the health topic and `health.json`. Names no person. */
export type HealthDocument = {
  online: boolean;
  software: string;
  parts: Record<string, { state: PartState; fault?: string; sinceWorkMillis: Millis }>;
  /** How often each fault was met since the agent started. */
  faults: Record<string, number>;
  outbox: Record<string, number>;
  clock: string;
  board: BoardFacts;
};

/** Health is progress: parts stamp work done, faults are counted by code. */
export class Health {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #parts = new Map<string, PartHealth>();
  readonly #faults = new Map<string, number>();

  constructor({ clock, log }: { clock: Clock; log: Log }) {
    this.#clock = clock;
    this.#log = log;
  }

  /** The part has done work just now. */
  stamp(part: string): void {
    const known = this.#parts.get(part);
    this.#parts.set(part, {
      state: known?.state === "degraded" ? "degraded" : "working",
      fault: known?.fault,
      stamp: this.#clock.monotonic(),
    });
  }

  say(part: string, state: PartState, fault?: string): void {
    this.#parts.set(part, { state, fault, stamp: this.#clock.monotonic() });
  }

  /** Milliseconds since the part last did something; undefined for one that never did. */
  sinceWork(part: string): Millis | undefined {
    const known = this.#parts.get(part);
    return known === undefined ? undefined : this.#clock.monotonic() - known.stamp;
  }

  /** Every part that has said anything: how it is, and when it last did something. */
  beats(): Record<string, { sinceWork: Millis; state: PartState }> {
    const now = this.#clock.monotonic();
    return Object.fromEntries(
      [...this.#parts].map(([name, { state, stamp }]) => [name, { state, sinceWork: now - stamp }]),
    );
  }

  /** Counts a fault, and logs what was refused and where: each time at first, then ever more rarely. */
  count(error: unknown, where: string): void {
    const fault = asFault(error);
    const times = (this.#faults.get(fault.code) ?? 0) + 1;
    this.#faults.set(fault.code, times);
    const told = times <= 16 || Number.isInteger(Math.log2(times));
    if (told) this.#log.warn({ err: fault, code: fault.code, part: where, times }, "a fault was met");
  }

  /** Every part and every fault, for a person who looks after the device. */
  summary(): {
    parts: { name: string; state: PartState; fault?: string }[];
    faults: { code: string; times: number }[];
  } {
    return {
      parts: [...this.#parts].map(([name, { state, fault }]) => ({
        name,
        state,
        ...(fault === undefined ? {} : { fault }),
      })),
      faults: [...this.#faults].map(([code, times]) => ({ code, times })),
    };
  }

  document(
    outbox: Record<string, number>,
    facts: { software: string; clock: string; board: BoardFacts },
  ): HealthDocument {
    const now = this.#clock.monotonic();
    const parts = [...this.#parts].map(([name, { state, fault, stamp }]) => [
      name,
      { state, ...(fault === undefined ? {} : { fault }), sinceWorkMillis: Math.round(now - stamp) },
    ]);
    return {
      online: true,
      ...facts,
      parts: Object.fromEntries(parts),
      faults: Object.fromEntries(this.#faults),
      outbox,
    };
  }
}

export const writeHealth = (runDirectory: string, document: HealthDocument): Promise<void> =>
  writeDurably(join(runDirectory, "health.json"), `${JSON.stringify(document)}\n`);
