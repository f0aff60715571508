import type { Language } from "../contracts/language.ts";
import { type Pcm, sampleRate } from "../contracts/ports.ts";
import { type Millis, seconds } from "../contracts/units.ts";

/** A piece of sound to recognise: `from` is the moment of its first sample, `to` of its end, `speech` how much of it is speech. */
export type Piece = { pcm: Pcm; from: Millis; to: Millis; speech: Millis };

/** Pieces put one behind the other, and the moment of each second of the whole. */
export function joined(pieces: readonly Piece[]): Piece & { moment(second: number): Millis } {
  const pcm = new Float32Array(pieces.reduce((sum, piece) => sum + piece.pcm.length, 0));
  const begins: number[] = [];
  let length = 0;
  for (const piece of pieces) {
    begins.push(length / sampleRate);
    pcm.set(piece.pcm, length);
    length += piece.pcm.length;
  }
  const moment = (second: number): Millis => {
    const at = Math.max(
      0,
      begins.findLastIndex((begin) => begin <= second),
    );
    const piece = pieces[at];
    if (piece === undefined) return 0;
    return Math.round(Math.min(piece.to, Math.max(piece.from, piece.from + (second - (begins[at] ?? 0)) * 1000)));
  };
  return {
    pcm,
    from: pieces[0]?.from ?? 0,
    to: pieces.at(-1)?.to ?? 0,
    speech: pieces.reduce((sum, piece) => sum + piece.speech, 0),
    moment,
  };
}

/** Neighbours in one language are heard together up to this much speech, length and silence between (as in speech.ts). */
const together = { speech: seconds(14), length: 20 * sampleRate, silence: seconds(2.5) } as const;

/** Gathers neighbouring pieces of one language: the recogniser hears one language at a time, and better with context. */
export class LanguageGroup {
  #pieces: Piece[] = [];
  language: Language | undefined;

  /** True where the piece belongs to what was gathered. */
  fits(piece: Piece, language: Language): boolean {
    const whole = joined(this.#pieces);
    return (
      language === this.language &&
      whole.speech < together.speech &&
      whole.pcm.length + piece.pcm.length <= together.length &&
      piece.from - whole.to <= together.silence
    );
  }

  add(piece: Piece, language: Language): void {
    this.#pieces.push(piece);
    this.language = language;
  }

  /** What was gathered; the group is empty after it. */
  take(): Piece[] {
    return this.#pieces.splice(0);
  }
}
