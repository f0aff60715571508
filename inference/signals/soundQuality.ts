import type { SoundQuality } from "../../contracts/observation.ts";
import { defineSignal } from "../signal.ts";

/** One step below full scale of 16 bits: what a clipped sample reads. */
const fullScale = 32_766.5 / 32_768;

const decibels = (meanSquare: number): number | null =>
  meanSquare > 0 ? Math.round(100 * Math.log10(meanSquare)) / 10 : null;

/** Adds up what the quality of a recording is told from; equal samples give equal sums. */
export class SoundMeter {
  #samples = 0;
  #squares = 0;
  #clipped = 0;
  #least = Number.POSITIVE_INFINITY;
  #most = Number.NEGATIVE_INFINITY;
  #windows: number[] = [];

  /** Adds a window and returns its energy (sum of squares). */
  add(window: Float32Array): number {
    let energy = 0;
    for (let at = 0; at < window.length; at++) {
      const value = window[at] as number;
      energy += value * value;
      if (value < this.#least) this.#least = value;
      if (value > this.#most) this.#most = value;
      if (value >= fullScale || value <= -fullScale) this.#clipped++;
    }
    this.#samples += window.length;
    this.#squares += energy;
    if (window.length > 0) this.#windows.push(energy / window.length);
    return energy;
  }

  /**
   * Levels in dBFS (10·log10 of the mean square; null for digital silence). The noise floor is the 10th percentile of the
   * windows' levels. Digital silence (all samples equal) or no sample at all is not usable: no microphone does that.
   */
  result(): SoundQuality {
    const sorted = this.#windows.slice().sort((a, b) => a - b);
    return {
      rmsDbfs: this.#samples === 0 ? null : decibels(this.#squares / this.#samples),
      noiseFloorDbfs: decibels(sorted[Math.floor(sorted.length / 10)] ?? 0),
      clipped: this.#samples === 0 ? 0 : this.#clipped / this.#samples,
      usable: this.#samples > 0 && this.#most > this.#least,
    };
  }
}

/** Whether the device heard at all, and how well. */
export const soundQuality = defineSignal({
  id: "soundQuality",
  summary: {
    en: "How loud, noisy and clipped the recording is, and whether the microphone worked",
    "zh-CN": "录音的音量、噪声和削波，以及麦克风是否正常",
  },
  stream: "mic",
  why: {
    en: "A broken or clipped microphone must be the device's failure and never the candidate's.",
    "zh-CN": "麦克风故障或削波应算设备问题，绝不算应聘者的问题。",
  },
  purpose: "quality",
  consent: "scoring",
  retentionClass: "transcriptDays",
  needs: [],
  models: [],
  cost: {
    en: "A few sums for each sample; 250 bytes a second of memory.",
    "zh-CN": "每个采样几次加法；每秒约占 250 字节内存。",
  },
  compute: () => new SoundMeter(),
});
