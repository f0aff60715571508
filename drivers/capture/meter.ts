/** A level five times a second. */
const meterSamples = 16_000 / 5;
const sampleBytes = 2;
/** Level of digital silence: half a step of 16 bits, in dBFS. */
export const silence = -96;
/** Two steps below full scale: converters clip a little before it. */
export const fullScale = 32_765;
/** The last 10 s, of which the floor is told once there are 2. */
const remembered = 50;
const enough = 10;

/** Levels in dBFS; `clipped` is the share of the samples that stand at full scale. */
export type Reading = { level: number; peak: number; clipped: number; noiseFloor?: number };

/** Level of an amplitude of 16 bits, in dBFS. */
export const decibels = (amplitude: number): number => Math.max(silence, 20 * Math.log10(amplitude / 32_768 || 1e-9));
const nothing = { squares: 0, peak: 0, clipped: 0, samples: 0 };

/**
 * Measures s16le 16 kHz mono in stretches of 200 ms. The noise floor is the level that a tenth of the last 10 s of
 * stretches stay below: whoever speaks makes pauses, and those are the room.
 */
export class Meter {
  #running = { ...nothing };
  readonly #levels: number[] = [];

  /** Calls `tell` for each stretch that ends in these whole samples. */
  measure(pcm: Buffer, tell: (reading: Reading) => void): void {
    for (let at = 0; at < pcm.length; at += sampleBytes) {
      const running = this.#running;
      const sample = pcm.readInt16LE(at);
      const size = Math.abs(sample);
      running.squares += sample * sample;
      if (size > running.peak) running.peak = size;
      if (size >= fullScale) running.clipped++;
      if (++running.samples === meterSamples) tell(this.#read());
    }
  }

  #read(): Reading {
    const { squares, peak, clipped, samples } = this.#running;
    this.#running = { ...nothing };
    const level = decibels(Math.sqrt(squares / samples));
    this.#levels.push(level);
    if (this.#levels.length > remembered) this.#levels.shift();
    const floor = this.#levels.toSorted((a, b) => a - b)[Math.floor(this.#levels.length / 10)];
    const told = this.#levels.length < enough || floor === undefined ? {} : { noiseFloor: floor };
    return { level, peak: decibels(peak), clipped: clipped / samples, ...told };
  }
}
