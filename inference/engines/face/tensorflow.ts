import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { z } from "zod";
import { Fault } from "../../../contracts/fault.ts";
import { parseJson } from "../../../runtime/parse.ts";
import { projectRoot } from "../../../runtime/paths.ts";

/** The little of @vladmandic/human and of the TensorFlow.js inside it that is used here. */
export type Tensor = { dispose(): void };
type ModelArtifacts = { modelTopology: unknown; signature?: unknown; weightSpecs: unknown; weightData: ArrayBuffer };
export type Tensorflow = {
  getBackend(): string;
  tensor3d(values: Uint8Array, shape: [number, number, number], type: "int32"): Tensor;
  io: { registerLoadRouter(route: (url: string | string[]) => { load(): Promise<ModelArtifacts> } | null): void };
};
export type Point = [across: number, down: number, depth?: number];
export type FoundFace = {
  boxRaw: [left: number, top: number, width: number, height: number];
  boxScore: number;
  /** 468 points of the face, and 10 of the irises behind them, as fractions of the picture. */
  meshRaw?: Point[];
  /** Radians. Yaw to the person's own right and pitch downwards are positive. */
  rotation?: { angle: { roll: number; yaw: number; pitch: number } } | null;
  emotion?: { score: number; emotion: string }[];
  live?: number;
  real?: number;
};
export type FoundBody = { keypoints: { part: string; score: number; positionRaw: Point }[] };
export type Human = {
  tf: Tensorflow;
  models: { loaded(): string[] };
  load(): Promise<void>;
  detect(picture: Tensor): Promise<{ face: FoundFace[]; body: FoundBody[]; error: string | null }>;
};
type HumanModule = { default: new (config: unknown) => Human };

/** What computes: TensorFlow's own library (tfjs-node), WebAssembly, or plain JavaScript, which is there to compare with. */
export const tensorflowBackends = ["tensorflow", "wasm", "cpu"] as const;
export type TensorflowBackend = (typeof tensorflowBackends)[number];

const bytesOf = { float32: 4, int32: 4, bool: 1, uint8: 1, uint16: 2, float16: 2 } as const;
const elementType = z.enum(["float32", "int32", "bool", "uint8", "uint16", "float16"]);
const weightSpec = z.looseObject({
  name: z.string(),
  shape: z.array(z.int().min(0)),
  dtype: elementType,
  quantization: z.looseObject({ dtype: elementType }).optional(),
});
const graphFile = z.looseObject({
  modelTopology: z.looseObject({ node: z.array(z.unknown()).min(1) }),
  /** Human reads the size of the hands' pictures from it. */
  signature: z.unknown().optional(),
  weightsManifest: z.array(
    z.looseObject({ paths: z.array(z.string().regex(/^[\w.-]+$/)), weights: z.array(weightSpec) }),
  ),
});

/** A TensorFlow.js graph model and its weights, read from `file://…/model.json`. Throws model.corrupt. */
export async function readGraph(url: string): Promise<ModelArtifacts> {
  const path = fileURLToPath(url);
  const { modelTopology, signature, weightsManifest } = parseJson(graphFile, await readFile(path), {
    what: path,
    otherwise: "model.corrupt",
  });
  const parts = await Promise.all(
    weightsManifest.flatMap((group) => group.paths).map((name) => readFile(join(dirname(path), name))),
  );
  const weights = Buffer.concat(parts);
  const weightSpecs = weightsManifest.flatMap((group) => group.weights);
  const expected = weightSpecs.reduce(
    (sum, { shape, dtype, quantization }) =>
      sum + shape.reduce((product, size) => product * size, 1) * bytesOf[quantization?.dtype ?? dtype],
    0,
  );
  if (weights.length !== expected)
    throw new Fault("model.corrupt", `the weights of ${path} have ${weights.length} bytes, not ${expected}`);
  return {
    modelTopology,
    ...(signature === undefined ? {} : { signature }),
    weightSpecs,
    weightData: weights.buffer.slice(weights.byteOffset, weights.byteOffset + weights.byteLength),
  };
}

const require = createRequire(import.meta.url);
const builds: Readonly<Record<TensorflowBackend, string>> = {
  tensorflow: "human.node.js",
  wasm: "human.node-wasm.js",
  cpu: "human.node-wasm.js",
};

/** tfjs-node downloads TensorFlow when it is installed, and is left out where that failed: WebAssembly then. */
export function bestBackend(): TensorflowBackend {
  try {
    require("@tensorflow/tfjs-node");
    return "tensorflow";
  } catch {
    return "wasm";
  }
}

/** Human, and what it needs of this backend. Throws process.missing. */
function modulesOf(backend: TensorflowBackend): { human: HumanModule; wasmPath: string } {
  try {
    // The package's own exports hide the builds for Node, so they are asked for by their path.
    const path = join(projectRoot, "node_modules", "@vladmandic", "human", "dist", builds[backend]);
    // Human keeps its models and the choice of backend in its module, a failed one as well: each opens its own.
    delete require.cache[require.resolve(path)];
    if (backend === "cpu") require("@tensorflow/tfjs-backend-cpu");
    const wasmPath =
      backend === "wasm"
        ? join(dirname(require.resolve("@tensorflow/tfjs-backend-wasm/package.json")), "wasm-out/")
        : "";
    return { human: require(path) as HumanModule, wasmPath };
  } catch (error) {
    const needed = { tensorflow: "tfjs-node", wasm: "tfjs-backend-wasm", cpu: "tfjs-backend-cpu" }[backend];
    throw new Fault("process.missing", `@vladmandic/human or @tensorflow/${needed} is not installed; run: npm ci`, {
      cause: error,
    });
  }
}

/** TensorFlow.js refuses a URL that two routers want, so there is one a process; it is the last failure that counts. */
const routed = new WeakSet<object>();
let failure: unknown;

function route({ io }: Tensorflow): void {
  if (routed.has(io)) return;
  routed.add(io);
  const load = (url: string): Promise<ModelArtifacts> =>
    readGraph(url).catch((error: unknown) => {
      failure = error;
      throw error;
    });
  io.registerLoadRouter((url) =>
    typeof url === "string" && url.startsWith("file://") ? { load: () => load(url) } : null,
  );
}

/**
 * Human on TensorFlow.js; `config` is Human's own. Human itself only logs what it cannot load, and fails later where
 * nobody can catch it: what is asked of it is checked here. Throws process.missing, model.corrupt.
 */
export async function openHuman(backend: TensorflowBackend, config: Record<string, unknown>): Promise<Human> {
  const { human: module, wasmPath } = modulesOf(backend);
  const human = new module.default({ backend, wasmPath, ...config });
  route(human.tf);
  failure = undefined;
  await human.load();
  if (failure !== undefined) throw failure;
  if (human.models.loaded().length === 0)
    throw new Fault("model.corrupt", "TensorFlow.js could not load the model; run: candor models verify");
  if (human.tf.getBackend() !== backend)
    throw new Fault("process.missing", `TensorFlow.js runs on ${human.tf.getBackend()} where ${backend} was asked for`);
  return human;
}

export const fileUrl = (path: string): string => pathToFileURL(path).href;
