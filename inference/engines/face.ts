import { dirname } from "node:path";
import { asFault, Fault } from "../../contracts/fault.ts";
import type { Face, FaceFinder, Picture } from "../../contracts/ports.ts";
import type { ModelStore } from "../models/store.ts";
import {
  bestBackend,
  type FoundFace,
  fileUrl,
  type Human,
  openHuman,
  type TensorflowBackend,
} from "./face/tensorflow.ts";

const smallestConfidence = 0.4;
const mostFaces = 4;
const off = { enabled: false };

/** Where faces are, and nothing else: no mesh, no iris, no emotion, no descriptor of the person is computed. */
const onlyDetector = {
  debug: false,
  async: false,
  cacheSensitivity: 0,
  filter: off,
  gesture: off,
  body: off,
  hand: off,
  object: off,
  segmentation: off,
  face: {
    enabled: true,
    detector: {
      modelPath: "blazeface.json",
      rotation: false,
      maxDetected: mostFaces,
      minConfidence: smallestConfidence,
      return: false,
      skipFrames: 0,
      skipTime: 0,
    },
    mesh: off,
    attention: off,
    iris: off,
    emotion: off,
    description: off,
    antispoof: off,
    liveness: off,
    gear: off,
  },
};

const within = (value: number): number => Math.min(1, Math.max(0, value));

/** Human's box, cut at the edges of the picture. */
function toFace({ boxRaw, boxScore }: FoundFace): Face {
  const [left, top, width, height] = boxRaw;
  return {
    left: within(left),
    top: within(top),
    width: within(left + width) - within(left),
    height: within(top + height) - within(top),
    confidence: within(boxScore),
  };
}

class BlazeFace implements FaceFinder {
  readonly backend: string;
  readonly #human: Human;
  #tail: Promise<unknown> = Promise.resolve();

  constructor(human: Human, backend: string) {
    this.#human = human;
    this.backend = backend;
  }

  find(picture: Picture): Promise<Face[]> {
    // Human keeps state between calls: one at a time.
    const turn = this.#tail.then(() => this.#detect(picture));
    this.#tail = turn.catch(() => undefined);
    return turn;
  }

  async #detect({ width, height, rgb }: Picture): Promise<Face[]> {
    if (rgb.length !== width * height * 3)
      throw new Fault(
        "use.invalid",
        `a picture of ${width} × ${height} has ${width * height * 3} bytes, not ${rgb.length}`,
      );
    const tensor = this.#human.tf.tensor3d(rgb, [height, width, 3], "int32");
    try {
      const { face, error } = await this.#human.detect(tensor);
      if (error !== null) throw new Fault("inference.lost", `the face finder failed: ${error}`);
      return face.map(toFace).sort((one, other) => other.width * other.height - one.width * one.height);
    } finally {
      tensor.dispose();
    }
  }

  async close(): Promise<void> {
    await this.#tail;
  }
}

/**
 * BlazeFace (back camera) by @vladmandic/human on TensorFlow.js: on tfjs-node where it can be had, else on WebAssembly,
 * 35 to 60 ms a picture of 640 × 480. It computes on the calling thread: use it in a worker or a process of its own.
 * Throws model.missing, model.corrupt, process.missing for a backend asked for that is not there; `find` throws
 * use.invalid, inference.lost.
 */
export async function openFace(store: ModelStore, options: { backend?: TensorflowBackend } = {}): Promise<FaceFinder> {
  const model = await store.load("face");
  const backend = options.backend ?? bestBackend();
  const modelBasePath = `${fileUrl(dirname(model.path("blazeface.json")))}/`;
  try {
    const finder = new BlazeFace(await openHuman(backend, { ...onlyDetector, modelBasePath }), backend);
    await finder.find({ width: 64, height: 64, rgb: new Uint8Array(64 * 64 * 3) });
    return finder;
  } catch (error) {
    throw asFault(error, "model.corrupt");
  }
}
