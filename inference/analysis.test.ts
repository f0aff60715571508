import { join } from "node:path";
import t from "tap";
import { Fault } from "../contracts/fault.ts";
import type { AnswerObservations } from "../contracts/observation.ts";
import { projectRoot } from "../runtime/paths.ts";
import { type AnalysisOptions, createAnalysis, type SoundEngines } from "./analysis.ts";
import { openEngines } from "./equipment.ts";
import { seeded } from "./scoring/seeded.ts";
import { allowedSignals } from "./signal.ts";
import * as signals from "./signals/registry.ts";
import { decodeSound } from "./transcribe.ts";

const clip = (name: string): string => join(projectRoot, "test", "fixtures", "speech", name);

async function soundOf(name: string): Promise<Float32Array> {
  const parts: number[] = [];
  for await (const part of decodeSound(clip(name))) parts.push(...part);
  return Float32Array.from(parts);
}

const engines = await openEngines({ which: ["voiceActivity", "recogniser"] });
t.teardown(() => engines.close());
for (const one of [engines.voiceActivity, engines.recogniser]) if ("fault" in one) throw one.fault;

async function analyse(
  pcm: Float32Array,
  options: Partial<AnalysisOptions> & { portion?: number } = {},
): Promise<AnswerObservations> {
  const { portion = 16_000, ...rest } = options;
  const analysis = createAnalysis({ engines, language: "en", offsetMillis: 0, ...rest });
  for (let at = 0; at < pcm.length; at += portion) await analysis.push(pcm.subarray(at, at + portion));
  return analysis.finish();
}

/** Noise with a fixed seed, flat, at `amplitude`. */
function noise(seconds: number, amplitude: number): Float32Array {
  const next = seeded(7);
  return Float32Array.from({ length: seconds * 16_000 }, () => amplitude * (2 * next() - 1));
}

const joined = (...parts: Float32Array[]): Float32Array => Float32Array.from(parts.flatMap((part) => [...part]));

t.test("portions of 100 samples and of 2 s give equal observations", async (t) => {
  const pcm = await soundOf("en-backend2-weak.opus");
  const small = await analyse(pcm, { portion: 100 });
  t.same(small, await analyse(pcm, { portion: 32_000 }));
  t.match(small.transcript?.text, /\w+ \w+/);
});

t.test("an answer begun anew on the same segments gives equal observations", async (t) => {
  const pcm = await soundOf("zh-backend2-weak.opus");
  const abandoned = createAnalysis({ engines, language: "zh-CN", offsetMillis: 40_000 });
  await abandoned.push(pcm.subarray(0, 60_000));
  const [first, again] = [
    await analyse(pcm, { language: "zh-CN", offsetMillis: 40_000 }),
    await analyse(pcm, { language: "zh-CN", offsetMillis: 40_000 }),
  ];
  t.same(first, again);
});

t.test("times stand on the session's timeline, within the answer and in order", async (t) => {
  const pcm = await soundOf("en-service2-weak.opus");
  const [early, late] = [await analyse(pcm), await analyse(pcm, { offsetMillis: 60_000 })];
  const words = (found: AnswerObservations) => found.transcript?.utterances.flatMap((one) => one.words) ?? [];
  t.ok(words(early).length > 10);
  t.same(
    words(late),
    words(early).map((word) => ({ ...word, start: word.start + 60_000, end: word.end + 60_000 })),
  );
  let last = 0;
  for (const word of words(early)) {
    t.ok(word.start >= last && word.end >= word.start && word.end <= pcm.length / 16, `${word.start}–${word.end}`);
    last = word.start;
  }
});

t.test("the language is told per piece where it is not given", async (t) => {
  const pcm = joined(await soundOf("zh-service-weak.opus"), noise(1.5, 0.0005), await soundOf("en-backend2-weak.opus"));
  const { transcript } = await analyse(pcm, { language: "auto" });
  t.equal(transcript?.language, "zh-CN");
  t.same([...new Set(transcript?.utterances.map((one) => one.language))], ["zh-CN", "en"]);
});

