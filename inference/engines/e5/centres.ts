import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { Fault } from "../../../contracts/fault.ts";
import type { Language } from "../../../contracts/language.ts";
import { parseJson } from "../../../runtime/parse.ts";
import { projectRoot } from "../../../runtime/paths.ts";

export type Centres = Readonly<Record<Language, Float32Array>>;
export const centresPath = join(projectRoot, "inference", "engines", "e5", "centres.json");
/** Each vector as base64 of its float32 values, little-endian; `model`: sha256 of the model they were computed with. */
const file = z.strictObject({ model: z.string().length(64), "zh-CN": z.string(), en: z.string() });

function vectorOf(text: string): Float32Array {
  const bytes = Buffer.from(text, "base64");
  return Float32Array.from({ length: bytes.length / 4 }, (_, at) => bytes.readFloatLE(at * 4));
}

/**
 * The mean vector of each language's sentences (sentences.json). They are data and not computed at the start: on a weak
 * board that takes longer than all other loading, and the same figures everywhere keep scores the same everywhere.
 * @throws Fault config.invalid where they belong to another model
 */
export async function readCentres(model: string): Promise<Centres> {
  const read = parseJson(file, await readFile(centresPath), { what: centresPath, otherwise: "config.invalid" });
  if (read.model !== model)
    throw new Fault("config.invalid", "the embedding's centres were computed with another model: run make centres", {
      field: "model",
    });
  return { "zh-CN": vectorOf(read["zh-CN"]), en: vectorOf(read.en) };
}

export const centresFile = (model: string, centres: Centres): string => {
  const text = (vector: Float32Array): string => Buffer.from(vector.buffer).toString("base64");
  return `${JSON.stringify({ model, "zh-CN": text(centres["zh-CN"]), en: text(centres.en) }, null, 2)}\n`;
};
