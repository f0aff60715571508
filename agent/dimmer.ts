import { type Millis, minutes, seconds } from "../contracts/units.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Part } from "../runtime/parts.ts";
import type { Health } from "./health.ts";

type Display = { setBrightness(share: number): Promise<void>; close(): void };

export type DimmerOptions = {
  clock: Clock;
  health: Health;
  /** Minutes without anybody after which the screen is dimmed; 0: never. */
  idleMinutes: number;
  /** 0 to 1, while somebody is there. */
  brightness: number;
  /** Opens the display; undefined where the board has none that can be set. */
  open: () => Promise<Display | undefined>;
};

const lookEvery: Millis = seconds(5);

/** Dims the screen when nobody has been there for a while, and wakes it at a press, a code, or a page that is not the waiting one. */
export class Dimmer implements Part {
  readonly name = "display";
  readonly #options: DimmerOptions;
  #display: Display | undefined;
  #absent = false;
  #shown: number | undefined;
  #waiting = true;
  #lastSeen: Millis;
  #applying: Promise<void> = Promise.resolve();
  #stopLooking: (() => void) | undefined;

  constructor(options: DimmerOptions) {
    this.#options = options;
    this.#lastSeen = options.clock.monotonic();
  }

  async start(): Promise<void> {
    await this.#apply();
    this.#stopLooking = this.#options.clock.every(lookEvery, () => this.#apply());
  }

  async stop(): Promise<void> {
    this.#stopLooking?.();
    await this.#applying;
    this.#display?.close();
  }

  /** Somebody is there. */
  wake(): void {
    this.#lastSeen = this.#options.clock.monotonic();
    void this.#apply();
  }

  /** The page turned to this. */
  saw(page: string): void {
    if (this.#waiting && page === "waiting") return;
    this.#waiting = page === "waiting";
    this.wake();
  }

  /** One change at a time, to what is wanted when its turn comes. */
  #apply(): Promise<void> {
    this.#applying = this.#applying.then(() => this.#settle());
    return this.#applying;
  }

  #wanted(): number {
    const { clock, idleMinutes, brightness } = this.#options;
    const idle = this.#waiting && clock.monotonic() - this.#lastSeen >= minutes(idleMinutes);
    return idleMinutes > 0 && idle ? 0 : brightness;
  }

  async #settle(): Promise<void> {
    const { health, open } = this.#options;
    const wanted = this.#wanted();
    if (this.#absent || wanted === this.#shown) return;
    try {
      this.#display ??= await open();
      this.#absent = this.#display === undefined;
      await this.#display?.setBrightness(wanted);
      if (!this.#absent) health.say("display", wanted === 0 ? "resting" : "working");
      this.#shown = wanted;
    } catch (error) {
      this.#display?.close();
      this.#display = undefined;
      health.count(error, "display");
      health.say("display", "degraded", (error as { code?: string }).code);
    }
  }
}
