import type { Group } from "./words.ts";

const sampleRate = 16_000;
const framesPerSecond = 100;
const frameSamples = sampleRate / framesPerSecond;
/** Where the pause is sought around a boundary: attention gives it to the word behind, so mostly later. */
const before = 0.1;
const after = 0.45;
/** Sound is what is louder than both: thrice the quiet tenth of the clip, and 2 % of its loudest moment. */
const overQuiet = 3;
const ofLoudest = 0.02;

/** Root mean square of each 10 ms. */
function levels(pcm: Float32Array): Float32Array {
  const found = new Float32Array(Math.floor(pcm.length / frameSamples));
  for (let frame = 0; frame < found.length; frame++) {
    let sum = 0;
    for (let at = frame * frameSamples; at < (frame + 1) * frameSamples; at++) sum += (pcm[at] as number) ** 2;
    found[frame] = Math.sqrt(sum / frameSamples + 1e-12);
  }
  return found;
}

/** Mean of each frame and its neighbours. */
function smooth(level: Float32Array): Float32Array {
  return level.map((value, at) => ((level[at - 1] ?? 0) + value + (level[at + 1] ?? 0)) / 3);
}

function threshold(level: Float32Array): number {
  const sorted = Float32Array.from(level).sort();
  return Math.max((sorted[Math.floor(sorted.length / 10)] ?? 0) * overQuiet, (sorted.at(-1) ?? 0) * ofLoudest);
}

/** The quietest frame in [from, to); `otherwise` where the range is empty. */
function quietest(level: Float32Array, range: { from: number; to: number }, otherwise: number): number {
  let best = range.from < range.to ? range.from : otherwise;
  for (let at = range.from + 1; at < range.to; at++) if ((level[at] as number) < (level[best] as number)) best = at;
  return best;
}

/**
 * Moves word times to the edges of the sound: each boundary between two words goes to the quietest 10 ms near it, then
 * each word loses the silence at its ends. Times stay in order and inside the sound; a word without any sound keeps the
 * time it had.
 */
export function refine(words: readonly Group[], pcm: Float32Array): Group[] {
  const level = levels(pcm);
  if (words.length === 0 || level.length === 0) return [...words];
  const smoothed = smooth(level);
  const edge = threshold(level);
  const frame = (time: number): number => Math.min(level.length, Math.max(0, Math.round(time * framesPerSecond)));
  const boundaries = [0];
  for (const [at, word] of words.entries()) {
    const next = words[at + 1];
    const last = boundaries.at(-1) ?? 0;
    const from = Math.max(last, frame(word.end - before));
    const latest = next === undefined ? Number.POSITIVE_INFINITY : next.end;
    const to = Math.min(level.length, frame(Math.min(word.end + after, latest)));
    boundaries.push(quietest(smoothed, { from, to }, Math.max(last, frame(word.end))));
  }
  return words.map((word, at) => {
    const from = boundaries[at] ?? 0;
    const to = Math.max(from + 1, boundaries[at + 1] ?? from);
    let first = from;
    while (first < to && (level[first] ?? 0) <= edge) first++;
    let last = to - 1;
    while (last > first && (level[last] ?? 0) <= edge) last--;
    const silent = first >= to;
    return { ...word, start: (silent ? from : first) / framesPerSecond, end: (silent ? to : last + 1) / framesPerSecond };
  });
}
