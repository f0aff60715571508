import type { Recognised } from "../../../contracts/ports.ts";

const frameSamples = 160;
/** Frames whose mean level is compared: 100 ms, about the shortest pause worth cutting at. */
const windowFrames = 10;

/** The middle of the quietest 100 ms in the middle third of the sound, as a sample index. */
export function quietestMiddle(pcm: Float32Array): number {
  const width = frameSamples * windowFrames;
  const from = Math.floor(pcm.length / 3);
  const to = Math.floor((2 * pcm.length) / 3) - width;
  let best = Math.floor(pcm.length / 2);
  let quietest = Number.POSITIVE_INFINITY;
  for (let at = from; at < to; at += frameSamples) {
    let energy = 0;
    for (let sample = at; sample < at + width; sample++) energy += (pcm[sample] as number) ** 2;
    if (energy < quietest) {
      quietest = energy;
      best = at + width / 2;
    }
  }
  return best;
}

/** Two results one behind the other, the second beginning `seconds` later; a half that is not trusted adds nothing. */
export function joined(first: Recognised, second: Recognised, seconds: number): Recognised {
  const later = second.words.map((word) => ({ ...word, start: word.start + seconds, end: word.end + seconds }));
  const halves = [first, second].filter((half) => half.trusted);
  const words = halves.reduce((sum, half) => sum + half.words.length, 0);
  const logs = halves.reduce((sum, half) => sum + half.words.length * Math.log(half.confidence), 0);
  return {
    language: first.language,
    text: halves.map((half) => half.text).join(first.language === "zh-CN" ? "" : " "),
    words: [...first.words, ...later],
    confidence: words === 0 ? Math.min(first.confidence, second.confidence) : Math.exp(logs / words),
    noSpeech: Math.min(first.noSpeech, second.noSpeech),
    trusted: halves.length > 0,
  };
}
