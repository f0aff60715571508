import { statfs } from "node:fs/promises";
import type { FaultCode } from "../contracts/fault.ts";
import { asFault, Fault } from "../contracts/fault.ts";
import { type Millis, seconds } from "../contracts/units.ts";
import { type Clock, deadline } from "../runtime/clock.ts";
import { readIfThere } from "../runtime/durable.ts";
import type { Part } from "../runtime/parts.ts";
import { run } from "../runtime/subprocess.ts";
import type { Health, PartState } from "./health.ts";

/** What is known of the board itself. A figure that nobody measures is left out. */
export type BoardFacts = {
  temperatureCelsius?: number;
  throttled?: readonly string[];
  supplyVolts?: number;
  fanRpm?: number;
  /** Where sessions and recordings are kept. */
  storageFreeMegabytes?: number;
  clockSynchronised?: boolean;
};

/** From `warnCelsius` on the device is degraded, from `restCelsius` on no new interview begins; one that runs goes on. */
export type ThermalLimits = { readonly warnCelsius: number; readonly restCelsius: number };
export type BoardLimits = { readonly thermal?: ThermalLimits | undefined; readonly storageWarnMegabytes: number };
export type Verdict = { state: PartState; fault?: FaultCode; resting: boolean };

/** A board that has rested begins again this far below the limit, so that it does not do so every minute. */
const coolingCelsius = 5;
const readEvery: Millis = seconds(10);
const readLimit: Millis = seconds(5);
/** Asking timedated starts a process: often enough for a clock. */
const clockEvery: Millis = seconds(60);

/** How the board is, and whether it rests from new interviews. `rested`: whether it did until now. */
export function judgeBoard(facts: BoardFacts, limits: BoardLimits, rested: boolean): Verdict {
  const { thermal, storageWarnMegabytes } = limits;
  const heat = facts.temperatureCelsius;
  const limit = (thermal?.restCelsius ?? Number.POSITIVE_INFINITY) - (rested ? coolingCelsius : 0);
  if (heat !== undefined && heat >= limit) return { state: "degraded", fault: "board.hot", resting: true };
  const degraded = (fault: FaultCode): Verdict => ({ state: "degraded", fault, resting: false });
  if ((facts.storageFreeMegabytes ?? Number.POSITIVE_INFINITY) < storageWarnMegabytes) return degraded("storage.full");
  if (heat !== undefined && thermal !== undefined && heat >= thermal.warnCelsius) return degraded("board.warm");
  if ((facts.throttled ?? []).length > 0) return degraded("board.throttled");
  return { state: "working", resting: false };
}

/** Touched by systemd-timesyncd when it has set the clock (its manual); other time services tell the kernel, which timedated asks. */
export async function clockSynchronised(): Promise<boolean | undefined> {
  if ((await readIfThere("/run/systemd/timesync/synchronized")) !== undefined) return true;
  try {
    const late = (): Fault => new Fault("process.stuck", "timedatectl does not come back");
    const ask = ["show", "--property=NTPSynchronized", "--value"];
    const said = await deadline(readLimit, late, (signal) => run("timedatectl", ask, { signal }));
    return said.toString("utf8").trim() === "yes";
  } catch {
    // Nobody here knows: no systemd, or no bus.
    return undefined;
  }
}

type Readings = Pick<BoardFacts, "temperatureCelsius" | "throttled" | "supplyVolts" | "fanRpm">;
type Sensor = { read(): Promise<Readings>; close(): void };
type Kept = { readonly open: () => Promise<Sensor>; sensor: Sensor | undefined };

export type BoardPartOptions = {
  clock: Clock;
  health: Health;
  stateDirectory: string;
  storageWarnMegabytes: number;
  /** The sensors of this board, the one that counts first in front, and its limits. */
  mounted: () => Promise<{ sensors: readonly (() => Promise<Sensor>)[]; thermal?: ThermalLimits | undefined }>;
};

/** Looks after the board: its sensors, its disk and its clock, every ten seconds. */
export class BoardPart implements Part {
  readonly name = "board";
  readonly #options: BoardPartOptions;
  #sensors: Kept[] = [];
  #thermal: ThermalLimits | undefined;
  #facts: BoardFacts = {};
  #resting = false;
  #clockAskedAt = Number.NEGATIVE_INFINITY;
  #stopReading: (() => void) | undefined;

  constructor(options: BoardPartOptions) {
    this.#options = options;
  }

  get facts(): BoardFacts {
    return this.#facts;
  }

  /** @throws Fault board.hot while no new interview may begin */
  mayBegin(): void {
    if (this.#resting)
      throw new Fault("board.hot", "the device is too hot for a new interview: let it cool, and look at its fan");
  }

  async start(): Promise<void> {
    const { sensors, thermal } = await this.#options.mounted();
    this.#sensors = sensors.map((open) => ({ open, sensor: undefined }));
    this.#thermal = thermal;
    // Not waited for: a sensor that hangs must not keep the other parts from starting.
    void this.#read();
    this.#stopReading = this.#options.clock.every(readEvery, () => this.#read());
  }

  async stop(): Promise<void> {
    this.#stopReading?.();
    for (const { sensor } of this.#sensors) sensor?.close();
  }

  async #read(): Promise<void> {
    const { health, storageWarnMegabytes } = this.#options;
    const faults: FaultCode[] = [];
    const failed = (error: unknown): Record<string, never> => {
      health.count(error, "board");
      faults.push(asFault(error).code);
      return {};
    };
    const read = await Promise.all(this.#sensors.map((one) => this.#readOne(one).catch(failed)));
    // The first that knows a reading counts: what comes later is overwritten by it.
    const sensed: Readings = Object.assign({}, ...read.reverse());
    this.#facts = { ...sensed, ...(await this.#storage().catch(failed)), ...(await this.#clock()) };
    const verdict = judgeBoard(this.#facts, { thermal: this.#thermal, storageWarnMegabytes }, this.#resting);
    this.#resting = verdict.resting;
    const fault = verdict.fault ?? faults[0];
    health.say("board", fault === undefined ? verdict.state : "degraded", fault);
  }

  /** A sensor that fails is opened anew the next time. */
  async #readOne(one: Kept): Promise<Readings> {
    const late = (): Fault => new Fault("sensor.lost", "a sensor of the board does not answer");
    try {
      return await deadline(readLimit, late, async () => {
        one.sensor ??= await one.open();
        return one.sensor.read();
      });
    } catch (error) {
      one.sensor?.close();
      one.sensor = undefined;
      throw error;
    }
  }

  async #storage(): Promise<Pick<BoardFacts, "storageFreeMegabytes">> {
    const { bavail, bsize } = await statfs(this.#options.stateDirectory);
    return { storageFreeMegabytes: Math.floor((bavail * bsize) / 1_000_000) };
  }

  async #clock(): Promise<Pick<BoardFacts, "clockSynchronised">> {
    const now = this.#options.clock.monotonic();
    const { clockSynchronised: before } = this.#facts;
    if (now - this.#clockAskedAt < clockEvery) return before === undefined ? {} : { clockSynchronised: before };
    this.#clockAskedAt = now;
    const known = await clockSynchronised();
    return known === undefined ? {} : { clockSynchronised: known };
  }
}
