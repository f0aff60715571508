import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import * as ort from "onnxruntime-node";
import type { Language } from "../../contracts/language.ts";
import type { Pcm, Recogniser, VoiceActivity } from "../../contracts/ports.ts";
import { createAnalysis } from "../../inference/analysis.ts";
import { type Engines, openEngines } from "../../inference/equipment.ts";
import { defaultModelsDirectory, openModelStore } from "../../inference/models/store.ts";
import { decodeSound } from "../../inference/transcribe.ts";
import { projectRoot } from "../../runtime/paths.ts";
import { Inference, type Spoken } from "./next.ts";

/** One line of the table: what was measured beside its peer in the same run; `limit` is of the ratio. */
export type Row = { name: string; measured: number; peer: number; ratio: number; limit: number; unit: string };

const clips = ["zh-backend-strong", "zh-service2-medium", "en-backend-strong", "en-service-medium", "en-service2-weak"];
/** Clip, interview file, question. */
const asked = [
  ["zh-service2-medium", "customer-service", "impossible-request"],
  ["en-backend-strong", "backend-engineer", "redesign"],
  ["en-service-medium", "customer-service", "complaint"],
  ["en-backend2-weak", "backend-engineer", "disagreement"],
] as const;
const windowSamples = 512;

/** The quickest round: what else runs on the machine only ever adds. */
const least = (values: readonly number[]): number => Math.min(...values);
const languageOf = (clip: string): Language => (clip.startsWith("zh") ? "zh-CN" : "en");
const row = (name: string, [measured, peer]: [number, number], how: { limit: number; unit: string }): Row => ({
  name,
  measured,
  peer,
  ratio: measured / peer,
  ...how,
});

async function soundOf(clip: string): Promise<Pcm> {
  const parts: Float32Array[] = [];
  for await (const part of decodeSound(join(projectRoot, "test", "fixtures", "speech", `${clip}.opus`)))
    parts.push(part);
  const pcm = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    pcm.set(part, at);
    at += part.length;
  }
  return pcm;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

/** Milliseconds a window of the bare model: the same tensors each time, the state fed back. */
async function bareVoiceActivity(count: number): Promise<number> {
  const model = await (await openModelStore({ directory: defaultModelsDirectory() })).load("silero-vad");
  const session = await ort.InferenceSession.create(model.path("silero_vad_v6.onnx"), {
    intraOpNumThreads: 1,
    extra: { session: { intra_op: { allow_spinning: "0" } } },
  });
  const input = new ort.Tensor("float32", new Float32Array(64 + windowSamples).fill(0.01), [1, 64 + windowSamples]);
  const sr = new ort.Tensor("int64", BigInt64Array.of(16_000n), []);
  let state: ort.Tensor = new ort.Tensor("float32", new Float32Array(256), [2, 1, 128]);
  const spent = await timed(async () => {
    for (let at = 0; at < count; at++) state = (await session.run({ input, state, sr })).stateN ?? state;
  });
  await session.release();
  return spent / count;
}

/** The same through our analysis: windows cut from odd portions, energies, speech finder. */
async function ourVoiceActivity(engines: Engines, pcm: Pcm): Promise<number> {
  const deaf: Recogniser = {
    name: "deaf",
    languages: ["en"],
    recognise: async () => ({ language: "en", text: "", words: [], confidence: 0, noSpeech: 1, trusted: true }),
    close: async () => undefined,
  };
  const analysis = createAnalysis({
    engines: { ...engines, recogniser: { engine: deaf, models: {} } },
    language: "en",
    offsetMillis: 0,
  });
  const spent = await timed(async () => {
    for (let at = 0; at < pcm.length; at += 16_000) await analysis.push(pcm.subarray(at, at + 16_000));
    await analysis.finish();
  });
  return spent / (pcm.length / windowSamples);
}

async function voiceActivityRow(engines: Engines, pcm: Pcm): Promise<Row> {
  const ours: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round < 5; round++) {
    bare.push(await bareVoiceActivity(Math.floor(pcm.length / windowSamples)));
    ours.push(await ourVoiceActivity(engines, pcm));
  }
  return row("voice activity, a window", [least(ours), least(bare)], { limit: 1.2, unit: "ms" });
}

