import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { Fault } from "../../contracts/fault.ts";
import { parseJson } from "../../runtime/parse.ts";
import { convertE5, e5ConverterVersion } from "./convert/e5.ts";
import { convertWhisper, whisperConverterVersion } from "./convert/whisper.ts";
import { type FileState, type Hashes, sha256OfFile } from "./hashes.ts";
import type { Model } from "./lock.ts";
import { settle } from "./workspace.ts";

/** The record beside converted files: what was made, of what, by which converter. */
export const conversionRecordName = "converted.json";
const conversionRecord = z.strictObject({
  converter: z.string(),
  converterVersion: z.number().int(),
  inputs: z.record(z.string(), z.string()),
  outputs: z.record(z.string(), z.string()),
});

/** Same input, same bytes, on every machine: arithmetic is IEEE 754 and the writer has no clock and no map order. */
const converters = {
  whisper: { version: whisperConverterVersion, convert: convertWhisper },
  e5: { version: e5ConverterVersion, convert: convertE5 },
} as const;

const inputsOf = (model: Model): Record<string, string> =>
  Object.fromEntries(model.files.map((file) => [file.name, file.sha256]));
const sameEntries = (one: Record<string, string>, other: Record<string, string>): boolean =>
  Object.keys(one).length === Object.keys(other).length &&
  Object.entries(one).every(([key, value]) => other[key] === value);

type Place = { directory: string; hashes: Hashes };

/** `missing` also where the files were made from other inputs or by another version of the converter. */
export async function convertedState(model: Model, place: Place): Promise<FileState> {
  if (model.convert === undefined) return "ok";
  const folder = join(place.directory, model.id);
  let text: string;
  try {
    text = await readFile(join(folder, conversionRecordName), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "missing";
    throw error;
  }
  let record: z.infer<typeof conversionRecord>;
  try {
    record = parseJson(conversionRecord, text, { what: `${model.id}/${conversionRecordName}` });
  } catch (error) {
    if (error instanceof Fault) return "corrupt";
    throw error;
  }
  const expected = Object.fromEntries(model.convert.outputs.map((file) => [file.name, file.sha256]));
  const current =
    record.converter === model.convert.by && record.converterVersion === converters[model.convert.by].version;
  if (!current || !sameEntries(record.inputs, inputsOf(model)) || !sameEntries(record.outputs, expected))
    return "missing";
  for (const file of model.convert.outputs) {
    const state = await place.hashes.check(join(folder, file.name), file);
    if (state !== "ok") return state;
  }
  return "ok";
}

/**
 * Makes the files the engine loads. They must come out as the lock file pins them: a converter that was changed, or a
 * machine that computes otherwise, is found here and not in a transcript. Throws model.corrupt.
 */
export async function convertModel(model: Model, place: { directory: string; workspace: string }): Promise<void> {
  if (model.convert === undefined) return;
  const folder = join(place.directory, model.id);
  const out = join(place.workspace, `${model.id}-converted`);
  await mkdir(out, { recursive: true });
  const { version, convert } = converters[model.convert.by];
  await convert(folder, out);
  const outputs: Record<string, string> = {};
  for (const file of model.convert.outputs) {
    outputs[file.name] = await sha256OfFile(join(out, file.name));
    if (outputs[file.name] !== file.sha256)
      throw new Fault(
        "model.corrupt",
        `converting ${model.id} gave ${file.name} with the sha256 ${outputs[file.name]}, the lock file pins ${file.sha256}: the converter was changed without its pins`,
      );
  }
  for (const file of model.convert.outputs) await settle(join(out, file.name), join(folder, file.name));
  const record = { converter: model.convert.by, converterVersion: version, inputs: inputsOf(model), outputs };
  await writeFile(join(out, conversionRecordName), `${JSON.stringify(record, null, 2)}\n`);
  await settle(join(out, conversionRecordName), join(folder, conversionRecordName));
}
