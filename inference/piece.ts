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

const frame = sampleRate / 100;
/** Where somebody may change the language: a breath, shorter than the pause that ends a stretch. In frames of 10 ms. */
const breath = 15;
/** A part of a piece that is long enough for its language to be told. In frames. */
const shortestPart = 100;
/**
 * A frame is quiet below thrice the quietest tenth of the piece, which is the room; that bound is at least 5 % of the
 * loudest frame, and at most 15 %, or speech without any breath would be quiet itself.
 */
const [overQuiet, atLeast, atMost] = [3, 0.05, 0.15] as const;

/** The middles of the quiet moments of a piece, in frames. */
function breaths(pcm: Pcm): number[] {
  const levels = Array.from({ length: Math.floor(pcm.length / frame) }, (_, at) => {
    let sum = 0;
    for (let one = at * frame; one < (at + 1) * frame; one++) sum += (pcm[one] as number) ** 2;
    return Math.sqrt(sum / frame);
  });
  const sorted = [...levels].sort((one, other) => one - other);
  const loudest = sorted.at(-1) ?? 0;
  const room = (sorted[Math.floor(sorted.length / 10)] ?? 0) * overQuiet;
  const quiet = Math.min(Math.max(room, loudest * atLeast), loudest * atMost);
  const found: number[] = [];
  for (let at = 0, run = 0; at < levels.length; at++) {
    run = (levels[at] as number) <= quiet ? run + 1 : 0;
    if (run >= breath && (at + 1 === levels.length || (levels[at + 1] as number) > quiet))
      found.push(Math.round(at + 1 - run / 2));
  }
  return found;
}

/**
 * A piece cut at its breaths into parts of at least a second, since two languages heard together lose one of them: of
 * four phrases in turns with 0.2 s between (analysis.test.ts) 56 and 40 % of the Mandarin characters came without the
 * cuts, 100 and 87 % with them.
 */
export function parts(piece: Piece): Piece[] {
  const whole = Math.floor(piece.pcm.length / frame);
  const cuts = [0];
  for (const at of breaths(piece.pcm))
    if (at - (cuts.at(-1) ?? 0) >= shortestPart && whole - at >= shortestPart) cuts.push(at);
  return cuts.map((from, at) => {
    const end = cuts[at + 1];
    const pcm = piece.pcm.subarray(from * frame, end === undefined ? piece.pcm.length : end * frame);
    return {
      pcm,
      from: piece.from + from * 10,
      to: end === undefined ? piece.to : piece.from + end * 10,
      speech: (piece.speech * pcm.length) / piece.pcm.length,
    };
  });
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