/** Of the characters or words in `wanted`, in that order, the share that stands in `text` (longest common subsequence). */
function share(wanted: string, text: string): number {
  const units = (one: string): string[] => one.toLowerCase().match(/\p{Script=Han}|[a-z']+/gu) ?? [];
  const other = units(text);
  const row = new Array<number>(other.length + 1).fill(0);
  for (const unit of units(wanted)) {
    let before = 0;
    for (const [at, one] of other.entries()) {
      const above = row[at + 1] ?? 0;
      row[at + 1] = unit === one ? before + 1 : Math.max(above, row[at] ?? 0);
      before = above;
    }
  }
  return (row.at(-1) ?? 0) / units(wanted).length;
}

t.test("an answer that goes from Mandarin to English and back within a breath loses neither", async (t) => {
  const cut = async (name: string, to: number): Promise<Float32Array> =>
    (await soundOf(name)).subarray(0.2 * 16_000, to * 16_000);
  const phrases = [
    await cut("zh-backend-medium.opus", 5.25),
    await cut("en-backend-medium.opus", 5.12),
    await cut("zh-service-medium.opus", 6),
    await cut("en-service-medium.opus", 6),
  ];
  const breath = new Float32Array(0.2 * 16_000);
  const { transcript } = await analyse(joined(...phrases.flatMap((phrase) => [phrase, breath])), { language: "auto" });
  const heard = transcript?.utterances ?? [];
  t.same(
    heard.map((one) => one.language),
    ["zh-CN", "en", "zh-CN", "en"],
  );
  // What was said, from ../test/fixtures/interview; the voices' accent costs some Mandarin characters.
  const said = [
    ["我们的系统以前比较慢，后来我参与了改造", 0.8],
    ["Our system used to be slow and later I took part in changing it", 0.9],
    ["客户投诉的时候，我会先听他说，然后", 0.7],
    ["When a customer complains I listen first, then I apologize and see how to solve it", 0.9],
  ] as const;
  for (const [at, [wanted, least]] of said.entries()) {
    const found = share(wanted, heard[at]?.text ?? "");
    t.ok(found >= least, `${found.toFixed(2)} of "${wanted}" in "${heard[at]?.text}"`);
  }
});

t.test("a quiet room is heard as an answer without words", async (t) => {
  const found = await analyse(noise(6, 0.0005));
  t.same(found.transcript, { language: "en", text: "", utterances: [] });
  t.same(found.speech, []);
  t.same(found.faults, []);
  t.equal(found.pace?.latencyMillis, null);
});

t.test("loud noise gives no words", async (t) => {
  const found = await analyse(noise(8, 0.3), { language: "zh-CN" });
  t.equal(found.transcript?.text, "");
  t.same(found.speech, []);
});

t.test("digital silence and an empty recording are the device's failure", async (t) => {
  for (const pcm of [new Float32Array(48_000), new Float32Array(0)]) {
    const found = await analyse(pcm);
    t.equal(found.transcript, null);
    t.same(found.faults, ["media.unreadable"]);
    t.equal(found.sound?.usable, false);
  }
});

t.test("a recogniser that is missing leaves speech and sound, and no transcript", async (t) => {
  const lacking: SoundEngines = { ...engines, recogniser: { fault: new Fault("model.missing", "not fetched") } };
  const found = await analyse(await soundOf("en-service2-weak.opus"), { engines: lacking });
  t.equal(found.transcript, null);
  t.same(found.faults, ["model.missing"]);
  t.ok(found.speech.length > 0);
  t.equal(found.sound?.usable, true);
});

t.test("a banned transcript is not computed", async (t) => {
  const found = await analyse(await soundOf("en-service2-weak.opus"), {
    signals: allowedSignals(signals, { banned: ["transcript"] }),
  });
  t.equal(found.transcript, null);
  t.equal(found.pace, null);
  t.same(found.faults, ["policy.banned"]);
});

t.test("a gap in the recording moves what follows and is no pause", async (t) => {
  const pcm = await soundOf("en-service2-weak.opus");
  const half = 16 * 4500;
  const analysis = createAnalysis({ engines, language: "en", offsetMillis: 0 });
  await analysis.push(pcm.subarray(0, half), 0);
  await analysis.push(pcm.subarray(half), 14_500);
  const found = await analysis.finish();
  t.notOk(
    found.speech.some((one) => one.start < 4500 && one.end > 4501),
    "no stretch reaches across",
  );
  t.ok(found.speech.some((one) => one.start >= 14_500));
  t.notOk(found.pace?.pauses.some((one) => one.end - one.start > 9000));
});

t.test("an analysis that is given up says so", async (t) => {
  const giveUp = new AbortController();
  const analysis = createAnalysis({ engines, language: "en", offsetMillis: 0, signal: giveUp.signal });
  await analysis.push(await soundOf("en-service2-weak.opus"));
  giveUp.abort(new Fault("inference.lost", "given up"));
  await t.rejects(analysis.finish(), { code: "inference.lost" });
});
