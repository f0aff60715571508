import { PitchDetector } from "pitchy";
import type { PitchRange } from "../../contracts/observation.ts";
import { sampleRate } from "../../contracts/ports.ts";
import { defineSignal } from "../signal.ts";

/**
 * Frames of 64 ms, half of each shared with the one before, and the clarity from which a frame counts as voiced: within
 * 4 % of Praat on the recorded speech that it was measured with. Voices lie between `lowest` and `highest` Hz; what is
 * quieter than `quietest` dBFS is the room.
 */
export const pitchRules = { frame: 1024, clarity: 0.85, lowest: 60, highest: 500, quietest: -55, least: 16 } as const;

/** Steps of the two histograms: a twentieth of a semitone, a quarter of a decibel. */
const steps = { semitone: 20, decibel: 4 } as const;

const semitones = (hertz: number): number => 12 * Math.log2(hertz / pitchRules.lowest);
const hertz = (semitone: number): number => Math.round(pitchRules.lowest * 2 ** (semitone / 12) * 10) / 10;
const tenth = (value: number): number => Math.round(value * 10) / 10;

/** Counts by value, so that memory does not grow with the answer. */
class Histogram {
  readonly #counts: Uint32Array;
  readonly #from: number;
  readonly #step: number;
  #sum = 0;

  constructor(from: number, to: number, step: number) {
    this.#from = from;
    this.#step = step;
    this.#counts = new Uint32Array(Math.ceil((to - from) * step) + 1);
  }

  add(value: number): void {
    const at = Math.min(this.#counts.length - 1, Math.max(0, Math.round((value - this.#from) * this.#step)));
    this.#counts[at] = (this.#counts[at] ?? 0) + 1;
    this.#sum++;
  }

  /** The value below which this share lies. */
  at(share: number): number {
    let left = share * this.#sum;
    const found = this.#counts.findIndex((count) => {
      left -= count;
      return left < 0;
    });
    return this.#from + (found < 0 ? this.#counts.length - 1 : found) / this.#step;
  }

  get sum(): number {
    return this.#sum;
  }
}

/** Follows the pitch of what is voiced. Takes windows of half a frame, in order. */
export class PitchMeter {
  readonly #detector = PitchDetector.forFloat32Array(pitchRules.frame);
  readonly #frame = new Float32Array(pitchRules.frame);
  readonly #pitch = new Histogram(0, semitones(pitchRules.highest), steps.semitone);
  readonly #energy = new Histogram(pitchRules.quietest, 0, steps.decibel);
  #held = 0;

  /** `speech`: whether voice activity hears somebody; a window that is not breaks the frame off. */
  add(window: Float32Array, speech: boolean): void {
    const half = pitchRules.frame / 2;
    if (!speech || window.length !== half) {
      this.#held = 0;
      return;
    }
    this.#frame.copyWithin(0, half);
    this.#frame.set(window, half);
    this.#held = Math.min(2, this.#held + 1);
    if (this.#held === 2) this.#hear();
  }

  #hear(): void {
    const energy = this.#frame.reduce((sum, value) => sum + value * value, 0) / this.#frame.length;
    const level = 10 * Math.log10(energy);
    if (!(level >= pitchRules.quietest)) return;
    const [found, clarity] = this.#detector.findPitch(this.#frame, sampleRate);
    if (!(clarity > pitchRules.clarity && found >= pitchRules.lowest && found <= pitchRules.highest)) return;
    this.#pitch.add(semitones(found));
    this.#energy.add(level);
  }

  /** Null where too little was voiced to speak of a range: half a second. The range is that from the 10th to the 90th percentile. */
  result(): PitchRange | null {
    if (this.#pitch.sum < pitchRules.least) return null;
    const [low, middle, high] = [0.1, 0.5, 0.9].map((share) => this.#pitch.at(share)) as [number, number, number];
    const [quiet, usual, loud] = [0.1, 0.5, 0.9].map((share) => this.#energy.at(share)) as [number, number, number];
    return {
      voicedMillis: Math.round((this.#pitch.sum * 1000 * pitchRules.frame) / 2 / sampleRate),
      hertz: { low: hertz(low), median: hertz(middle), high: hertz(high) },
      rangeSemitones: tenth(high - low),
      dbfs: { low: tenth(quiet), median: tenth(usual), high: tenth(loud) },
      rangeDecibels: tenth(loud - quiet),
    };
  }
}

/** How far the voice moves in pitch and loudness. Described, never judged: no mood is read from it. */
export const pitch = defineSignal({
  id: "pitch",
  summary: {
    en: "Range of pitch and of loudness while somebody speaks (10th to 90th percentile); no mood is read from it",
    "zh-CN": "说话时音高与响度的范围（第 10 至 90 百分位），不推断情绪",
  },
  stream: "mic",
  why: {
    en: "For training one's own speaking, where the candidate asks for it. Pitch differs by sex, age, language and illness, so it says nothing of an answer's worth.",
    "zh-CN": "应聘者要求时用于表达训练。音高因性别、年龄、语言和健康而异，不能说明回答的好坏。",
  },
  purpose: "apart",
  delivery: true,
  consent: "pitch",
  retentionClass: "transcriptDays",
  needs: ["voiceActivity"],
  models: [],
  cost: {
    en: "About 0.1 ms for each 32 ms of speech; 20 kB, however long the answer.",
    "zh-CN": "每 32 毫秒语音约 0.1 毫秒；无论回答多长都只占 20 kB。",
  },
  compute: () => new PitchMeter(),
});
