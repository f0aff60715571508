import { sampleRate } from "../../contracts/ports.ts";
import { decibels, fullScale, silence } from "../../drivers/capture/meter.ts";

/** What a stretch of sound measures, levels in dBFS. */
export type SoundFigures = { level: number; peak: number; floor: number; clipping: number; offset: number };

const frameSamples = sampleRate / 20;

const rms = (samples: Int16Array): number =>
  Math.sqrt(samples.reduce((sum, one) => sum + one * one, 0) / Math.max(1, samples.length));

/** Levels of frames of 50 ms, the lowest first. */
function frameLevels(samples: Int16Array): number[] {
  const count = Math.floor(samples.length / frameSamples);
  return Array.from({ length: count }, (_, at) =>
    decibels(rms(samples.subarray(at * frameSamples, (at + 1) * frameSamples))),
  ).sort((a, b) => a - b);
}

/** The floor is the level that a tenth of all frames of 50 ms stay below: what is left between sounds. */
export function measureSound(samples: Int16Array): SoundFigures {
  let [sum, peak, over] = [0, 0, 0];
  for (const sample of samples) {
    sum += sample;
    peak = Math.max(peak, Math.abs(sample));
    if (Math.abs(sample) >= fullScale) over++;
  }
  const levels = frameLevels(samples);
  return {
    level: decibels(rms(samples)),
    peak: decibels(peak),
    floor: levels[Math.floor(levels.length / 10)] ?? silence,
    clipping: over / Math.max(1, samples.length),
    offset: Math.abs(sum) / Math.max(1, samples.length) / 32_768,
  };
}

/** The level that a tenth of all frames lie above: of speech, its vowels. */
export function loudest(samples: Int16Array): number {
  const levels = frameLevels(samples);
  return levels[Math.floor(levels.length * 0.9)] ?? silence;
}

const chirpSeconds = 0.4;
/** A sweep over the band of speech at a quarter of full scale, softened at both ends. */
export function chirp(): Int16Array {
  const count = Math.round(chirpSeconds * sampleRate);
  const [low, high] = [300, 3400];
  return Int16Array.from({ length: count }, (_, at) => {
    const time = at / sampleRate;
    const phase = 2 * Math.PI * (low * time + ((high - low) * time * time) / (2 * chirpSeconds));
    const edge = Math.min(1, at / 160, (count - 1 - at) / 160);
    return Math.round(8192 * edge * Math.sin(phase));
  });
}

/**
 * Where `pattern` lies in `samples`: the lag with the largest normalised cross-correlation, and that correlation, 0 to 1
 * (matched filter; the sign is left out, since a loudspeaker may be wired either way).
 */
export function findPattern(samples: Int16Array, pattern: Int16Array): { at: number; correlation: number } {
  const own = Math.sqrt(pattern.reduce((sum, one) => sum + one * one, 0));
  let energy = samples.subarray(0, pattern.length).reduce((sum, one) => sum + one * one, 0);
  let best = { at: 0, correlation: 0 };
  for (let lag = 0; lag + pattern.length <= samples.length; lag++) {
    let product = 0;
    for (let at = 0; at < pattern.length; at++) product += (samples[lag + at] ?? 0) * (pattern[at] ?? 0);
    const correlation = energy <= 0 ? 0 : Math.abs(product) / (own * Math.sqrt(energy));
    if (correlation > best.correlation) best = { at: lag, correlation };
    const [gone, come] = [samples[lag] ?? 0, samples[lag + pattern.length] ?? 0];
    energy += come * come - gone * gone;
  }
  return best;
}
