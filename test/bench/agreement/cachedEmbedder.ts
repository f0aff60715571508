import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import type { Language } from "../../../contracts/language.ts";
import type { Embedder } from "../../../contracts/ports.ts";

const keyBytes = 16;

/** What embeds where the cache does not know a text; opened when it is needed first. */
export type Opening = () => Promise<Embedder>;

/**
 * An embedder that keeps its vectors in one file, so that a change of the rules is measured in seconds: records of 16
 * bytes of a hash of language and text, and the vector as 32-bit floats. Delete the file after a change of model.
 */
export class CachedEmbedder implements Embedder {
  readonly dimensions: number;
  readonly #file: string;
  readonly #open: Opening;
  readonly #known = new Map<string, Float32Array>();
  #behind: Promise<Embedder> | undefined;

  private constructor({ dimensions, file, open }: { dimensions: number; file: string; open: Opening }) {
    this.dimensions = dimensions;
    this.#file = file;
    this.#open = open;
  }

  /** Reads what `file` holds; an absent one holds nothing. */
  static async read(
    file: string,
    { dimensions, open }: { dimensions: number; open: Opening },
  ): Promise<CachedEmbedder> {
    const cache = new CachedEmbedder({ dimensions, file, open });
    const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return Buffer.alloc(0);
      throw error;
    });
    const record = keyBytes + dimensions * 4;
    for (let at = 0; at + record <= bytes.length; at += record) {
      const vector = new Float32Array(dimensions);
      for (let one = 0; one < dimensions; one += 1) vector[one] = bytes.readFloatLE(at + keyBytes + one * 4);
      cache.#known.set(bytes.toString("hex", at, at + keyBytes), vector);
    }
    return cache;
  }

  async embed(texts: readonly string[], language: Language): Promise<Float32Array[]> {
    return Promise.all(
      texts.map(async (text) => {
        const key = createHash("sha256")
          .update(`${language} ${text}`)
          .digest("hex")
          .slice(0, keyBytes * 2);
        const known = this.#known.get(key);
        if (known !== undefined) return known;
        this.#behind ??= this.#open();
        const [vector = new Float32Array(this.dimensions)] = await (await this.#behind).embed([text], language);
        this.#known.set(key, vector);
        return vector;
      }),
    );
  }

  /** Writes what is known now. */
  async close(): Promise<void> {
    await (await this.#behind)?.close();
    if (this.#behind === undefined) return;
    const records = [...this.#known].map(([key, vector]) => {
      const bytes = Buffer.alloc(keyBytes + vector.length * 4);
      bytes.write(key, 0, "hex");
      vector.forEach((value, one) => {
        bytes.writeFloatLE(value, keyBytes + one * 4);
      });
      return bytes;
    });
    await writeFile(this.#file, Buffer.concat(records));
  }
}
