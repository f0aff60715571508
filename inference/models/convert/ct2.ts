import { readFile } from "node:fs/promises";
import { Fault } from "../../../contracts/fault.ts";
import { halfBits, widen } from "./half.ts";
import { Reader } from "./reader.ts";

const supportedVersion = 6;
const float16 = 4;

export type Weight = { shape: number[]; bits: Uint16Array<ArrayBuffer> };

/** The sizes of a Whisper model, as its weights tell them. */
export type WhisperSizes = {
  vocabulary: number;
  width: number;
  heads: number;
  encoderLayers: number;
  decoderLayers: number;
  mels: number;
};

/** Every Whisper model has heads of 64 channels (Radford et al. 2022, table 1: width = 64 × heads). */
export const headWidth = 64;

/**
 * The weights of a Whisper model as CTranslate2 stores them: model.bin of binary version 6, half precision
 * (https://github.com/OpenNMT/CTranslate2, python/ctranslate2/specs/model_spec.py). Throws model.corrupt.
 */
export class WhisperWeights {
  readonly #weights: Map<string, Weight>;
  readonly sizes: WhisperSizes;

  private constructor(weights: Map<string, Weight>) {
    this.#weights = weights;
    const layers = (side: string): number => {
      let count = 0;
      while (weights.has(`${side}/layer_${count}/ffn/linear_0/weight`)) count++;
      return count;
    };
    const [vocabulary = 0, width = 0] = this.get("decoder/embeddings/weight").shape;
    this.sizes = {
      vocabulary,
      width,
      heads: width / headWidth,
      encoderLayers: layers("encoder"),
      decoderLayers: layers("decoder"),
      mels: this.get("encoder/conv1/weight").shape[1] ?? 0,
    };
  }

  static async read(path: string): Promise<WhisperWeights> {
    const reader = new Reader(await readFile(path), path);
    // A length that counts the closing NUL, then the characters.
    const string = (): string => reader.take(reader.u16()).toString("utf8").replace(/\0$/, "");
    if (reader.u32() !== supportedVersion || string() !== "WhisperSpec")
      throw new Fault(
        "model.corrupt",
        `${path} is not a CTranslate2 Whisper model of binary version ${supportedVersion}`,
      );
    reader.skip(4); // the specification's revision
    const weights = new Map<string, Weight>();
    for (let left = reader.u32(); left > 0; left--) {
      const name = string();
      const shape = Array.from({ length: reader.u8() }, () => reader.u32());
      const type = reader.u8();
      const bytes = reader.take(reader.u32());
      if (type === float16) weights.set(name, { shape, bits: halfBits(bytes) });
    }
    return new WhisperWeights(weights);
  }

  get(name: string): Weight {
    const weight = this.#weights.get(name);
    if (weight === undefined)
      throw new Fault("model.corrupt", `the Whisper model has no half-precision weight ${name}`);
    return weight;
  }

  values(name: string): { shape: number[]; values: Float32Array<ArrayBuffer> } {
    const { shape, bits } = this.get(name);
    return { shape, values: widen(bits) };
  }
}
