import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { dataType, Graph } from "../../models/convert/onnx.ts";
import { type ModelsLock, modelsLock } from "../../models/lock.ts";

const melBands = 80;
/** No token for the lowest band; the others are words that a tone in that band stands for. */
const toyTokens: readonly string[] = Array.from({ length: melBands }, (_, band) =>
  band === 0 ? "<blk>" : `▁band${band}`,
);
/** Frames of 10 ms that make one step of the output: what sherpa-onnx takes the token times by. */
const subsampling = 4;

/**
 * A CTC model of a few hundred bytes for tests: it takes the loudest of sherpa-onnx' 80 mel bands for the likeliest
 * token, so that a tone is a word. Everything before and behind the network is the real thing.
 */
export async function writeToyModel(directory: string, id: string): Promise<ModelsLock> {
  const folder = join(directory, id);
  await mkdir(folder, { recursive: true });
  const graph = new Graph();
  const sound = graph.input("x", dataType.float, ["N", "T", melBands]);
  const lengths = graph.input("x_lens", dataType.int64, ["N"]);
  const steps = graph.node("Slice", [
    sound,
    graph.ints(0),
    graph.ints(2 ** 31),
    graph.ints(1),
    graph.ints(subsampling),
  ]);
  graph.node("LogSoftmax", [steps], { attributes: { axis: 2 }, output: "log_probs" });
  const padded = graph.node("Add", [lengths, graph.ints(subsampling - 1)]);
  graph.node("Div", [padded, graph.ints(subsampling)], { output: "log_probs_len" });
  graph.output("log_probs", dataType.float, ["N", "T", melBands]);
  graph.output("log_probs_len", dataType.int64, ["N"]);
  await graph.write(join(folder, "model.int8.onnx"), { name: "toy", opset: 13, irVersion: 8 });
  await writeFile(join(folder, "tokens.txt"), toyTokens.map((token, at) => `${token} ${at}\n`).join(""));
  return toyLock(directory, id);
}

/** The lock file of what stands there now. */
export async function toyLock(directory: string, id: string): Promise<ModelsLock> {
  const files = [];
  for (const name of ["model.int8.onnx", "tokens.txt"]) {
    const content = await readFile(join(directory, id, name));
    const sha256 = createHash("sha256").update(content).digest("hex");
    files.push({ name, sha256, bytes: content.length, sources: [{ kind: "url", url: "https://example.org/none" }] });
  }
  const model = { id, version: "1", purpose: "a test", licence: "MIT", fetchedByDefault: false, files };
  return modelsLock.parse({ version: 1, models: [model] });
}
