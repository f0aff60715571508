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
/** In frames: longer than the silence inside a stop consonant, shorter than a breath. */
const shortestPause = 8;

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

function threshold(level: Float32Array): number {
  const sorted = Float32Array.from(level).sort();
  return Math.max((sorted[Math.floor(sorted.length / 10)] ?? 0) * overQuiet, (sorted.at(-1) ?? 0) * ofLoudest);
}

/** The longest run of silence that begins or ends in [from, to), as its first frame and the frame behind its last. */
function longestPause(
  level: Float32Array,
  range: { from: number; to: number; edge: number },
): { from: number; to: number } | undefined {
  let best: { from: number; to: number } | undefined;
  for (let at = range.from; at < range.to; at++) {
    if ((level[at] as number) > range.edge) continue;
    const from = at;
    while (at < range.to && (level[at] as number) <= range.edge) at++;
    if (at - from >= shortestPause && (best === undefined || at - from > best.to - best.from)) best = { from, to: at };
  }
  return best;
}

/**
 * Where each word ends and the next begins, in frames: in the middle of the pause near the time that attention gave, or
 * at that time where speech runs on. One more than there are words.
 */
function boundaries(words: readonly Group[], level: Float32Array, edge: number): number[] {
  const frame = (time: number): number => Math.min(level.length, Math.max(0, Math.round(time * framesPerSecond)));
  const found = [0];
  for (const [at, word] of words.entries()) {
    const least = found.at(-1) ?? 0;
    const next = words[at + 1];
    const from = Math.max(least, frame(word.end - before));
    const to = frame(Math.min(word.end + after, next?.end ?? word.end + after));
    const pause = longestPause(level, { from, to, edge });
    found.push(pause === undefined ? Math.max(least, frame(word.end)) : Math.floor((pause.from + pause.to) / 2));
  }
  return found;
}

/**
 * Moves word times to the edges of the sound: a boundary near a pause goes into the pause, then each word loses the
 * silence at its ends. Times stay in order and inside the sound; a word without any sound keeps the time it had.
 */
export function refine(words: readonly Group[], pcm: Float32Array): Group[] {
  const level = levels(pcm);
  if (words.length === 0 || level.length === 0) return [...words];
  const edge = threshold(level);
  const at = boundaries(words, level, edge);
  return words.map((word, index) => {
    const from = at[index] ?? 0;
    const to = Math.max(from + 1, at[index + 1] ?? from);
    let first = from;
    while (first < to && (level[first] ?? 0) <= edge) first++;
    let last = to - 1;
    while (last > first && (level[last] ?? 0) <= edge) last--;
    const silent = first >= to;
    return {
      ...word,
      start: (silent ? from : first) / framesPerSecond,
      end: (silent ? to : last + 1) / framesPerSecond,
    };
  });
}
