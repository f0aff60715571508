import { createHash } from "node:crypto";
import { homedir } from "node:os";
import { join } from "node:path";
import { Fault } from "../../contracts/fault.ts";
import { type Clock, systemClock } from "../../runtime/clock.ts";
import { conversionRecordName, convertedState } from "./converted.ts";
import { type FetchProgress, fetchModel, type ModelFetch } from "./fetch.ts";
import { type FileState, Hashes } from "./hashes.ts";
import { type Model, type ModelsLock, ownLockName, type PinnedFile, readLocks } from "./lock.ts";
import { type SourceLimits, sourceLimits } from "./sources/context.ts";
import { openWorkspace } from "./workspace.ts";

export type { FetchProgress } from "./fetch.ts";

/** A model whose every file was checked against its pinned hash. */
export type LoadedModel = {
  id: string;
  version: string;
  /** sha256 over the hashes of all files: names the model in observations and scorecards. */
  sha256: string;
  /** sha256 by file name. */
  files: Record<string, string>;
  /** The absolute path of one of the files. Throws model.unknown for a name it does not have. */
  path(name: string): string;
};

export type ModelVerdict = {
  id: string;
  version: string;
  state: FileState;
  files: { name: string; state: FileState }[];
};
export type ModelEntry = ModelVerdict & { purpose: string; licence: string; bytes: number; fetchedByDefault: boolean };
export type FetchOptions = { onProgress?: (progress: FetchProgress) => void; signal?: AbortSignal };

export type ModelStore = {
  readonly directory: string;
  /** Fetches and converts what is missing or wrong; none named: those fetched by default. Throws model.unknown, model.unfetchable, storage.full. */
  fetch(ids?: readonly string[], options?: FetchOptions): Promise<void>;
  /** The state of each file that an engine loads. None named: every model. */
  verify(ids?: readonly string[]): Promise<ModelVerdict[]>;
  /** Every model of the lock file, with its state. */
  list(): Promise<ModelEntry[]>;
  /** All files of a model, checked. Throws model.unknown, model.missing, model.corrupt. */
  load(id: string): Promise<LoadedModel>;
  /** One file of a model, after the whole model was checked. */
  path(id: string, file: string): Promise<string>;
};

export type ModelStoreOptions = {
  directory: string;
  /** A folder `<model id>/<file name>` asked before every other source: a USB stick, a shared disk, another store. */
  mirror?: string;
  lock?: ModelsLock;
  clock?: Clock;
  limits?: Partial<SourceLimits>;
};

/** `$CANDOR_MODELS_DIR`, else `candor/models` in the user's cache (XDG Base Directory). */
export function defaultModelsDirectory(environment: NodeJS.ProcessEnv = process.env): string {
  const chosen = environment.CANDOR_MODELS_DIR;
  if (chosen !== undefined && chosen !== "") return chosen;
  const cache = environment.XDG_CACHE_HOME;
  return join(cache === undefined || cache === "" ? join(homedir(), ".cache") : cache, "candor", "models");
}

/** What the engine opens: the fetched files it reads itself, and the converted ones. */
const loadedFiles = (model: Model): PinnedFile[] => [
  ...model.files.filter((file) => !file.onlyToConvert),
  ...(model.convert?.outputs ?? []),
];

const worst = (states: FileState[]): FileState =>
  states.includes("missing") ? "missing" : states.includes("corrupt") ? "corrupt" : "ok";

class Store implements ModelStore {
  readonly directory: string;
  readonly #options: ModelStoreOptions;
  readonly #lock: ModelsLock;
  readonly #hashes = new Hashes();

  constructor(options: ModelStoreOptions, lock: ModelsLock) {
    this.directory = options.directory;
    this.#options = options;
    this.#lock = lock;
  }

