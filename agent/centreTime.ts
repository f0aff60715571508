import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { Envelope } from "../contracts/envelope.ts";
import { days, type EpochMillis, type Millis, minutes } from "../contracts/units.ts";
import type { Clock } from "../runtime/clock.ts";
import { readIfThere, writeDurably } from "../runtime/durable.ts";
import { parseJson } from "../runtime/parse.ts";

export type ClockQuality = Envelope["clockquality"];

/** One start of the machine (proc(5)). */
export const bootId = (): string => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();

const kept = z.looseObject({ version: z.literal(1), newest: z.number() });
/** systemd-timesyncd touches it once the clock has been set from the network (systemd-timesyncd.service(8)). */
const synchronisedMark = "/run/systemd/timesync/synchronized";
/** A signed time is exact when it was stamped this soon after its cause. */
const exactWithin = minutes(10);
/** A wall clock this near to the centre's is right enough for every purpose here. */
const agreement = minutes(2);

/**
 * What the device believes of the time. Signed times from the centre are lower bounds; the stamp of a receipt for an
 * event made in this boot is exact to the round trip, and carries on by the monotonic clock.
 */
export class CentreTime {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #certificate: X509Certificate;
  #newest: EpochMillis = 0;
  #exact: { at: EpochMillis; monotonic: Millis } | undefined;
  #synchronised = false;

  constructor(options: { stateDirectory: string; clock: Clock; certificatePem: string }) {
    this.#path = join(options.stateDirectory, "clock.json");
    this.#clock = options.clock;
    this.#certificate = new X509Certificate(options.certificatePem);
  }

  /** Reads what was seen before this boot. @throws Fault file.unreadable */
  async start(): Promise<void> {
    const text = await readIfThere(this.#path);
    if (text !== undefined)
      this.#newest = parseJson(kept, text, { what: "the newest time seen", otherwise: "file.unreadable" }).newest;
    await this.look();
  }

  /** Asks the system whether its clock has been set from the network. */
  async look(): Promise<void> {
    this.#synchronised = await stat(synchronisedMark).then(
      () => true,
      () => false,
    );
  }

  /** Notes a time that the centre has signed. `causedAt`: monotonic moment of this boot before which it cannot have been stamped. */
  async saw(time: string, causedAt?: Millis): Promise<void> {
    const at = Date.parse(time);
    if (Number.isNaN(at)) return;
    const now = this.#clock.monotonic();
    if (causedAt !== undefined && now - causedAt <= exactWithin) this.#exact = { at, monotonic: now };
    if (at <= this.#newest + minutes(1)) return;
    this.#newest = at;
    await writeDurably(this.#path, JSON.stringify({ version: 1, newest: at }));
  }

  /** The time by which anything may be refused as early or expired; undefined while no clock can be believed. */
  judging(): EpochMillis | undefined {
    if (this.#exact !== undefined) return this.#exact.at + (this.#clock.monotonic() - this.#exact.monotonic);
    return this.quality() === "synchronised" ? this.#clock.wall() : undefined;
  }

  /** The best lower bound of the time: believed where a clock can be, else the newest time that the centre has signed. */
  atLeast(): EpochMillis {
    return this.judging() ?? this.#newest;
  }

  /** What the device thinks of its wall clock. */
  quality(): ClockQuality {
    const wall = this.#clock.wall();
    if (this.#exact !== undefined) {
      const off = Math.abs(wall - (this.#exact.at + (this.#clock.monotonic() - this.#exact.monotonic)));
      return off <= agreement ? "synchronised" : "unsynchronised";
    }
    const { validFrom, validTo } = this.#certificate;
    if (wall < this.#newest - days(1) || wall < Date.parse(validFrom) - days(1) || wall > Date.parse(validTo))
      return "unsynchronised";
    return this.#synchronised ? "synchronised" : "unknown";
  }
}
