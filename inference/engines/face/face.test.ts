import { createRequire } from "node:module";
import { join } from "node:path";
import t from "tap";
import type { Face, Picture } from "../../../contracts/ports.ts";
import { projectRoot } from "../../../runtime/paths.ts";
import { run } from "../../../runtime/subprocess.ts";
import { defaultModelsDirectory, openModelStore } from "../../models/store.ts";
import { openFace } from "../face.ts";
import { bestBackend, fileUrl, readGraph, type TensorflowBackend } from "./tensorflow.ts";

/**
 * Human gives boxes in whole pixels and confidence in hundredths, so found faces can only be equal or a step apart: a
 * pixel of 480 or 640. What the backends really compute is compared before that rounding, below.
 */
const boxStep = 1 / 480;
const confidenceStep = 0.01;
/** Of the largest value: sums of up to some thousand 32-bit floats in another order (2^-23 each). */
const rawTolerance = 1e-4;
const store = await openModelStore({ directory: defaultModelsDirectory() });

async function picture(): Promise<Picture> {
  const file = join(projectRoot, "test", "fixtures", "face", "astronaut.jpg");
  const rgb = await run("ffmpeg", ["-v", "error", "-i", file, "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]);
  return { width: 640, height: 480, rgb };
}

/** One after the other: the backend is TensorFlow.js' own and one for the whole thread. */
async function found(backend: TensorflowBackend): Promise<Face[]> {
  const finder = await openFace(store, { backend });
  const faces = await finder.find(await picture());
  await finder.close();
  return faces;
}

type Agreeing = { equal(one: unknown, other: unknown): unknown; ok(value: boolean, message: string): unknown };
function agree(t: Agreeing, one: readonly Face[], other: readonly Face[]): void {
  t.equal(one.length, 1);
  t.equal(other.length, 1);
  for (const key of ["left", "top", "width", "height", "confidence"] as const) {
    const apart = Math.abs((one[0]?.[key] ?? Number.NaN) - (other[0]?.[key] ?? Number.NaN));
    t.ok(apart <= (key === "confidence" ? confidenceStep : boxStep) + 1e-9, `${key} is ${apart} apart`);
  }
}

t.test("WebAssembly and plain JavaScript find the same face", async (t) => {
  agree(t, await found("wasm"), await found("cpu"));
});

type Raw = { dataSync(): Float32Array };
type Model = { execute(input: unknown): Raw | Raw[] };
const require = createRequire(import.meta.url);
const tf = require("@tensorflow/tfjs-core");
require("@tensorflow/tfjs-backend-cpu");
const wasmBackend = require("@tensorflow/tfjs-backend-wasm");
wasmBackend.setWasmPaths(join(projectRoot, "node_modules", "@tensorflow", "tfjs-backend-wasm", "wasm-out/"));
const { loadGraphModel } = require("@tensorflow/tfjs-converter");

/** The network's own outputs on the picture; `spoil` may change the weights first. */
async function raw(backend: TensorflowBackend, spoil: (weights: Float32Array) => void = () => undefined) {
  t.ok(await tf.setBackend(backend), backend);
  const graph = await readGraph(fileUrl((await store.load("face")).path("blazeface.json")));
  spoil(new Float32Array(graph.weightData));
  const model: Model = await loadGraphModel(tf.io.fromMemory(graph));
  const { width, height, rgb } = await picture();
  const whole = tf.cast(tf.tensor3d(rgb, [height, width, 3], "int32"), "float32");
  const scaled = tf.sub(tf.div(tf.image.resizeBilinear(whole, [256, 256]), 127.5), 1);
  const out = model.execute(tf.expandDims(scaled, 0));
  t.equal(tf.getBackend(), backend, `computed on ${backend}`);
  return [out].flat().map((tensor) => tensor.dataSync());
}

/** The largest difference, as a share of the largest value. */
function apart(one: readonly Float32Array[], other: readonly Float32Array[]): number {
  let [difference, largest] = [0, 0];
  for (const [at, values] of one.entries())
    for (const [index, value] of values.entries()) {
      difference = Math.max(difference, Math.abs(value - (other[at]?.[index] ?? Number.POSITIVE_INFINITY)));
      largest = Math.max(largest, Math.abs(value));
    }
  return difference / largest;
}

t.test("WebAssembly and plain JavaScript compute the same, before anything is rounded", async (t) => {
  const wasm = await raw("wasm");
  const plain = await raw("cpu");
  t.ok(wasm.length > 0 && wasm.every((values) => values.length > 100), "there is something to compare");
  const measured = apart(wasm, plain);
  t.ok(measured <= rawTolerance, `${measured} apart`);
  t.comment(`wasm against cpu: ${measured} of the largest value`);
  const other = await raw("cpu", (weights) => {
    // Whole numbers (shapes) read as floats are next to nothing: they stay.
    for (const [at, weight] of weights.entries()) if (Math.abs(weight) > 1e-30) weights[at] = weight * 1.01;
  });
  const spoilt = apart(wasm, other);
  t.ok(spoilt > rawTolerance, `weights that are 1 % off show: ${spoilt} apart`);
});

const native = ((): boolean => {
  try {
    require("@tensorflow/tfjs-node");
    return true;
  } catch {
    return false;
  }
})();

t.test("the backend is tfjs-node where it can be had, else WebAssembly, and is named", async (t) => {
  t.equal(bestBackend(), native ? "tensorflow" : "wasm");
  const finder = await openFace(store);
  t.equal(finder.backend, bestBackend());
  await finder.close();
});

t.test(
  "tfjs-node and WebAssembly find the same face",
  { skip: native ? false : "not run: @tensorflow/tfjs-node is not installed here" },
  async (t) => {
    agree(t, await found("tensorflow"), await found("wasm"));
    const measured = apart(await raw("tensorflow"), await raw("wasm"));
    t.ok(measured <= rawTolerance, `${measured} apart`);
  },
);

t.test(
  "tfjs-node asked for by name and not there says what to do",
  { skip: native ? "it is installed" : false },
  async (t) => {
    await t.rejects(openFace(store, { backend: "tensorflow" }), { code: "process.missing", message: /tfjs-node.*npm/ });
  },
);
