import { readFile } from "node:fs/promises";
import { Reader } from "../../models/convert/reader.ts";

/** What an unknown character costs below the least likely piece (sentencepiece, unigram_model.cc, kUnkPenalty). */
const unknownPenalty = 10;
const space = "\u2581";
const longestText = 20_000;

/** FNV-1a over some bytes, folded once. */
function hash(bytes: Uint8Array, from: number, to: number): number {
  let value = 0x811c9dc5;
  for (let at = from; at < to; at++) value = Math.imul(value ^ (bytes[at] as number), 0x01000193);
  return (value ^ (value >>> 15)) >>> 0;
}

/** The pieces of the vocabulary, found by their bytes (open addressing: 250,002 pieces in a few megabytes). */
class Pieces {
  readonly #text: Uint8Array;
  readonly #offsets: Uint32Array;
  readonly #slots: Int32Array;
  readonly #mask: number;
  readonly longest: number;

  constructor(text: Uint8Array, offsets: Uint32Array) {
    const count = offsets.length - 1;
    this.#text = text;
    this.#offsets = offsets;
    this.#mask = 2 ** Math.ceil(Math.log2(2 * count)) - 1;
    this.#slots = new Int32Array(this.#mask + 1);
    let longest = 0;
    for (let id = 0; id < count; id++) {
      const from = offsets[id] as number;
      const to = offsets[id + 1] as number;
      if (to === from) continue;
      longest = Math.max(longest, to - from);
      let slot = hash(text, from, to) & this.#mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & this.#mask;
      this.#slots[slot] = id + 1;
    }
    this.longest = longest;
  }

  find(bytes: Uint8Array, from: number, to: number): number | undefined {
    for (let slot = hash(bytes, from, to) & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const id = (this.#slots[slot] as number) - 1;
      if (id < 0) return undefined;
      const start = this.#offsets[id] as number;
      if ((this.#offsets[id + 1] as number) - start !== to - from) continue;
      let at = from;
      while (at < to && bytes[at] === this.#text[start + at - from]) at++;
      if (at === to) return id;
    }
  }
}

/**
 * XLM-RoBERTa's SentencePiece unigram tokenizer, read from the file the converter writes: four ids, offsets, scores and
 * text of the pieces, then the normaliser (code point → code points).
 */
export class E5Tokenizer {
  readonly begin: number;
  readonly end: number;
  readonly padding: number;
  readonly #unknown: number;
  readonly #pieces: Pieces;
  readonly #scores: Float32Array;
  readonly #unknownScore: number;
  readonly #normal = new Map<number, string>();

  private constructor(file: Buffer, path: string) {
    const reader = new Reader(file, path);
    const count = reader.i32();
    this.begin = reader.i32();
    this.end = reader.i32();
    this.padding = reader.i32();
    this.#unknown = reader.i32();
    const textBytes = reader.u64();
    const offsets = new Uint32Array(reader.words(count + 1));
    this.#scores = new Float32Array(reader.words(count));
    this.#pieces = new Pieces(Uint8Array.from(reader.take(textBytes)), offsets);
    this.#unknownScore = this.#scores.reduce((least, score) => Math.min(least, score), 0) - unknownPenalty;
    const replaced = reader.i32();
    reader.skip(4); // bytes of the normaliser
    for (let entry = 0; entry < replaced; entry++) {
      const codePoint = reader.u32();
      const codes = Array.from({ length: reader.u8() }, () => reader.u32());
      this.#normal.set(codePoint, String.fromCodePoint(...codes));
    }
  }

  /** Throws model.corrupt. */
  static async read(path: string): Promise<E5Tokenizer> {
    return new E5Tokenizer(await readFile(path), path);
  }

  #normalise(text: string): string {
    let normal = "";
    for (const character of text.slice(0, longestText))
      normal += this.#normal.get(character.codePointAt(0) ?? 0) ?? character;
    normal = normal.replace(/ {2,}/g, " ");
    return (normal.startsWith(" ") ? normal : ` ${normal}`).replaceAll(" ", space);
  }

  /** The likeliest pieces of the text (Viterbi), without the tokens around it; at most the first 20,000 characters. */
  encode(text: string): number[] {
    const bytes = new TextEncoder().encode(this.#normalise(text));
    const starts = [...bytes.keys()].filter((at) => ((bytes[at] as number) & 0xc0) !== 0x80);
    const count = starts.length;
    starts.push(bytes.length);
    const best = new Float32Array(count + 1).fill(Number.NEGATIVE_INFINITY);
    const piece = new Int32Array(count + 1);
    const from = new Int32Array(count + 1);
    best[0] = 0;
    const offer = (at: number, end: number, candidate: { id: number; score: number }): void => {
      const score = Math.fround((best[at] as number) + candidate.score);
      if (score <= (best[end] as number)) return;
      best[end] = score;
      piece[end] = candidate.id;
      from[end] = at;
    };
    for (let at = 0; at < count; at++) {
      const begin = starts[at] as number;
      for (let end = at + 1; end <= count && (starts[end] as number) - begin <= this.#pieces.longest; end++) {
        const id = this.#pieces.find(bytes, begin, starts[end] as number);
        if (id !== undefined && id !== this.#unknown) offer(at, end, { id, score: this.#scores[id] as number });
      }
      offer(at, at + 1, { id: this.#unknown, score: this.#unknownScore });
    }
    const ids: number[] = [];
    for (let at = count; at > 0; at = from[at] as number) ids.push(piece[at] as number);
    return ids.reverse();
  }
}
