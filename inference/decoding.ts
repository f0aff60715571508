import { asFault, type Fault } from "../contracts/fault.ts";
import type { Language } from "../contracts/language.ts";
import type { Utterance } from "../contracts/observation.ts";
import { type Recognised, type Recogniser, sampleRate } from "../contracts/ports.ts";
import { type Millis, seconds } from "../contracts/units.ts";
import { levelled } from "./level.ts";
import { joined, LanguageGroup, type Piece, parts } from "./piece.ts";

export type DecodingOptions = {
  recogniser: Recogniser;
  language: Language | "auto";
  signal?: AbortSignal | undefined;
  onUtterance?: ((utterance: Utterance) => void) | undefined;
  /** Decode nothing before `finish`: for a board that cannot keep up with this language while it is spoken. */
  afterwards?: boolean | undefined;
};

/** Less speech than this tells too little of its language: the piece before it decides. */
const detectable = seconds(0.9);
/** The beginning of a piece from which its language is told. */
const detectedFrom = 3 * sampleRate;
/** Pieces that may wait (each at most 28 s, 1.8 MB) before whoever brings more has to wait. */
const patience = 4;

/**
 * Recognises pieces one after the other in the background, in the order given. The outcome depends on the pieces
 * alone. A recogniser that fails is not asked again for this answer.
 */
export class Decoding {
  readonly #options: DecodingOptions;
  readonly #known: Language | undefined;
  readonly #group = new LanguageGroup();
  readonly #waiting: Promise<void>[] = [];
  #tail: Promise<void> = Promise.resolve();
  #waitingSeconds = 0;
  /** Pieces kept for `finish`; undefined where they are decoded as they come. */
  #kept: Piece[] | undefined;
  readonly utterances: Utterance[] = [];
  /** Speech whose text the recogniser itself does not trust. */
  untrusted: Millis = 0;
  /** Why the recogniser gave up. */
  fault: Fault | undefined;

  constructor(options: DecodingOptions) {
    const { language, recogniser } = options;
    this.#options = options;
    if (options.afterwards) this.#kept = [];
    this.#known =
      language !== "auto" ? language : recogniser.languages.length === 1 ? recogniser.languages[0] : undefined;
  }

  /** Seconds of sound that wait. */
  get backlogSeconds(): number {
    return this.#waitingSeconds;
  }

  add(piece: Piece): void {
    this.#waitingSeconds += piece.pcm.length / sampleRate;
    if (this.#kept === undefined) this.#queue(piece);
    else this.#kept.push(piece);
  }

  #queue(piece: Piece): void {
    const done = this.#next(() =>
      this.#known === undefined ? this.#gatherParts(piece) : this.#decode([piece], this.#known),
    ).then(() => {
      this.#waitingSeconds -= piece.pcm.length / sampleRate;
      this.#waiting.shift();
    });
    this.#waiting.push(done);
  }

  /** Resolves when there is room for another piece. */
  async room(): Promise<void> {
    while (this.#waiting.length >= patience) await this.#waiting[0];
  }

  async finish(): Promise<void> {
    const kept = this.#kept ?? [];
    this.#kept = undefined;
    for (const piece of kept) this.#queue(piece);
    await this.#next(() => this.#decodeGroup());
  }

  #next(work: () => Promise<void>): Promise<void> {
    this.#tail = this.#tail.then(async () => {
      if (this.fault !== undefined || this.#options.signal?.aborted) return;
      try {
        await work();
      } catch (error) {
        if (!this.#options.signal?.aborted) this.fault = asFault(error, "inference.lost");
      }
    });
    return this.#tail;
  }

  async #gatherParts(piece: Piece): Promise<void> {
    for (const part of parts(piece)) await this.#gather(part);
  }

  /** Keeps the piece with its neighbours of the same language, and hears them when another language or enough is there. */
  async #gather(piece: Piece): Promise<void> {
    const before = this.#group.language;
    const language =
      piece.speech < detectable && before !== undefined
        ? before
        : (await this.#ask(piece.pcm.subarray(0, detectedFrom))).language;
    if (!this.#group.fits(piece, language)) await this.#decodeGroup();
    this.#group.add(piece, language);
  }

  async #decodeGroup(): Promise<void> {
    const { language } = this.#group;
    const pieces = this.#group.take();
    if (pieces.length > 0 && language !== undefined) await this.#decode(pieces, language);
  }

  #ask(pcm: Float32Array, language?: Language): Promise<Recognised> {
    const { recogniser, signal } = this.#options;
    return recogniser.recognise(levelled(pcm), {
      ...(language === undefined ? {} : { language }),
      ...(signal === undefined ? {} : { signal }),
    });
  }

  async #decode(pieces: readonly Piece[], language: Language): Promise<void> {
    const whole = joined(pieces);
    const heard = await this.#ask(whole.pcm, language);
    if (!heard.trusted) this.untrusted += whole.speech;
    if (!heard.trusted || heard.text === "") return;
    const words = heard.words.map((word) => ({
      ...word,
      start: whole.moment(word.start),
      end: whole.moment(word.end),
    }));
    const utterance: Utterance = {
      start: words[0]?.start ?? Math.round(whole.from),
      end: words.at(-1)?.end ?? Math.round(whole.to),
      language: heard.language,
      text: heard.text,
      confidence: heard.confidence,
      words,
    };
    this.utterances.push(utterance);
    this.#options.onUtterance?.(utterance);
  }
}
