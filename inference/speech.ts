import { sampleRate } from "../contracts/ports.ts";

/** Samples, as numbers since the beginning of the recording: `start` is in it, `end` is not. */
export type Span = { start: number; end: number };

/** What the finder has settled: a stretch of speech, or a piece of sound to recognise (one or more stretches). */
export type Found = { found: "stretch"; span: Span } | { found: "piece"; span: Span; speech: number };

const inSamples = (seconds: number): number => Math.round(seconds * sampleRate);

/**
 * Speech begins at `onset` and goes on down to `hold` (hysteresis of the Silero authors' own iterator). A pause of
 * `pause` ends a stretch. A piece with less than `context` of speech waits for a neighbour up to `patience`, since the recogniser
 * errs where it hears little at once: on the Mandarin clips of test/fixtures/speech 25 % of the characters with a context of 1 s, 17 % with 8 s, 16 %
 * with 14 s and with more. A piece that nothing joins once it is longer than `joined`. Speech without a pause is cut at its quietest point before
 * `most`: the recogniser's window is 30 s, and what lies past its end is lost.
 */
export const speechRules = {
  onset: 0.5,
  hold: 0.35,
  pause: inSamples(0.6),
  /** Windows at `onset` or above that a stretch must hold; fewer are a click. */
  leastWindows: 3,
  before: inSamples(0.15),
  after: inSamples(0.2),
  context: inSamples(14),
  patience: inSamples(2.5),
  joined: inSamples(20),
  most: inSamples(27.5),
  earliestCut: inSamples(10),
  /** Width over which loudness is taken when looking for the quietest point. */
  cutWidth: inSamples(0.16),
} as const;

/** How much speech a piece wants and how long it waits for it. */
export type Gathering = { context: number; patience: number };
/** For speech whose language is not known: each piece by itself, since two languages in one lose one of them. */
export const shortPieces: Gathering = { context: inSamples(1), patience: inSamples(1) };

type Open = Span & { voiced: number };
type Piece = Span & { speech: number };

/**
 * Turns the probabilities of one stream of windows into stretches and pieces. Depends on the windows alone, never on
 * when or in which portions they came.
 */
export class SpeechFinder {
  readonly #window: number;
  readonly #gathering: Gathering;
  #at: number;
  #stretch: Open | undefined;
  #piece: Piece | undefined;
  /** End of what was given out, or the start of the recording: no piece reaches before it. */
  #bound: number;
  #energies: number[] = [];
  #energiesFrom: number;

  /** `from` is the number of the first sample; `window` the samples a window. */
  constructor(from: number, window: number, gathering: Gathering = speechRules) {
    this.#gathering = gathering;
    this.#window = window;
    this.#at = from;
    this.#bound = from;
    this.#energiesFrom = from;
  }

  /** The first sample that may still be asked for. */
  get needed(): number {
    return this.#piece === undefined
      ? Math.max(this.#bound, this.#at - speechRules.before - this.#window)
      : this.#piece.start;
  }

  /** Takes the probability and the energy (sum of squares) of the next window. */
  next(probability: number, energy: number): Found[] {
    const start = this.#at;
    this.#at += this.#window;
    const found: Found[] = [];
    if (this.#stretch === undefined && probability >= speechRules.onset) this.#openStretch(start, found);
    if (this.#piece !== undefined) this.#energies.push(energy);
    if (this.#stretch !== undefined) this.#follow(this.#stretch, probability, found);
    if (
      this.#stretch === undefined &&
      this.#piece !== undefined &&
      this.#at - this.#piece.end >= this.#gathering.patience
    )
      this.#give(found);
    return found;
  }

  /** The recording ends (or breaks off) at sample `end`. */
  finish(end: number): Found[] {
    const found: Found[] = [];
    this.#at = Math.min(this.#at, end);
    if (this.#stretch !== undefined) this.#closeStretch(this.#stretch, found);
    this.#give(found);
    this.#bound = end;
    return found;
  }

  #openStretch(start: number, found: Found[]): void {
    this.#stretch = { start, end: start, voiced: 0 };
    if (this.#piece !== undefined && start - this.#piece.start >= speechRules.joined) this.#give(found);
    if (this.#piece !== undefined) return;
    const from = Math.max(this.#bound, start - speechRules.before);
    this.#piece = { start: from, end: from, speech: 0 };
    this.#energies = [];
    this.#energiesFrom = start;
  }

  #follow(stretch: Open, probability: number, found: Found[]): void {
    if (probability >= speechRules.onset) stretch.voiced++;
    if (probability >= speechRules.hold) stretch.end = this.#at;
    if (this.#at - stretch.end >= speechRules.pause) {
      this.#closeStretch(stretch, found);
      if (this.#piece !== undefined && this.#piece.speech >= this.#gathering.context) this.#give(found);
    } else if (this.#piece !== undefined && this.#at - this.#piece.start >= speechRules.most)
      this.#cut(this.#piece, stretch, found);
  }

  #closeStretch(stretch: Open, found: Found[]): void {
    this.#stretch = undefined;
    const piece = this.#piece;
    if (piece === undefined) return;
    const end = Math.min(stretch.end, this.#at);
    const goesOn = stretch.start < piece.start;
    if (stretch.voiced >= speechRules.leastWindows && end > stretch.start) {
      found.push({ found: "stretch", span: { start: stretch.start, end } });
      piece.speech += Math.max(0, end - Math.max(stretch.start, piece.start));
      piece.end = Math.max(piece.end, end);
    } else if (piece.speech === 0 && !goesOn) this.#piece = undefined;
  }

  /** Gives out the piece that waits, with a margin of sound around its speech. */
  #give(found: Found[]): void {
    const piece = this.#piece;
    this.#piece = undefined;
    if (piece === undefined || piece.speech === 0) return;
    const end = Math.min(piece.end + speechRules.after, this.#at);
    found.push({ found: "piece", span: { start: piece.start, end }, speech: piece.speech });
    this.#bound = end;
  }

  #cut(piece: Piece, stretch: Open, found: Found[]): void {
    const at = this.#quietest(piece.start + speechRules.earliestCut);
    const speech = piece.speech + Math.max(0, at - Math.max(stretch.start, piece.start));
    found.push({ found: "piece", span: { start: piece.start, end: at }, speech });
    this.#bound = at;
    this.#piece = { start: at, end: at, speech: 0 };
    this.#energies = this.#energies.slice(Math.round((at - this.#energiesFrom) / this.#window));
    this.#energiesFrom = at;
  }

  /** The middle of the quietest run of windows since sample `earliest`. */
  #quietest(earliest: number): number {
    const width = Math.max(1, Math.round(speechRules.cutWidth / this.#window));
    const first = Math.max(0, Math.ceil((earliest - this.#energiesFrom) / this.#window));
    let best = { at: first, energy: Number.POSITIVE_INFINITY };
    for (let at = first; at + width <= this.#energies.length; at++) {
      const energy = this.#energies.slice(at, at + width).reduce((sum, one) => sum + one, 0);
      if (energy < best.energy) best = { at, energy };
    }
    return this.#energiesFrom + (best.at + (width >> 1)) * this.#window;
  }
}
