import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { E5Tokenizer } from "../../inference/engines/e5/tokenizer.ts";
import { openFace } from "../../inference/engines/face.ts";
import { floatsOf, longs, openSession, output, runSession } from "../../inference/engines/session.ts";
import { openSilero } from "../../inference/engines/silero.ts";
import { WhisperNetwork } from "../../inference/engines/whisper/network.ts";
import { readWhisperTokens } from "../../inference/engines/whisper/tokens.ts";
import { openWhisper } from "../../inference/engines/whisper.ts";
import { type ModelStore, openModelStore } from "../../inference/models/store.ts";
import { systemClock } from "../../runtime/clock.ts";
import { type EngineName, type Outcome, pictureSize } from "./outcome.ts";

/**
 * `node dist/test/arm64/probe.js ENGINE MODELS INPUTS` runs one engine on the prepared inputs and writes its Outcome as
 * JSON. The same file runs on both machines, so that a difference can only come from the machine.
 */
type Probe = (store: ModelStore, inputs: string) => Promise<Omit<Outcome, "seconds">>;

async function pcmIn(inputs: string): Promise<Float32Array> {
  return new Float32Array(Uint8Array.from(await readFile(join(inputs, "speech.f32"))).buffer);
}

const voiceActivity: Probe = async (store, inputs) => {
  const engine = await openSilero(store);
  const pcm = await pcmIn(inputs);
  const stream = engine.stream();
  const probabilities: number[] = [];
  for (let at = 0; at + engine.windowSamples <= pcm.length; at += engine.windowSamples)
    probabilities.push(await stream.next(pcm.subarray(at, at + engine.windowSamples)));
  await engine.close();
  return { numbers: { probabilities }, text: "" };
};

/** The encoder's keys of the first layer and the logits after the start token, then the whole way to the text. */
const recogniser: Probe = async (store, inputs) => {
  const pcm = await pcmIn(inputs);
  const model = await store.load("whisper-base");
  const tokens = await readWhisperTokens(model.path("tokenizer.json"), model.path("config.json"));
  const network = await WhisperNetwork.open(model, { threads: 1 });
  const cross = await network.encode(pcm, 3);
  const { logits } = await network.step(cross, network.noCaches(cross), { tokens: [tokens.start], offset: 0 });
  const keys = floatsOf(output(cross, "cross_k_0"));
  await network.close();
  const engine = await openWhisper(store, { threads: 1 });
  const { text, confidence, words } = await engine.recognise(pcm, { language: "en" });
  await engine.close();
  const starts = words.map((word) => word.start);
  return { numbers: { keys: [...keys], logits: [...logits], confidence: [confidence], starts }, text };
};

const sentences = {
  english: "query: I added an index and the query got ten times faster",
  hiking: "query: On weekends I like hiking and photography",
  mandarin: "query: 我加了一个索引，查询快了十倍",
};

/**
 * The vectors as the model gives them. The mean vectors that the embedder takes away from them are sums of the same, over
 * 64 sentences: minutes of emulation.
 */
const embedder: Probe = async (store) => {
  const model = await store.load("e5-small");
  const tokenizer = await E5Tokenizer.read(model.path("e5.tokenizer"));
  const session = await openSession(model.path("e5.onnx"), { threads: 1 });
  const numbers: Record<string, number[]> = {};
  for (const [name, sentence] of Object.entries(sentences)) {
    const ids = [tokenizer.begin, ...tokenizer.encode(sentence), tokenizer.end];
    const dims = [1, ids.length];
    const inputs = {
      input_ids: longs(ids, dims),
      attention_mask: longs(
        ids.map(() => 1),
        dims,
      ),
    };
    numbers[name] = [...floatsOf(output(await runSession(session, inputs), "embedding"))];
  }
  await session.release();
  return { numbers, text: "" };
};

const faceFinder: Probe = async (store, inputs) => {
  const engine = await openFace(store);
  const faces = await engine.find({ ...pictureSize, rgb: await readFile(join(inputs, "face.rgb")) });
  await engine.close();
  const box = faces.flatMap(({ left, top, width, height }) => [left, top, width, height]);
  return { numbers: { box, confidence: faces.map((face) => face.confidence) }, text: "" };
};

const probes: Record<EngineName, Probe> = { voiceActivity, recogniser, embedder, faceFinder };

const [name = "", models = "", inputs = ""] = process.argv.slice(2);
const probe = probes[name as EngineName];
if (probe === undefined) throw new Error(`${name} is none of ${Object.keys(probes).join(", ")}`);
const begun = systemClock.monotonic();
const found = await probe(await openModelStore({ directory: models }), inputs);
const seconds = (systemClock.monotonic() - begun) / 1000;
process.stdout.write(`${JSON.stringify({ ...found, seconds } satisfies Outcome)}\n`);
