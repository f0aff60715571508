import { sampleRate } from "../contracts/ports.ts";
import { type Millis, millis } from "../contracts/units.ts";

const samplesPerMilli = sampleRate / 1000;

/** Where the samples of a recording lie on the session's timeline; a recording that broke off goes on at a later moment. */
export class Timeline {
  readonly #anchors: { sample: number; at: Millis }[];

  constructor(start: Millis) {
    this.#anchors = [{ sample: 0, at: start }];
  }

  get start(): Millis {
    return this.#anchors[0]?.at ?? 0;
  }

  /** The moments at which the recording went on after a gap. */
  get resumed(): Millis[] {
    return this.#anchors.slice(1).map((anchor) => Math.round(anchor.at));
  }

  resume(sample: number, at: Millis): void {
    this.#anchors.push({ sample, at });
  }

  /** The moment of a sample, in fractions of a millisecond. `before` asks for the end of what precedes it. */
  exact(sample: number, before = false): Millis {
    const anchor = this.#anchors.findLast(
      (one, at) => at === 0 || (before ? one.sample < sample : one.sample <= sample),
    );
    return millis((anchor?.at ?? 0) + (sample - (anchor?.sample ?? 0)) / samplesPerMilli);
  }

  /** A span of samples in whole milliseconds. */
  span({ start, end }: { start: number; end: number }): { start: Millis; end: Millis } {
    return { start: Math.round(this.exact(start)), end: Math.round(this.exact(end, true)) };
  }
}
