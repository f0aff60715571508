import { deflateSync } from "node:zlib";
import type { Decoded } from "./decode.ts";

/**
 * When Whisper's text is not to be believed. From the original's fallback rules (openai/whisper, transcribe.py:
 * compression 2.4, log probability -1, no-speech 0.6), set on 60 recorded utterances for this decoder: no-speech alone
 * fires on real words, so it counts only where the words are unsure as well.
 */
export const doubts = { compression: 2.2, logProbability: -1, noSpeech: 0.6, unsureLogProbability: -0.7 } as const;
const shortestLoop = 4;

/** How many times smaller the text gets when it is packed: repetition shows as a high number. */
export function compression(text: string): number {
  const bytes = Buffer.from(text);
  return bytes.length === 0 ? 0 : bytes.length / deflateSync(bytes).length;
}

/** Whether the text ends in the same four or more tokens twice. */
export function loops(ids: readonly number[]): boolean {
  for (let length = shortestLoop; length * 2 <= ids.length; length++) {
    const from = ids.length - length;
    let same = true;
    for (let at = from; same && at < ids.length; at++) same = ids[at] === ids[at - length];
    if (same) return true;
  }
  return false;
}

/**
 * Whether decoding runs in circles: up to ten tokens over and over, 24 tokens long and six times at least. No person
 * says that, and each further token costs time.
 */
export function circles(ids: readonly number[]): boolean {
  for (let period = 1; period <= 10; period++) {
    const span = Math.max(24, 6 * period);
    let same = period;
    while (same < span && same < ids.length && ids[ids.length - 1 - same + period] === ids[ids.length - 1 - same])
      same++;
    if (same >= span) return true;
  }
  return false;
}

/** Whether the decoder did not find the end by itself, or went round in a loop: part of the sound is lost then. */
export function lostItsWay(decoded: Decoded, text: string): boolean {
  return decoded.full || (loops(decoded.ids) && compression(text) > doubts.compression);
}

/** Whether another try, with the full 30 s window, is worth its time. */
export function isDoubtful(decoded: Decoded, text: string): boolean {
  return (
    decoded.full ||
    loops(decoded.ids) ||
    compression(text) > doubts.compression ||
    decoded.meanLogProbability < doubts.logProbability
  );
}

/** Whether the text is likely invented, out of noise or silence or by running in circles. */
export function isInvented(decoded: Decoded, text: string): boolean {
  if (decoded.meanLogProbability < doubts.logProbability) return true;
  if (decoded.noSpeech > doubts.noSpeech && decoded.meanLogProbability < doubts.unsureLogProbability) return true;
  return lostItsWay(decoded, text);
}