/** Remembers the last sound it was given. */
function remembering(recogniser: Recogniser): Recogniser & { last: Pcm } {
  const watched = {
    name: recogniser.name,
    languages: recogniser.languages,
    last: new Float32Array(0),
    recognise: (pcm: Pcm, options: Parameters<Recogniser["recognise"]>[1]) => {
      watched.last = Float32Array.from(pcm);
      return recogniser.recognise(pcm, options);
    },
    close: () => recogniser.close(),
  };
  return watched;
}

type Voice = { voiceActivity: VoiceActivity; recogniser: Recogniser };

/** The piece of an answer that is heard last. */
async function lastPiece({ voiceActivity, recogniser }: Voice, { pcm, language }: Spoken): Promise<Pcm> {
  const watched = remembering(recogniser);
  const engines = {
    voiceActivity: { engine: voiceActivity, models: {} },
    recogniser: { engine: watched, models: {} },
  };
  const analysis = createAnalysis({ engines, language, offsetMillis: 0 });
  await analysis.push(pcm);
  await analysis.finish();
  return watched.last;
}

/**
 * From the press of *next* to the score, in the inference process, everything before being heard already; beside it a
 * bare decode of the last piece, in turns, so that both meet the machine in the same mood.
 */
async function nextRow(voice: Voice, inference: Inference, spoken: Spoken): Promise<Row> {
  const last = await lastPiece(voice, spoken);
  const ours: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round < 5; round++) {
    await inference.open(spoken);
    ours.push(await inference.pressToScore(`${spoken.clip}-${round}`, spoken));
    bare.push(await timed(() => voice.recogniser.recognise(last, { language: spoken.language })));
  }
  return row(`next → score, ${spoken.clip}`, [least(ours), least(bare)], { limit: 1.3, unit: "ms" });
}

async function nextRows(voice: Voice): Promise<Row[]> {
  const inference = await Inference.start();
  try {
    const rows: Row[] = [];
    for (const [clip, file, questionId] of asked) {
      const spoken: Spoken = { clip, language: languageOf(clip), pcm: await soundOf(clip), file, questionId };
      rows.push(await nextRow(voice, inference, spoken));
    }
    return rows;
  } finally {
    await inference.stop();
  }
}

async function speedRow(engines: Engines): Promise<Row> {
  let spent = 0;
  let sound = 0;
  for (const clip of clips) {
    const pcm = await soundOf(clip);
    sound += pcm.length / 16;
    spent += await timed(async () => {
      const analysis = createAnalysis({ engines, language: languageOf(clip), offsetMillis: 0 });
      await analysis.push(pcm);
      await analysis.finish();
    });
  }
  return row("transcription, processing against sound", [spent, sound], { limit: 0.15, unit: "ms" });
}

/** Measures the inference path beside the bare models. Needs the fetched models; 1 to 2 minutes. */
export async function inferenceBench(): Promise<Row[]> {
  const engines = await openEngines({ which: ["voiceActivity", "recogniser"] });
  const { voiceActivity, recogniser } = engines;
  if ("fault" in voiceActivity) throw voiceActivity.fault;
  if ("fault" in recogniser) throw recogniser.fault;
  try {
    const voice = { voiceActivity: voiceActivity.engine, recogniser: recogniser.engine };
    const rows = [await voiceActivityRow(engines, await soundOf("en-backend-strong"))];
    rows.push(...(await nextRows(voice)));
    rows.push(await speedRow(engines));
    return rows;
  } finally {
    await engines.close();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const rows = await inferenceBench();
  process.stdout.write(
    `${rows.map((one) => `${one.name.padEnd(52)} ${one.measured.toFixed(2).padStart(10)} ${one.unit}  bare ${one.peer.toFixed(2).padStart(10)} ${one.unit}  ${one.ratio.toFixed(3)} × (limit ${one.limit})`).join("\n")}\n`,
  );
  process.exitCode = rows.every((one) => one.ratio <= one.limit) ? 0 : 1;
}
