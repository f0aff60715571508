import { asFault, Fault } from "../contracts/fault.ts";
import type { Embedder, FaceFinder, FaceReader, Recognised, Recogniser } from "../contracts/ports.ts";
import type { Equipped, SoundEngines } from "./analysis.ts";
import { openE5 } from "./engines/e5.ts";
import { openFace } from "./engines/face.ts";
import { openFaceReader, type ReadingModel } from "./engines/faceReader.ts";
import { type RecogniserPlugin, recognisers, whisperBase } from "./engines/registry.ts";
import { openSilero } from "./engines/silero.ts";
import { defaultModelsDirectory, type ModelStore, openModelStore } from "./models/store.ts";

export type EngineName = "voiceActivity" | "recogniser" | "embedder" | "faceFinder";
export type Engines = SoundEngines & {
  embedder: Equipped<Embedder>;
  faceFinder: Equipped<FaceFinder>;
  close(): Promise<void>;
};
export type EnginesOptions = {
  /** Default: `defaultModelsDirectory()`. */
  modelsDirectory?: string;
  /** Threads of the recogniser; default 2. */
  threads?: number;
  /** By its name in engines/registry.ts; default: whisper-base. */
  recogniser?: string;
  which: readonly EngineName[];
};

/** Lets one call in at a time, in order: two decodes at once would each take the other's cores. */
export function oneAtATime(recogniser: Recogniser): Recogniser {
  let tail: Promise<unknown> = Promise.resolve();
  return {
    name: recogniser.name,
    languages: recogniser.languages,
    recognise: (pcm, options) => {
      const turn = tail.then((): Promise<Recognised> => recogniser.recognise(pcm, options));
      tail = turn.catch(() => undefined);
      return turn;
    },
    close: async () => {
      await tail;
      await recogniser.close();
    },
  };
}

async function equip<Engine>(store: ModelStore, model: string, open: () => Promise<Engine>): Promise<Equipped<Engine>> {
  try {
    const engine = await open();
    return { engine, models: { [model]: (await store.load(model)).sha256 } };
  } catch (error) {
    return { fault: asFault(error, "model.corrupt") };
  }
}

/** @throws Fault model.unknown */
export function recogniserNamed(name: string): RecogniserPlugin {
  const found = recognisers.find((one) => one.name === name);
  if (found !== undefined) return found;
  const known = recognisers.map((one) => one.name).join(", ");
  throw new Fault("model.unknown", `there is no recogniser "${name}": use one of ${known}`, { field: "recogniser" });
}

const unasked = async <Engine>(): Promise<Equipped<Engine>> => ({
  fault: new Fault("model.missing", "this engine was not asked for"),
});

/**
 * Opens the engines named in `which`, each from files whose hash was checked. An engine that cannot be had does not
 * keep the others from working: its fault stands in its place.
 * @throws Fault model.unknown for a recogniser that is not in the registry
 */
export async function openEngines({
  modelsDirectory = defaultModelsDirectory(),
  threads = 2,
  recogniser: wantedRecogniser = whisperBase.name,
  which,
}: EnginesOptions): Promise<Engines> {
  const plugin = recogniserNamed(wantedRecogniser);
  const store = await openModelStore({ directory: modelsDirectory });
  const wanted = <Engine>(name: EngineName, model: string, open: () => Promise<Engine>): Promise<Equipped<Engine>> =>
    which.includes(name) ? equip(store, model, open) : unasked();
  const [voiceActivity, recogniser, embedder, faceFinder] = await Promise.all([
    wanted("voiceActivity", "silero-vad", () => openSilero(store)),
    wanted("recogniser", plugin.name, async () => oneAtATime(await plugin.open(store, { threads }))),
    wanted("embedder", "e5-small", () => openE5(store)),
    wanted("faceFinder", "face", () => openFace(store)),
  ]);
  const all = [voiceActivity, recogniser, embedder, faceFinder];
  return {
    voiceActivity,
    recogniser,
    embedder,
    faceFinder,
    close: async () => {
      await Promise.all(all.map((one) => ("engine" in one ? one.engine.close() : undefined)));
    },
  };
}

/** The reader that plug-ins need, or why it could not be had. */
export async function openReader({
  modelsDirectory = defaultModelsDirectory(),
  models,
}: {
  modelsDirectory?: string;
  models: readonly ReadingModel[];
}): Promise<Equipped<FaceReader>> {
  try {
    const store = await openModelStore({ directory: modelsDirectory });
    const engine = await openFaceReader(store, models);
    const hashes = await Promise.all(models.map(async (id) => [id, (await store.load(id)).sha256] as const));
    return { engine, models: Object.fromEntries(hashes) };
  } catch (error) {
    return { fault: asFault(error, "model.corrupt") };
  }
}

/** An embedder in the place of one that could not be had: asked for anything, it throws its fault. */
export function absentEmbedder(fault: Fault): Embedder {
  return { dimensions: 0, embed: () => Promise.reject(fault), close: () => Promise.resolve() };
}

/** sha256 by model id of all engines that could be had. */
export function modelsOf(engines: Engines): Record<string, string> {
  const had = [engines.voiceActivity, engines.recogniser, engines.embedder, engines.faceFinder];
  return Object.assign({}, ...had.map((one) => ("models" in one ? one.models : {})));
}