  #model(id: string): Model {
    const model = this.#lock.models.find((one) => one.id === id);
    if (model === undefined)
      throw new Fault(
        "model.unknown",
        `there is no model ${JSON.stringify(id)}: ${this.#lock.models.map((one) => one.id).join(", ")} are known; pin one of your own in ${join(this.directory, ownLockName)}`,
      );
    return model;
  }

  async #verdict(model: Model): Promise<ModelVerdict> {
    const files = [];
    for (const file of loadedFiles(model))
      files.push({ name: file.name, state: await this.#hashes.check(join(this.directory, model.id, file.name), file) });
    if (model.convert !== undefined && files.every((file) => file.state === "ok"))
      files.push({
        name: conversionRecordName,
        state: await convertedState(model, { directory: this.directory, hashes: this.#hashes }),
      });
    return { id: model.id, version: model.version, state: worst(files.map((file) => file.state)), files };
  }

  async fetch(ids?: readonly string[], options: FetchOptions = {}): Promise<void> {
    const wanted =
      ids === undefined || ids.length === 0
        ? this.#lock.models.filter((model) => model.fetchedByDefault)
        : ids.map((id) => this.#model(id));
    const workspace = await openWorkspace(this.directory);
    const work: ModelFetch = {
      directory: this.directory,
      mirror: this.#options.mirror,
      hashes: this.#hashes,
      onProgress: options.onProgress ?? (() => undefined),
      context: {
        clock: this.#options.clock ?? systemClock,
        limits: { ...sourceLimits, ...this.#options.limits },
        workspace: workspace.path,
        signal: options.signal,
        packages: new Map(),
        deadHosts: new Set(),
      },
    };
    try {
      for (const model of wanted) await fetchModel(model, work);
    } finally {
      await workspace.remove();
    }
  }

  async verify(ids?: readonly string[]): Promise<ModelVerdict[]> {
    const models = ids === undefined || ids.length === 0 ? this.#lock.models : ids.map((id) => this.#model(id));
    const verdicts = [];
    for (const model of models) verdicts.push(await this.#verdict(model));
    return verdicts;
  }

  async list(): Promise<ModelEntry[]> {
    const entries = [];
    for (const model of this.#lock.models) {
      const bytes = loadedFiles(model).reduce((sum, file) => sum + file.bytes, 0);
      entries.push({
        ...(await this.#verdict(model)),
        purpose: model.purpose,
        licence: model.licence,
        bytes,
        fetchedByDefault: model.fetchedByDefault,
      });
    }
    return entries;
  }

  async load(id: string): Promise<LoadedModel> {
    const model = this.#model(id);
    const { files, state } = await this.#verdict(model);
    const remedy = `run: candor models fetch${model.fetchedByDefault ? "" : ` ${id}`}`;
    const blamed = files.find((file) => file.state === state)?.name;
    if (state === "missing")
      throw new Fault("model.missing", `the model ${id} is not in ${this.directory} (${blamed}); ${remedy}`, {
        field: id,
      });
    if (state === "corrupt")
      throw new Fault(
        "model.corrupt",
        `${id}/${blamed} in ${this.directory} does not have its pinned sha256 and is not loaded; ${remedy}`,
        { field: id },
      );
    const hashes = Object.fromEntries(loadedFiles(model).map((file) => [file.name, file.sha256]));
    const together = createHash("sha256");
    for (const name of Object.keys(hashes).sort()) together.update(`${name} ${hashes[name]}\n`);
    return {
      id,
      version: model.version,
      sha256: together.digest("hex"),
      files: hashes,
      path: (name) => {
        if (hashes[name] === undefined) throw new Fault("model.unknown", `the model ${id} has no file ${name}`);
        return join(this.directory, id, name);
      },
    };
  }

  async path(id: string, file: string): Promise<string> {
    return (await this.load(id)).path(file);
  }
}

/** Opens the store of models on this machine; reads the lock files, touches no model yet. Throws config.invalid. */
export async function openModelStore(options: ModelStoreOptions): Promise<ModelStore> {
  return new Store(options, options.lock ?? (await readLocks(options.directory)));
}
