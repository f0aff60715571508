import type { Millis } from "../../contracts/units.ts";

/** For whoever waits until the material of a stream has come up to a moment. */
export class Arrivals {
  #waiting: { moment: Millis; resolve: () => void }[] = [];

  /** Resolves when all that was taken until this monotonic moment is here. */
  reach(moment: Millis): Promise<void> {
    return new Promise((resolve) => this.#waiting.push({ moment, resolve }));
  }

  /** What was taken until `end` is here. */
  arrived(end: Millis): void {
    const reached = this.#waiting.filter(({ moment }) => moment <= end);
    this.#waiting = this.#waiting.filter(({ moment }) => moment > end);
    for (const { resolve } of reached) resolve();
  }
}
