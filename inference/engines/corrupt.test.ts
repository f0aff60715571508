import { createHash } from "node:crypto";
import { mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import { Fault } from "../../contracts/fault.ts";
import { type ModelsLock, modelsLock } from "../models/lock.ts";
import { defaultModelsDirectory, type ModelStore, openModelStore } from "../models/store.ts";
import { openE5 } from "./e5.ts";
import { openFace } from "./face.ts";
import { openSilero } from "./silero.ts";
import { openWhisper } from "./whisper.ts";

// The real models, from where `candor models fetch` puts them, each with one of its files spoilt.
const store = await openModelStore({ directory: defaultModelsDirectory() });
type Opened = { close(): Promise<void> };
const engines: Record<string, (from: ModelStore) => Promise<Opened>> = {
  "whisper-base": openWhisper,
  "silero-vad": openSilero,
  "e5-small": openE5,
  face: openFace,
};

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** A store with this model alone: its files are links, but for one that holds `spoilt`. */
async function spoilt(
  t: { testdir(): string },
  model: string,
  file: { name: string; bytes: Buffer; pinned: boolean },
): Promise<ModelStore> {
  const directory = t.testdir();
  const loaded = await store.load(model);
  await mkdir(join(directory, model));
  const files = [];
  for (const [name, pinned] of Object.entries(loaded.files)) {
    const here = name === file.name;
    if (here) await writeFile(join(directory, model, name), file.bytes);
    else await symlink(loaded.path(name), join(directory, model, name));
    const hash = here && file.pinned ? sha256(file.bytes) : pinned;
    files.push({ name, sha256: hash, bytes: 1, sources: [{ kind: "url", url: "https://example.org/none" }] });
  }
  const about = { version: "1", purpose: "a test", licence: "MIT", fetchedByDefault: false };
  const lock: ModelsLock = modelsLock.parse({ version: 1, models: [{ id: model, ...about, files }] });
  return openModelStore({ directory, lock });
}

for (const [model, open] of Object.entries(engines)) {
  const loaded = await store.load(model);
  for (const name of Object.keys(loaded.files)) {
    t.test(`${model}/${name} with a flipped byte is not loaded`, async (t) => {
      const bytes = await readFile(loaded.path(name));
      const at = bytes.length >> 1;
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      const from = await spoilt(t, model, { name, bytes, pinned: false });
      await t.rejects(open(from), { code: "model.corrupt", message: new RegExp(`${model}/${name}.*not loaded`) });
    });

    t.test(`${model}/${name} cut in half, though its hash is pinned so, is a fault and no crash`, async (t) => {
      const whole = await readFile(loaded.path(name));
      const from = await spoilt(t, model, { name, bytes: whole.subarray(0, whole.length >> 1), pinned: true });
      const error: unknown = await open(from).then(
        (engine) => engine.close().then(() => "opened"),
        (reason: unknown) => reason,
      );
      t.ok(error instanceof Fault, String(error));
      t.match(error, { code: /^(model\.corrupt|config\.invalid|file\.unreadable)$/ });
      await rm(from.directory, { recursive: true });
    });
  }
}
