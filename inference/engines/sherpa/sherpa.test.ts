import { readFile, stat, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import t from "tap";
import type { Recogniser } from "../../../contracts/ports.ts";
import { systemClock } from "../../../runtime/clock.ts";
import { openModelStore } from "../../models/store.ts";
import { openSherpa, restartBudget, type SherpaHandle } from "../sherpa.ts";
import type { SherpaHeard } from "./protocol.ts";
import { toyLock, writeToyModel } from "./toyModel.ts";
import { recognised } from "./words.ts";

const id = "zipformer-ctc-zh";
type Teardown = { teardown(done: () => unknown): unknown };

/** Tones, each 0.5 s long, with 0.3 s of silence before each. */
function tones(...frequencies: number[]): Float32Array {
  const pcm = new Float32Array(Math.round(frequencies.length * 0.8 * 16_000) + 4_800);
  for (const [at, hertz] of frequencies.entries())
    for (let one = 0; one < 8_000; one++)
      pcm[Math.round((at * 0.8 + 0.3) * 16_000) + one] = 0.5 * Math.sin((2 * Math.PI * hertz * one) / 16_000);
  return pcm;
}

async function opened(t: Teardown & { testdir(): string }, clock = systemClock): Promise<Recogniser & SherpaHandle> {
  const directory = t.testdir();
  const store = await openModelStore({ directory, lock: await writeToyModel(directory, id) });
  const sherpa = await openSherpa(store, {
    model: id,
    family: "zipformerCtc",
    languages: ["zh-CN", "en"],
    threads: 1,
    clock,
  });
  t.teardown(() => sherpa.close());
  return sherpa;
}

const pidOf = async (sherpa: SherpaHandle): Promise<number> => (await sherpa.running()).pid ?? Number.NaN;
const isThere = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

const installed = ((): boolean => {
  try {
    createRequire(import.meta.url).resolve("sherpa-onnx-node");
    return true;
  } catch {
    return false;
  }
})();
const skip = installed ? false : "not run: sherpa-onnx-node is not installed";

t.test("a toy model of less than 1 KB hears tones as words, the same each time", { skip }, async (t) => {
  const sherpa = await opened(t);
  const pcm = tones(400, 3000);
  const heard = await sherpa.recognise(pcm, {});
  t.ok(heard.trusted, heard.text);
  const bandAt = (time: number): number =>
    Number(/\d+/.exec(heard.words.find((word) => word.start <= time && word.end > time)?.text ?? "")?.[0]);
  const [low, high] = [bandAt(0.5), bandAt(1.3)];
  t.ok(low > 0 && high > low + 10, `the tone of 3 kHz is in band ${high}, that of 400 Hz in band ${low}`);
  t.same(
    heard.text.split(" "),
    heard.words.map((word) => word.text),
  );
  t.same(await sherpa.recognise(pcm, {}), heard);
});

t.test("sound without a frame does not reach the process that it would kill", { skip }, async (t) => {
  const sherpa = await opened(t);
  const before = await pidOf(sherpa);
  for (const samples of [0, 1, 1_599])
    t.match(await sherpa.recognise(new Float32Array(samples), {}), { text: "", words: [], trusted: false });
  await sherpa.recognise(new Float32Array(1_600), {});
  t.equal(await pidOf(sherpa), before);
  await t.rejects(sherpa.recognise(new Float32Array(31 * 16_000), {}), { code: "use.invalid" });
});

t.test("kill -9 in mid-decode is a fault of that answer, and the next one is heard", { skip }, async (t) => {
  const sherpa = await opened(t);
  const pcm = tones(400, 3000);
  const expected = await sherpa.recognise(pcm, {});
  const first = await pidOf(sherpa);
  // Stopped, so that the kill is sure to come between question and answer.
  process.kill(first, "SIGSTOP");
  const hearing = sherpa.recognise(pcm, {});
  setImmediate(() => process.kill(first, "SIGKILL"));
  await t.rejects(hearing, { code: "inference.lost", message: /SIGKILL/ });
  t.same(await sherpa.recognise(pcm, {}), expected);
  t.not(await pidOf(sherpa), first);
});

t.test("a process that dies over and over is left alone until the budget's time is over", { skip }, async (t) => {
  let now = 0;
  const sherpa = await opened(t, { ...systemClock, monotonic: () => now });
  for (let death = 0; death < restartBudget.deaths; death++) {
    const pid = await pidOf(sherpa);
    const hearing = sherpa.recognise(tones(400), {});
    process.kill(pid, "SIGKILL");
    await t.rejects(hearing, { code: "inference.lost" });
  }
  await t.rejects(sherpa.recognise(tones(400), {}), { code: "inference.lost", message: /died 3 times/ });
  now += restartBudget.within + 1;
  t.ok((await sherpa.recognise(tones(400), {})).trusted);
});

t.test("an aborted answer rejects at once, and a process that hangs is killed", { skip }, async (t) => {
  const directory = t.testdir();
  const store = await openModelStore({ directory, lock: await writeToyModel(directory, id) });
  const sherpa = await openSherpa(store, {
    model: id,
    family: "zipformerCtc",
    languages: ["zh-CN"],
    limits: { decode: 300 },
  });
  t.teardown(() => sherpa.close());
  const pid = await pidOf(sherpa);
  process.kill(pid, "SIGSTOP");
  const stop = new AbortController();
  const reason = new Error("the candidate went on");
  const aborted = sherpa.recognise(tones(400), { signal: stop.signal });
  stop.abort(reason);
  await t.rejects(aborted, reason);
  await t.rejects(sherpa.recognise(tones(400), {}), { code: "process.stuck", message: /0\.3 s/ });
  t.ok((await sherpa.recognise(tones(400), {})).trusted, "another process has taken its place");
  t.notOk(isThere(pid));
});

t.test("a model with a flipped byte does not reach the process, also when it went bad later", { skip }, async (t) => {
  const directory = t.testdir();
  const store = await openModelStore({ directory, lock: await writeToyModel(directory, id) });
  const options = { model: id, family: "zipformerCtc", languages: ["zh-CN"] } as const;
  const sherpa = await openSherpa(store, options);
  t.teardown(() => sherpa.close());
  const path = join(directory, id, "model.int8.onnx");
  const bytes = await readFile(path);
  bytes[100] = (bytes[100] ?? 0) ^ 1;
  await writeFile(path, bytes);
  process.kill(await pidOf(sherpa), "SIGKILL");
  await t.rejects(sherpa.recognise(tones(400), {}), { code: "inference.lost" });
  await t.rejects(sherpa.recognise(tones(400), {}), { code: "model.corrupt" });
  await t.rejects(openSherpa(store, options), { code: "model.corrupt" });
  t.ok((await stat(path)).isFile());
});

t.test("a model that is pinned and yet no model ends its process, not this one", { skip }, async (t) => {
  const directory = t.testdir();
  await writeToyModel(directory, id);
  await writeFile(join(directory, id, "model.int8.onnx"), "no model at all");
  const store = await openModelStore({ directory, lock: await toyLock(directory, id) });
  const options = { model: id, family: "zipformerCtc", languages: ["zh-CN"] } as const;
  await t.rejects(openSherpa(store, options), { code: "inference.lost" });
});

const said = (change: Partial<SherpaHeard>): SherpaHeard => ({
  text: "",
  lang: "",
  tokens: [],
  timestamps: [],
  ys_log_probs: [],
  ...change,
});
const noise = Float32Array.from({ length: 32_000 }, (_, at) => 0.3 * Math.sin(at));

t.test("SenseVoice's tokens become words and characters, in the language it names", async (t) => {
  const heard = recognised(
    said({
      text: "我用 Redis 做缓存。",
      lang: "<|zh|>",
      tokens: ["我", "用", "▁Re", "dis", "▁做", "缓", "存", "。"],
      timestamps: [0, 0.2, 0.4, 0.6, 0.8, 1, 1.2, 1.4],
    }),
    noise,
    undefined,
  );
  t.match(heard, { language: "zh-CN", trusted: true });
  t.same(
    heard.words.map((word) => word.text),
    ["我", "用", "Redis", "做", "缓", "存"],
  );
  t.equal(recognised(said({ text: "yes", lang: "<|en|>", tokens: ["yes"] }), noise, undefined).language, "en");
});

t.test("Paraformer's halves of words are put together, and bytes that are no text get even times", async (t) => {
  const heard = recognised(
    said({
      text: "系统 latency 很低",
      tokens: ["系", "统", "la@@", "tency", "很", "低"],
      timestamps: [0, 0.2, 0.4, 0.6, 1, 1.2],
    }),
    noise,
    undefined,
  );
  t.same(
    heard.words.map((word) => word.text),
    ["系", "统", "latency", "很", "低"],
  );
  const bytes = recognised(said({ text: "你好 world", tokens: ["ƌ", "ţ"], timestamps: [0, 1] }), noise, undefined);
  t.same(
    bytes.words.map((word) => word.text),
    ["你", "好", "world"],
  );
  t.notOk(recognised(said({ text: "ha ".repeat(60) }), noise, "en").trusted, "a loop is not believed");
});
