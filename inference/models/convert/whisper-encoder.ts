import { headWidth, type WhisperWeights } from "./ct2.ts";
import { Layers } from "./layers.ts";
import { dataType, Graph, type Value } from "./onnx.ts";

/**
 * `mel` [1, mels, T] → for each decoder layer the keys and values of its cross attention, computed once a sound:
 * `cross_k_i` [1, heads, 64, S] (already transposed) and `cross_v_i` [1, heads, S, 64], with S = T / 2 frames of 20 ms.
 */
export function encoderGraph(weights: WhisperWeights): Graph {
  const graph = new Graph();
  const layers = new Layers(graph, weights);
  const { mels, heads, encoderLayers, decoderLayers } = weights.sizes;
  const convolve = (x: Value, name: string, stride: number): Value =>
    graph.contrib("Gelu", [
      graph.node("Conv", [x, layers.halves(`${name}/weight`), layers.vector(`${name}/bias`)], {
        attributes: { kernel_shape: [3], pads: [1, 1], strides: [stride] },
      }),
    ]);
  const mel = graph.input("mel", dataType.float, [1, mels, "T"]);
  const convolved = convolve(convolve(mel, "encoder/conv1", 1), "encoder/conv2", 2);
  let x = graph.node("Transpose", [convolved], { attributes: { perm: [0, 2, 1] } });
  const frames = graph.node("Shape", [x], { attributes: { start: 1, end: 2 } });
  x = layers.add(
    x,
    layers.slice(layers.vector("encoder/position_encodings/encodings"), { from: graph.ints(0), to: frames, axis: 0 }),
  );
  for (let layer = 0; layer < encoderLayers; layer++) {
    const name = `encoder/layer_${layer}`;
    const joined = layers.linear(
      layers.norm(x, `${name}/self_attention/layer_norm`),
      `${name}/self_attention/linear_0`,
    );
    const attended = graph.contrib("MultiHeadAttention", layers.split(joined, 3), { attributes: { num_heads: heads } });
    x = layers.add(x, layers.linear(attended, `${name}/self_attention/linear_1`));
    x = layers.add(x, layers.feedForward(x, `${name}/ffn`));
  }
  const sound = layers.norm(x, "encoder/layer_norm");
  for (let layer = 0; layer < decoderLayers; layer++) {
    const [keys = "", values = ""] = layers.split(layers.linear(sound, `decoder/layer_${layer}/attention/linear_1`), 2);
    graph.node("Identity", [layers.toHeads(keys, true)], { output: `cross_k_${layer}` });
    graph.node("Identity", [layers.toHeads(values)], { output: `cross_v_${layer}` });
    graph.output(`cross_k_${layer}`, dataType.float, [1, heads, headWidth, "S"]);
    graph.output(`cross_v_${layer}`, dataType.float, [1, heads, "S", headWidth]);
  }
  return graph;
}
