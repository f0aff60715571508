import * as ort from "onnxruntime-node";
import { Fault } from "../../contracts/fault.ts";

export type Tensors = Record<string, ort.Tensor>;
export type Session = ort.InferenceSession;

export type SessionOptions = {
  /** Cores one run may use. */
  threads: number;
  /** Whether idle threads spin between runs: quicker runs in a row, at the price of a busy core. */
  spinning?: boolean;
};

/** Opens a model on ONNX Runtime. A file it cannot read is the fault model.corrupt, never a crash. */
export async function openSession(path: string, options: SessionOptions): Promise<Session> {
  try {
    return await ort.InferenceSession.create(path, {
      intraOpNumThreads: options.threads,
      interOpNumThreads: 1,
      executionMode: "sequential",
      graphOptimizationLevel: "all",
      logSeverityLevel: 3,
      ...(options.spinning ? {} : { extra: { session: { intra_op: { allow_spinning: "0" } } } }),
    });
  } catch (error) {
    throw new Fault("model.corrupt", `${path} is no model that ONNX Runtime can load; run: candor models verify`, {
      cause: error,
    });
  }
}

/** Runs the model; what it throws is the fault inference.lost, with the model's own words as its cause. */
export async function runSession(session: Session, inputs: Tensors): Promise<Tensors> {
  try {
    return await session.run(inputs);
  } catch (error) {
    throw new Fault("inference.lost", "the model failed on its input", { cause: error });
  }
}

export const floats = (values: Float32Array, dims: readonly number[]): ort.Tensor =>
  new ort.Tensor("float32", values, dims);
export const longs = (values: readonly number[], dims: readonly number[] = [values.length]): ort.Tensor =>
  new ort.Tensor("int64", BigInt64Array.from(values.map(BigInt)), dims);

/** One output of a run. Throws model.corrupt where the model does not have it: it is not the model we know. */
export function output(outputs: Tensors, name: string): ort.Tensor {
  const tensor = outputs[name];
  if (tensor === undefined)
    throw new Fault("model.corrupt", `the model has no output ${name}; run: candor models verify`);
  return tensor;
}

export function floatsOf(tensor: ort.Tensor): Float32Array {
  if (tensor.data instanceof Float32Array) return tensor.data;
  throw new Fault("model.corrupt", `the model gives ${tensor.type} where numbers of single precision are expected`);
}
