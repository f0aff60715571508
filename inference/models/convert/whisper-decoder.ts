import { headWidth, type WhisperWeights } from "./ct2.ts";
import { Layers } from "./layers.ts";
import { dataType, Graph, type Value } from "./onnx.ts";

/** [layer, head] of the cross-attention heads that follow the sound (alignment_heads of the model's config.json). */
export type AlignmentHeads = readonly (readonly [layer: number, head: number])[];

const minusInfinity = -1e9;

/** The token embedding and the output projection are one table, stored once: [width, vocabulary] in eight bits. */
function embedding(graph: Graph, layers: Layers): { embed: (tokens: Value) => Value; project: (x: Value) => void } {
  const [table, scales] = layers.quantised("decoder/embeddings/weight");
  return {
    embed: (tokens) => {
      const columns = graph.node("Cast", [graph.node("Gather", [table, tokens], { attributes: { axis: 1 } })], {
        attributes: { to: dataType.float },
      });
      const rows = graph.node("Transpose", [columns], { attributes: { perm: [1, 2, 0] } });
      return graph.node("Mul", [rows, layers.unsqueeze(graph.node("Gather", [scales, tokens]), 2)]);
    },
    project: (x) => void graph.contrib("DynamicQuantizeMatMul", [x, table, scales], { output: "logits" }),
  };
}

/** 0 where a new token may look at an earlier one or itself, else a large negative number; [N, P + N]. */
function causalMask(graph: Graph, layers: Layers, range: { offset: Value; end: Value }): Value {
  const single = (x: Value): Value => graph.node("Squeeze", [x]);
  const positions = (from: Value, to: Value): Value => graph.node("Range", [from, to, graph.int(1)]);
  const all = layers.unsqueeze(positions(graph.int(0), single(range.end)), 0);
  const asking = layers.unsqueeze(positions(single(range.offset), single(range.end)), 1);
  return graph.node("Where", [graph.node("LessOrEqual", [all, asking]), graph.scalar(0), graph.scalar(minusInfinity)]);
}

function selfAttention(graph: Graph, layers: Layers, at: { x: Value; layer: number; mask: Value }): Value {
  const name = `decoder/layer_${at.layer}/self_attention`;
  const [query = "", key = "", value = ""] = layers.split(
    layers.linear(layers.norm(at.x, `${name}/layer_norm`), `${name}/linear_0`),
    3,
  );
  const keys = graph.node("Concat", [`self_k_${at.layer}`, key], {
    attributes: { axis: 1 },
    output: `new_self_k_${at.layer}`,
  });
  const values = graph.node("Concat", [`self_v_${at.layer}`, value], {
    attributes: { axis: 1 },
    output: `new_self_v_${at.layer}`,
  });
  const scaled = graph.node("Mul", [layers.toHeads(query), graph.scalar(headWidth ** -0.5)]);
  const scores = layers.add(graph.node("MatMul", [scaled, layers.toHeads(keys, true)]), at.mask);
  const shares = graph.node("Softmax", [scores], { attributes: { axis: -1 } });
  const seen = layers.fromHeads(graph.node("MatMul", [shares, layers.toHeads(values)]));
  return layers.add(at.x, layers.linear(seen, `${name}/linear_1`));
}

/** Returns the new state and the raw scores [1, heads, N, S], which the alignment reads. */
function crossAttention(graph: Graph, layers: Layers, at: { x: Value; layer: number }): { x: Value; scores: Value } {
  const name = `decoder/layer_${at.layer}/attention`;
  const query = layers.toHeads(layers.linear(layers.norm(at.x, `${name}/layer_norm`), `${name}/linear_0`));
  const scores = graph.node("MatMul", [
    graph.node("Mul", [query, graph.scalar(headWidth ** -0.5)]),
    `cross_k_${at.layer}`,
  ]);
  const shares = graph.node("Softmax", [scores], { attributes: { axis: -1 } });
  const heard = layers.fromHeads(graph.node("MatMul", [shares, `cross_v_${at.layer}`]));
  return { x: layers.add(at.x, layers.linear(heard, `${name}/linear_2`)), scores };
}

function declareInputs(graph: Graph, weights: WhisperWeights): void {
  const { width, heads, decoderLayers } = weights.sizes;
  graph.input("tokens", dataType.int64, [1, "N"]);
  for (let layer = 0; layer < decoderLayers; layer++) {
    for (const kind of ["k", "v"]) graph.input(`self_${kind}_${layer}`, dataType.float, [1, "P", width]);
    graph.input(`cross_k_${layer}`, dataType.float, [1, heads, headWidth, "S"]);
    graph.input(`cross_v_${layer}`, dataType.float, [1, heads, "S", headWidth]);
  }
  graph.input("offset", dataType.int64, [1]);
}

/**
 * One decoding step: `tokens` [1, N] at position `offset` [1], the keys and values of the P tokens before
 * (`self_k_i`, `self_v_i`: [1, P, width]) and the encoder's cross attention → `logits` [1, N, vocabulary], the caches with
 * the new tokens (`new_self_k_i`, …) and `alignment` [1, alignment heads, N, S], raw scores.
 */
export function decoderGraph(weights: WhisperWeights, alignmentHeads: AlignmentHeads): Graph {
  const graph = new Graph();
  const layers = new Layers(graph, weights);
  const { width, vocabulary, decoderLayers } = weights.sizes;
  declareInputs(graph, weights);
  const count = graph.node("Shape", ["tokens"], { attributes: { start: 1, end: 2 } });
  const end = graph.node("Add", ["offset", count]);
  const { embed, project } = embedding(graph, layers);
  const places = layers.slice(layers.vector("decoder/position_encodings/encodings"), {
    from: "offset",
    to: end,
    axis: 0,
  });
  let x = layers.add(embed("tokens"), places);
  const mask = causalMask(graph, layers, { offset: "offset", end });
  const aligned: Value[] = [];
  for (let layer = 0; layer < decoderLayers; layer++) {
    x = selfAttention(graph, layers, { x, layer, mask });
    const crossed = crossAttention(graph, layers, { x, layer });
    const heads = alignmentHeads.filter(([of]) => of === layer).map(([, head]) => head);
    if (heads.length > 0)
      aligned.push(graph.node("Gather", [crossed.scores, graph.ints(...heads)], { attributes: { axis: 1 } }));
    x = layers.add(crossed.x, layers.feedForward(crossed.x, `decoder/layer_${layer}/ffn`));
  }
  project(layers.norm(x, "decoder/layer_norm"));
  graph.node("Concat", aligned, { attributes: { axis: 1 }, output: "alignment" });
  graph.output("logits", dataType.float, [1, "N", vocabulary]);
  for (let layer = 0; layer < decoderLayers; layer++)
    for (const kind of ["k", "v"]) graph.output(`new_self_${kind}_${layer}`, dataType.float, [1, "P2", width]);
  graph.output("alignment", dataType.float, [1, "A", "N", "S"]);
  return graph;
}
