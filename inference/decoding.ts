import { asFault, Fault } from "../contracts/fault.ts";
import type { Language } from "../contracts/language.ts";
import type { Utterance } from "../contracts/observation.ts";
import { type Pcm, type Recognised, type Recogniser, sampleRate } from "../contracts/ports.ts";
import { type Millis, seconds } from "../contracts/units.ts";

/** A piece of sound to recognise: `from` is the moment of its first sample, `speech` how much of it is speech. */
export type Piece = { pcm: Pcm; from: Millis; to: Millis; speech: Millis };

export type DecodingOptions = {
  recogniser: Recogniser;
  language: Language | "auto";
  signal?: AbortSignal | undefined;
  onUtterance?: ((utterance: Utterance) => void) | undefined;
};

/** Less speech than this tells too little of its language: the piece before it decides. */
const detectable = seconds(1.5);
/** Pieces that may wait (each at most 28 s, 1.8 MB) before whoever brings more has to wait. */
const patience = 4;

/**
 * Recognises pieces one after the other in the background, in the order given. The outcome depends on the pieces
 * alone. A recogniser that fails is not asked again for this answer.
 */
export class Decoding {
  readonly #options: DecodingOptions;
  #tail: Promise<void> = Promise.resolve();
  #waiting: Promise<void>[] = [];
  #heard: Language | undefined;
  #waitingSeconds = 0;
  readonly utterances: Utterance[] = [];
  /** Speech whose text the recogniser itself does not trust. */
  untrusted: Millis = 0;
  /** Why the recogniser gave up. */
  fault: Fault | undefined;

  constructor(options: DecodingOptions) {
    this.#options = options;
  }

  /** Seconds of sound that wait. */
  get backlogSeconds(): number {
    return this.#waitingSeconds;
  }

  add(piece: Piece): void {
    const length = piece.pcm.length / sampleRate;
    this.#waitingSeconds += length;
    const done = this.#tail.then(async () => {
      await this.#decode(piece);
      this.#waitingSeconds -= length;
      this.#waiting.shift();
    });
    this.#tail = done;
    this.#waiting.push(done);
  }

  /** Resolves when there is room for another piece. */
  async room(): Promise<void> {
    while (this.#waiting.length >= patience) await this.#waiting[0];
  }

  async finish(): Promise<void> {
    await this.#tail;
  }

  async #decode(piece: Piece): Promise<void> {
    const { recogniser, language, signal } = this.#options;
    if (this.fault !== undefined || signal?.aborted) return;
    const known = language !== "auto" ? language : piece.speech < detectable ? this.#heard : undefined;
    try {
      const heard = await recogniser.recognise(piece.pcm, { ...(known === undefined ? {} : { language: known }), ...(signal === undefined ? {} : { signal }) });
      this.#keep(piece, heard);
    } catch (error) {
      if (!signal?.aborted) this.fault = asFault(error, "inference.lost");
    }
  }

  #keep(piece: Piece, heard: Recognised): void {
    if (!heard.trusted) this.untrusted += piece.speech;
    if (!heard.trusted || heard.text === "") return;
    this.#heard = heard.language;
    const moment = (second: number): Millis => Math.round(Math.min(piece.to, Math.max(piece.from, piece.from + second * 1000)));
    const words = heard.words.map((word) => ({ ...word, start: moment(word.start), end: moment(word.end) }));
    const utterance: Utterance = {
      start: words[0]?.start ?? Math.round(piece.from),
      end: words.at(-1)?.end ?? Math.round(piece.to),
      language: heard.language,
      text: heard.text,
      confidence: heard.confidence,
      words,
    };
    this.utterances.push(utterance);
    this.#options.onUtterance?.(utterance);
  }
}
