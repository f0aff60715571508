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
  load(): Promise<void>;
  detect(picture: Tensor): Promise<{ face: FoundFace[]; body: FoundBody[]; error: string | null }>;
};
type HumanModule = { default: new (config: unknown) => Human };

const graphFile = z.looseObject({
  modelTopology: z.unknown(),
  /** Human reads the size of the hands' pictures from it. */
  signature: z.unknown().optional(),
  weightsManifest: z.array(
    z.looseObject({ paths: z.array(z.string().regex(/^[\w.-]+$/)), weights: z.array(z.unknown()) }),
  ),
});

/** A TensorFlow.js graph model and its weights, read from `file://…/model.json`. Throws model.corrupt. */
async function readGraph(url: string): Promise<ModelArtifacts> {
  const path = fileURLToPath(url);
  const { modelTopology, signature, weightsManifest } = parseJson(graphFile, await readFile(path), {
    what: path,
    otherwise: "model.corrupt",
  });
  const parts = await Promise.all(
    weightsManifest.flatMap((group) => group.paths).map((name) => readFile(join(dirname(path), name))),
  );
  const weights = Buffer.concat(parts);
  return {
    modelTopology,
    ...(signature === undefined ? {} : { signature }),
    weightSpecs: weightsManifest.flatMap((group) => group.weights),
    weightData: weights.buffer.slice(weights.byteOffset, weights.byteOffset + weights.byteLength),
  };
}

const require = createRequire(import.meta.url);

/** The package's own exports hide the build for Node with WebAssembly, so it is asked for by its path. */
function humanPath(): string {
  return join(projectRoot, "node_modules", "@vladmandic", "human", "dist", "human.node-wasm.js");
}

/** Human on TensorFlow.js' WebAssembly (SIMD, one thread); `config` is Human's own. Throws process.missing. */
export function openHuman(config: Record<string, unknown>): Human {
  let module: HumanModule;
  let wasmPath: string;
  try {
    module = require(humanPath()) as HumanModule;
    wasmPath = join(dirname(require.resolve("@tensorflow/tfjs-backend-wasm/package.json")), "wasm-out/");
  } catch (error) {
    throw new Fault(
      "process.missing",
      "@vladmandic/human or @tensorflow/tfjs-backend-wasm is not installed; run: npm ci",
      { cause: error },
    );
  }
  const human = new module.default({ backend: "wasm", wasmPath, ...config });
  human.tf.io.registerLoadRouter((url) =>
    typeof url === "string" && url.startsWith("file://") ? { load: () => readGraph(url) } : null,
  );
  return human;
}

export const fileUrl = (path: string): string => pathToFileURL(path).href;
