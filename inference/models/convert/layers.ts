import { headWidth, type WhisperWeights } from "./ct2.ts";
import { dataType, type Graph, type Value } from "./onnx.ts";

/** A weight matrix in eight bits: one scale for each output channel. */
export type Quantised = {
  outputs: number;
  inputs: number;
  matrix: Int8Array<ArrayBuffer>;
  scales: Float32Array<ArrayBuffer>;
};

/**
 * Symmetric int8 by output channel: scale = largest magnitude / 127. `values` are [outputs, inputs]; the matrix comes
 * transposed, [inputs, outputs], as DynamicQuantizeMatMul wants it.
 */
export function quantise(values: Float32Array, shape: { outputs: number; inputs: number }): Quantised {
  const { outputs, inputs } = shape;
  const matrix = new Int8Array(outputs * inputs);
  const scales = new Float32Array(outputs);
  for (let row = 0; row < outputs; row++) {
    const from = row * inputs;
    let largest = 0;
    for (let at = 0; at < inputs; at++) largest = Math.max(largest, Math.abs(values[from + at] as number));
    const scale = Math.fround(largest / 127) || 1;
    scales[row] = scale;
    for (let at = 0; at < inputs; at++) matrix[at * outputs + row] = Math.round((values[from + at] as number) / scale);
  }
  return { outputs, inputs, matrix, scales };
}

/** The layers that Whisper's encoder and decoder are made of, each added to the graph with its weights. */
export class Layers {
  readonly #graph: Graph;
  readonly #weights: WhisperWeights;

  constructor(graph: Graph, weights: WhisperWeights) {
    this.#graph = graph;
    this.#weights = weights;
  }

  vector(name: string): Value {
    const { shape, values } = this.#weights.values(name);
    return this.#graph.tensor(name, { type: dataType.float, dims: shape }, values);
  }

  /** Half precision in the file, single precision in the computation: the runtime folds the cast at load. */
  halves(name: string): Value {
    const { shape, bits } = this.#weights.get(name);
    return this.#graph.node("Cast", [this.#graph.tensor(name, { type: dataType.float16, dims: shape }, bits)], {
      attributes: { to: dataType.float },
    });
  }

  /** The quantised matrix and its scales as two tensors. */
  quantised(name: string): [matrix: Value, scales: Value] {
    const { shape, values } = this.#weights.values(name);
    const { inputs, outputs, matrix, scales } = quantise(values, { outputs: shape[0] ?? 0, inputs: shape[1] ?? 0 });
    return [
      this.#graph.tensor(name, { type: dataType.int8, dims: [inputs, outputs] }, matrix),
      this.#graph.tensor(`${name}_scale`, { type: dataType.float, dims: [outputs] }, scales),
    ];
  }

  norm(x: Value, name: string): Value {
    return this.#graph.node("LayerNormalization", [x, this.vector(`${name}/gamma`), this.vector(`${name}/beta`)], {
      attributes: { axis: -1, epsilon: { float: 1e-5 } },
    });
  }

  linear(x: Value, name: string): Value {
    const product = this.#graph.contrib("DynamicQuantizeMatMul", [x, ...this.quantised(`${name}/weight`)]);
    return this.#graph.node("Add", [product, this.vector(`${name}/bias`)]);
  }

  feedForward(x: Value, name: string): Value {
    const wide = this.#graph.contrib("Gelu", [this.linear(this.norm(x, `${name}/layer_norm`), `${name}/linear_0`)]);
    return this.linear(wide, `${name}/linear_1`);
  }

  add(x: Value, y: Value): Value {
    return this.#graph.node("Add", [x, y]);
  }

  /** `x` of [1, N, count × width] into `count` parts of [1, N, width]. */
  split(x: Value, count: number): Value[] {
    const { width } = this.#weights.sizes;
    return this.#graph.nodes("Split", [x, this.#graph.ints(...Array.from({ length: count }, () => width))], {
      attributes: { axis: -1 },
      outputs: count,
    });
  }

  /** [1, N, width] → [1, heads, N, 64], or [1, heads, 64, N] when `transposed`. */
  toHeads(x: Value, transposed = false): Value {
    const { heads } = this.#weights.sizes;
    const reshaped = this.#graph.node("Reshape", [x, this.#graph.ints(0, 0, heads, headWidth)]);
    return this.#graph.node("Transpose", [reshaped], {
      attributes: { perm: transposed ? [0, 2, 3, 1] : [0, 2, 1, 3] },
    });
  }

  /** [1, heads, N, 64] → [1, N, width]. */
  fromHeads(x: Value): Value {
    const { width } = this.#weights.sizes;
    const turned = this.#graph.node("Transpose", [x], { attributes: { perm: [0, 2, 1, 3] } });
    return this.#graph.node("Reshape", [turned, this.#graph.ints(0, 0, width)]);
  }

  slice(x: Value, range: { from: Value; to: Value; axis: number }): Value {
    return this.#graph.node("Slice", [x, range.from, range.to, this.#graph.ints(range.axis)]);
  }

  unsqueeze(x: Value, axis: number): Value {
    return this.#graph.node("Unsqueeze", [x, this.#graph.ints(axis)]);
  }
}
