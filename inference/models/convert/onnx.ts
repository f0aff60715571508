import { open } from "node:fs/promises";
import { Fault } from "../../../contracts/fault.ts";
import { type Bytes, float, integer, message, text } from "./protobuf.ts";

/** TensorProto.DataType of onnx.proto. */
export const dataType = { float: 1, uint8: 2, int8: 3, int32: 6, int64: 7, float16: 10, int4: 22 } as const;
export type DataType = (typeof dataType)[keyof typeof dataType];

/** An attribute of a node: an int, ints, a string, or a float (which a plain number cannot tell apart from an int). */
export type Attribute = number | readonly number[] | string | { float: number };
/** A fixed size or the name of a size that is known at run time only. */
export type Dimension = number | string;
/** The name of a value that flows between nodes; "" leaves an optional input out. */
export type Value = string;

type Weights = { buffer: ArrayBufferLike; byteOffset: number; byteLength: number };
type NodeOptions = { attributes?: Record<string, Attribute>; outputs?: number | readonly string[]; domain?: string };

const microsoft = "com.microsoft";
const pageBytes = 4096;

// Field numbers and attribute types are those of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
function attribute(name: string, value: Attribute): Bytes {
  const typed = (): Bytes => {
    if (typeof value === "number") return [...integer(3, value), ...integer(20, 2)];
    if (typeof value === "string") return [...text(4, value), ...integer(20, 3)];
    if ("float" in value) return [...float(2, value.float), ...integer(20, 1)];
    return [...value.flatMap((one) => [...integer(8, one)]), ...integer(20, 7)];
  };
  return message(5, [...text(1, name), ...typed()]);
}

function valueInfo(field: number, name: string, shape: { type: DataType; dims: readonly Dimension[] }): Bytes {
  const dims = shape.dims.flatMap((size) => [
    ...message(1, typeof size === "number" ? integer(1, size) : text(2, size)),
  ]);
  return message(field, [
    ...text(1, name),
    ...message(2, message(1, [...integer(1, shape.type), ...message(2, dims)])),
  ]);
}

/** Builds one ONNX graph. Nodes and tensors are written in the order of the calls: same calls, same bytes. */
export class Graph {
  readonly #externalName: string | undefined;
  readonly #nodes: Bytes[] = [];
  readonly #tensors: Bytes[] = [];
  readonly #inputs: Bytes[] = [];
  readonly #outputs: Bytes[] = [];
  readonly #constants = new Set<string>();
  readonly #external: Uint8Array[] = [];
  #externalBytes = 0;

  /** With `externalName`, large tensors go to a file of that name beside the model, page-aligned, so that the runtime can map them. */
  constructor(externalName?: string) {
    this.#externalName = externalName;
  }

  input(name: string, type: DataType, dims: readonly Dimension[]): Value {
    this.#inputs.push(valueInfo(11, name, { type, dims }));
    return name;
  }

  output(name: string, type: DataType, dims: readonly Dimension[]): void {
    this.#outputs.push(valueInfo(12, name, { type, dims }));
  }

  /** A constant tensor; `weights` are its little-endian bytes, row by row. */
  tensor(name: string, shape: { type: DataType; dims: readonly number[] }, weights: Weights): Value {
    const raw = new Uint8Array(weights.buffer, weights.byteOffset, weights.byteLength);
    const head = [...shape.dims.flatMap((size) => [...integer(1, size)]), ...integer(2, shape.type), ...text(8, name)];
    const outside = this.#externalName !== undefined && raw.length >= pageBytes;
    this.#tensors.push(message(5, [...head, ...(outside ? this.#putOutside(raw) : message(9, [raw]))]));
    return name;
  }

