import type { AnswerObservations, PluginObservations } from "../contracts/observation.ts";
import type { Millis } from "../contracts/units.ts";
import type { KnownSignals } from "./analysis.ts";
import { type ReadingModel, readingModels } from "./engines/faceReader.ts";
import type { Look } from "./watching.ts";

/** An hour at two pictures a second: an answer that goes on for longer is seen no further. */
const most = 7200;

/** Plug-ins that are computed from pictures. */
const fromPictures = ["expression", "gesture", "gaze", "liveness"] as const;

/** Models of the plug-ins that are loaded, beside the face finder's own. */
export function readingModelsOf(loaded: KnownSignals): ReadingModel[] {
  const wanted = new Set<string>(fromPictures.flatMap((id) => (loaded.allows(id) ? loaded.load(id).models : [])));
  return readingModels.filter((id) => wanted.has(id));
}

/** Null too where a plug-in fails: nothing else depends on it. */
function computed(loaded: KnownSignals, id: (typeof fromPictures)[number], looks: readonly Look[]): unknown {
  try {
    return loaded.load(id).compute(looks);
  } catch {
    return null;
  }
}

/** What was seen while one answer was given. It stands beside the answer's score and has no part in it. */
export class Sightings {
  readonly #looks: Look[] = [];
  #models: Record<string, string> = {};

  add(look: Look, models: Record<string, string>): void {
    if (this.#looks.length >= most) return;
    this.#looks.push(look);
    this.#models = models;
  }

  /** Of the pictures taken between the answer's beginning and its end. Nothing where none was looked at: the camera may be gone. */
  sumUp(
    loaded: KnownSignals,
    { from, to }: { from: Millis; to: Millis },
  ): Pick<AnswerObservations, "severalFaces" | "models"> & { plugins: PluginObservations } {
    const looks = this.#looks.filter(({ at }) => at >= from && at <= to);
    if (looks.length === 0) return { severalFaces: null, plugins: {}, models: {} };
    const plugins: PluginObservations = {};
    for (const id of fromPictures) if (loaded.allows(id)) Object.assign(plugins, { [id]: computed(loaded, id, looks) });
    return {
      severalFaces: loaded.allows("severalFaces") ? loaded.load("severalFaces").compute(looks) : null,
      plugins,
      models: this.#models,
    };
  }
}
