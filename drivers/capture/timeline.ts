import type { Millis } from "../../contracts/units.ts";

/** Arrivals that are remembered: some seconds, over which a sound card's clock runs away by less than a millisecond. */
const remembered = 64;

/**
 * Ties a stream's own time (counted in samples or frames) to the monotonic clock. What arrives was delayed by between
 * nothing and much, never by less than nothing: the earliest of the recent arrivals is the truest.
 */
export class Timeline {
  readonly #recent: Millis[] = [];

  /** Material up to `end` (stream time) is here at `now` (monotonic). */
  arrived(end: Millis, now: Millis): void {
    this.#recent.push(now - end);
    if (this.#recent.length > remembered) this.#recent.shift();
  }

  /** The monotonic moment of the stream's time 0. */
  get origin(): Millis {
    return Math.min(...this.#recent);
  }
}