  #putOutside(raw: Uint8Array): Bytes {
    const padding = (pageBytes - (this.#externalBytes % pageBytes)) % pageBytes;
    this.#external.push(new Uint8Array(padding), raw);
    const offset = this.#externalBytes + padding;
    this.#externalBytes = offset + raw.length;
    const entry = (key: string, value: string): Bytes => message(13, [...text(1, key), ...text(2, value)]);
    return [
      ...entry("location", this.#externalName ?? ""),
      ...entry("offset", String(offset)),
      ...entry("length", String(raw.length)),
      ...integer(14, 1),
    ];
  }

  #constant(name: string, shape: { type: DataType; dims: readonly number[] }, weights: Weights): Value {
    if (this.#constants.has(name)) return name;
    this.#constants.add(name);
    return this.tensor(name, shape, weights);
  }

  /** A vector of int64, shared by all who ask for the same numbers. */
  ints(...values: number[]): Value {
    return this.#constant(
      `ints_${values.join("_")}`,
      { type: dataType.int64, dims: [values.length] },
      BigInt64Array.from(values.map(BigInt)),
    );
  }

  int(value: number): Value {
    return this.#constant(`int_${value}`, { type: dataType.int64, dims: [] }, BigInt64Array.of(BigInt(value)));
  }

  scalar(value: number): Value {
    return this.#constant(`float_${value}`, { type: dataType.float, dims: [] }, Float32Array.of(value));
  }

  /** A node with several outputs, named or counted. */
  nodes(type: string, inputs: readonly Value[], options: NodeOptions = {}): Value[] {
    const name = `${type}_${this.#nodes.length}`;
    const { outputs = 1, attributes = {}, domain } = options;
    const named =
      typeof outputs === "number" ? Array.from({ length: outputs }, (_, at) => `${name}_${at}`) : [...outputs];
    this.#nodes.push(
      message(1, [
        ...inputs.flatMap((input) => [...text(1, input)]),
        ...named.flatMap((output) => [...text(2, output)]),
        ...text(3, name),
        ...text(4, type),
        ...Object.entries(attributes).flatMap(([key, value]) => [...attribute(key, value)]),
        ...(domain === undefined ? [] : text(7, domain)),
      ]),
    );
    return named;
  }

  /** A node with one output, whose name it returns; `output` gives it a name of its own. */
  node(
    type: string,
    inputs: readonly Value[],
    options: { attributes?: Record<string, Attribute>; output?: string; domain?: string } = {},
  ): Value {
    const { output, ...rest } = options;
    const [value] = this.nodes(type, inputs, output === undefined ? rest : { ...rest, outputs: [output] });
    if (value === undefined) throw new Fault("internal", `the node ${type} has no output`);
    return value;
  }

  /** The same for an operator of ONNX Runtime's own (https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md). */
  contrib(
    type: string,
    inputs: readonly Value[],
    options: { attributes?: Record<string, Attribute>; output?: string } = {},
  ): Value {
    return this.node(type, inputs, { ...options, domain: microsoft });
  }

  /** Writes the model to `path`, and its large tensors beside it. `opset` is the version of the standard operators. */
  async write(path: string, model: { name: string; opset: number; irVersion: number }): Promise<void> {
    const graph = [
      ...this.#nodes.flat(),
      ...text(2, model.name),
      ...this.#tensors.flat(),
      ...this.#inputs.flat(),
      ...this.#outputs.flat(),
    ];
    await writeParts(path, [
      ...integer(1, model.irVersion),
      ...text(2, "candor"),
      ...message(7, graph),
      ...message(8, integer(2, model.opset)),
      ...message(8, [...text(1, microsoft), ...integer(2, 1)]),
    ]);
    if (this.#externalName !== undefined) await writeParts(path.replace(/[^/]+$/, this.#externalName), this.#external);
  }
}

async function writeParts(path: string, parts: Bytes): Promise<void> {
  const file = await open(path, "w");
  try {
    // Small parts are joined, large ones go out as they are: one call a weight instead of one a varint.
    let small: Uint8Array[] = [];
    for (const part of parts) {
      if (part.length < 65_536) small.push(part);
      else {
        await file.writeFile(Buffer.concat(small));
        await file.writeFile(part);
        small = [];
      }
    }
    await file.writeFile(Buffer.concat(small));
  } finally {
    await file.close();
  }
}
