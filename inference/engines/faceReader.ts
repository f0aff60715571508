import type { Face, FaceReader, Picture, Reading } from "../../contracts/ports.ts";
import type { ModelStore } from "../models/store.ts";
import {
  bestBackend,
  type FoundBody,
  type FoundFace,
  fileUrl,
  type Human,
  openHuman,
  type Point,
} from "./face/tensorflow.ts";
import { BlazeFace, baseOf, onlyDetector, ready, toFace } from "./face.ts";

/** Models that a reader may be opened with, by their id in the lock file. */
export const readingModels = ["face-mesh", "face-expression", "face-liveness", "body-pose"] as const;
export type ReadingModel = (typeof readingModels)[number];

const degrees = (radians: number): number => (radians * 180) / Math.PI;
const each = { enabled: true, skipFrames: 0, skipTime: 0 };

/** Points of MediaPipe's face mesh: the corners of each eye; the irises' centres stand behind the mesh. */
const eyeCorners: readonly (readonly [number, number])[] = [
  [33, 133],
  [362, 263],
];
const irisCentres = [468, 473] as const;
/** From corner to corner an eye is 2.5 times as wide as its ball's radius (30 mm, 12 mm). */
const widthsToRadius = 2.5;
const smallestWristScore = 0.3;

type Side = "left" | "right";
const wristOf: Readonly<Record<string, Side>> = { leftWrist: "left", rightWrist: "right" };

/**
 * How far the irises are off the middle of their eyes, as angles of the eyeball. `aspect` is width by height, since the
 * mesh counts in fractions of the picture. Human's own bearing is not used: it scatters on faces that look ahead.
 */
function eyesOf(mesh: readonly Point[], aspect: number): { across: number; down: number } | undefined {
  const angles = eyeCorners.flatMap(([one, other]) => {
    const [from, to] = [mesh[one], mesh[other]];
    if (from === undefined || to === undefined) return [];
    const middle = { across: (from[0] + to[0]) / 2, down: (from[1] + to[1]) / 2 };
    const width = Math.hypot((to[0] - from[0]) * aspect, to[1] - from[1]);
    const irises = irisCentres.flatMap((at) => {
      const iris = mesh[at];
      if (iris === undefined || width === 0) return [];
      return [{ across: ((iris[0] - middle.across) * aspect) / width, down: (iris[1] - middle.down) / width }];
    });
    // Each eye takes the iris that lies within it.
    const [own] = irises.sort((a, b) => Math.hypot(a.across, a.down) - Math.hypot(b.across, b.down));
    if (own === undefined || Math.hypot(own.across, own.down) > 0.5) return [];
    const angle = (share: number): number => degrees(Math.asin(Math.max(-1, Math.min(1, share * widthsToRadius))));
    return [{ across: angle(own.across), down: angle(own.down) }];
  });
  if (angles.length === 0) return undefined;
  const mean = (of: "across" | "down"): number => angles.reduce((sum, one) => sum + one[of], 0) / angles.length;
  return { across: mean("across"), down: mean("down") };
}

function postureOf({ rotation, meshRaw }: FoundFace, aspect: number): Pick<Reading, "head" | "gaze"> {
  if (!rotation || meshRaw === undefined || meshRaw.length < irisCentres[1]) return {};
  const { yaw, pitch, roll } = rotation.angle;
  const head = { yaw: degrees(yaw), pitch: degrees(pitch), roll: degrees(roll) };
  const eyes = eyesOf(meshRaw, aspect);
  // To the right of the picture is to the person's own left.
  return eyes === undefined
    ? { head }
    : { head, gaze: { right: head.yaw - eyes.across, down: head.pitch + eyes.down } };
}

const wristsOf = (bodies: readonly FoundBody[]): NonNullable<Reading["wrists"]> =>
  (bodies[0]?.keypoints ?? []).flatMap(({ part, score, positionRaw: [across, down] }) => {
    const side = wristOf[part];
    const inside = across >= 0 && across <= 1 && down >= 0 && down <= 1;
    return side !== undefined && score >= smallestWristScore && inside ? [{ side, across, down }] : [];
  });

class HumanReader extends BlazeFace implements FaceReader {
  readonly #models: ReadonlySet<ReadingModel>;

  constructor(human: Human, backend: string, models: ReadonlySet<ReadingModel>) {
    super(human, backend);
    this.#models = models;
  }

  async read(picture: Picture): Promise<{ faces: Face[]; reading: Reading }> {
    const { face, body } = await this.detect(picture);
    const [main] = face;
    const has = (model: ReadingModel): boolean => this.#models.has(model);
    return {
      faces: face.map(toFace),
      reading: {
        ...(main !== undefined && has("face-mesh") ? postureOf(main, picture.width / picture.height) : {}),
        ...(main?.emotion !== undefined && has("face-expression")
          ? { expression: Object.fromEntries(main.emotion.map(({ emotion, score }) => [emotion, score])) }
          : {}),
        ...(main !== undefined && has("face-liveness")
          ? { liveness: { live: main.live ?? 0, real: main.real ?? 0 } }
          : {}),
        ...(has("body-pose") ? { wrists: wristsOf(body) } : {}),
      },
    };
  }
}

/**
 * Finds faces and reads of the largest one what `models` are for. Up to 25 ms a picture more than the face finder for
 * mesh and irises, 10 ms for each other. Throws model.missing, model.corrupt; `read` throws use.invalid, inference.lost.
 */
export async function openFaceReader(store: ModelStore, models: readonly ReadingModel[]): Promise<FaceReader> {
  const wanted = new Set(models);
  const at = async (id: ReadingModel, file: string): Promise<string> => fileUrl((await store.load(id)).path(file));
  const { face } = onlyDetector;
  const backend = bestBackend();
  const config = {
    ...onlyDetector,
    modelBasePath: await baseOf(store),
    face: {
      ...face,
      ...(wanted.has("face-mesh")
        ? {
            mesh: { enabled: true, modelPath: await at("face-mesh", "facemesh.json") },
            iris: { enabled: true, modelPath: await at("face-mesh", "iris.json") },
          }
        : {}),
      ...(wanted.has("face-expression")
        ? { emotion: { ...each, minConfidence: 0, modelPath: await at("face-expression", "emotion.json") } }
        : {}),
      ...(wanted.has("face-liveness")
        ? {
            liveness: { ...each, modelPath: await at("face-liveness", "liveness.json") },
            antispoof: { ...each, modelPath: await at("face-liveness", "antispoof.json") },
          }
        : {}),
    },
    ...(wanted.has("body-pose")
      ? {
          body: {
            ...each,
            maxDetected: 1,
            minConfidence: 0.2,
            modelPath: await at("body-pose", "movenet-lightning.json"),
          },
        }
      : {}),
  };
  return ready(async () => new HumanReader(await openHuman(backend, config), backend, wanted));
}
