import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import { languages } from "../../contracts/language.ts";
import { recogniserNames } from "../../contracts/profile.ts";
import { projectRoot } from "../../runtime/paths.ts";
import { run } from "../../runtime/subprocess.ts";
import { defaultModelsDirectory, type ModelStore, openModelStore } from "../models/store.ts";
import { readCentres } from "./e5/centres.ts";
import { readSentences } from "./e5/sentences.ts";
import { openE5 } from "./e5.ts";
import { openFace } from "./face.ts";
import { recognisers } from "./registry.ts";
import { openSession } from "./session.ts";
import { openSilero } from "./silero.ts";
import { openWhisper } from "./whisper.ts";

// These tests run the real models, from where `candor models fetch` puts them.
const store: ModelStore = await openModelStore({ directory: defaultModelsDirectory() });
const fixtures = join(projectRoot, "test", "fixtures");
const whisper = await openWhisper(store);
t.teardown(() => whisper.close());

async function sound(name: string): Promise<Float32Array> {
  const raw = await run("ffmpeg", [
    "-v",
    "error",
    "-i",
    join(fixtures, "speech", name),
    "-f",
    "f32le",
    "-ac",
    "1",
    "-ar",
    "16000",
    "-",
  ]);
  return new Float32Array(Uint8Array.from(raw).buffer);
}
/** White noise from a fixed seed (linear congruential, Numerical Recipes). */
function noise(samples: number, level: number): Float32Array {
  let state = 1;
  return Float32Array.from({ length: samples }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return level * (state / 2 ** 31 - 1);
  });
}

t.test("Whisper hears English and Mandarin, with words that stand in the text and times in order", async (t) => {
  for (const [name, language, expected] of [
    ["en-service-weak.opus", "en", /the customer is angry, there is nothing I can do/i],
    ["zh-backend-weak.opus", "zh-CN", /系统改造很重要/],
  ] as const) {
    const pcm = await sound(name);
    const heard = await whisper.recognise(pcm, {});
    t.equal(heard.language, language, "the language is detected");
    t.ok(heard.trusted);
    t.match(heard.text, expected);
    let at = 0;
    let time = 0;
    for (const word of heard.words) {
      at = heard.text.indexOf(word.text, at);
      if (at < 0 || word.start < time || word.end <= word.start || word.confidence > 1)
        t.fail(`the word ${word.text} at ${word.start} to ${word.end} s`);
      at += word.text.length;
      time = word.start;
    }
    t.ok(time < pcm.length / 16_000);
    t.ok(heard.words.length > 15);
    if (language === "zh-CN")
      t.ok(
        heard.words.every((word) => !/\p{Script=Han}{2}/u.test(word.text)),
        "a Chinese character is a word",
      );
  }
});

t.test("Whisper gives the same for the same sound, and stops between tokens when asked to", async (t) => {
  const pcm = (await sound("en-backend2-weak.opus")).subarray(0, 4 * 16_000);
  const first = await whisper.recognise(pcm, { language: "en" });
  t.same(await whisper.recognise(pcm, { language: "en" }), first);
  const stop = new AbortController();
  const reason = new Error("the candidate went on");
  const hearing = whisper.recognise(pcm, { language: "en", signal: stop.signal });
  stop.abort(reason);
  await t.rejects(hearing, reason);
});

t.test("noise and silence give no text", async (t) => {
  for (const pcm of [noise(3 * 16_000, 0.05), new Float32Array(3 * 16_000), new Float32Array(0)])
    t.match(await whisper.recognise(pcm, { language: "en" }), { text: "", words: [], trusted: false });
});

t.test("Whisper refuses more than 30 s at once; every recogniser of the contract stands in the registry", async (t) => {
  await t.rejects(whisper.recognise(new Float32Array(31 * 16_000), {}), {
    code: "use.invalid",
    message: /cut it at a pause/,
  });
  t.same(recognisers.map((one) => one.name).sort(), [...recogniserNames].sort());
});

t.test("voice activity hears speech and not noise, and each stream has its own state", async (t) => {
  const silero = await openSilero(store);
  t.teardown(() => silero.close());
  const share = async (pcm: Float32Array): Promise<number> => {
    const stream = silero.stream();
    let speech = 0;
    let windows = 0;
    for (let at = 0; at + silero.windowSamples <= pcm.length; at += silero.windowSamples, windows++)
      if ((await stream.next(pcm.subarray(at, at + silero.windowSamples))) > 0.5) speech++;
    return speech / windows;
  };
  const pcm = await sound("zh-service-weak.opus");
  const alone = await share(pcm);
  const [first, second, silence] = await Promise.all([
    share(pcm),
    share(noise(3 * 16_000, 0.1)),
    share(new Float32Array(3 * 16_000)),
  ]);
  t.ok(alone > 0.6, `${alone} of the clip is speech`);
  t.equal(first, alone);
  t.ok(second < 0.05 && silence === 0);
  await t.rejects(silero.stream().next(new Float32Array(100)), { code: "use.invalid" });
});

t.test("the centres that are shipped are those of the sentences beside them", async (t) => {
  const embedder = await openE5(store);
  const [shipped, sentences] = [await readCentres((await store.load("e5-small")).sha256), await readSentences()];
  for (const language of languages) {
    const found = await embedder.mean(sentences[language]);
    const apart = Math.max(...found.map((value, at) => Math.abs(value - (shipped[language][at] ?? Number.NaN))));
    t.ok(apart < 1e-4, `${language}: ${apart}`);
  }
  await t.rejects(readCentres("0".repeat(64)), { code: "config.invalid" });
  await embedder.close();
});

t.test("sentences that mean the same are near in both languages, unrelated ones are not", async (t) => {
  const e5 = await openE5(store);
  t.teardown(() => e5.close());
  const cosine = (one: Float32Array = new Float32Array(), other: Float32Array = new Float32Array()): number =>
    one.reduce((sum, value, at) => sum + value * (other[at] ?? 0), 0);
  const [index, indices, hiking] = await e5.embed(
    [
      "I added an index and the query got ten times faster",
      "The lookup became much quicker once I created an index",
      "On weekends I like hiking and photography",
    ],
    "en",
  );
  const [chinese] = await e5.embed(["我加了一个索引，查询快了十倍"], "zh-CN");
  t.ok(Math.abs(cosine(index, index) - 1) < 1e-5, "unit vectors");
  t.ok(cosine(index, indices) > 0.28 && cosine(index, chinese) > 0.28);
  t.ok(cosine(index, hiking) < 0.28 && cosine(chinese, hiking) < 0.28);
  t.same(await e5.embed([], "en"), []);
  t.equal((await e5.embed(["", "长".repeat(3000)], "zh-CN")).length, 2, "empty and overlong text are embedded too");
});

t.test("the face finder finds the one face where it is, and none in noise", async (t) => {
  const finder = await openFace(store);
  t.teardown(() => finder.close());
  const [width, height] = [640, 480];
  const rgb = await run("ffmpeg", [
    "-v",
    "error",
    "-i",
    join(fixtures, "face", "astronaut.jpg"),
    "-f",
    "rawvideo",
    "-pix_fmt",
    "rgb24",
    "-",
  ]);
  const faces = await finder.find({ width, height, rgb });
  t.equal(faces.length, 1);
  const [face = { left: 0, top: 0, width: 0, height: 0, confidence: 0 }] = faces;
  // The eyes are at 0.45 and 0.56 of the width and 0.32 of the height, the chin at 0.56.
  t.ok(face.left < 0.45 && face.left + face.width > 0.56 && face.width < 0.5, `from ${face.left}, ${face.width} wide`);
  t.ok(face.top < 0.32 && face.top + face.height > 0.5 && face.height < 0.6, `from ${face.top}, ${face.height} high`);
  const grain = Uint8Array.from(noise(width * height * 3, 127), (value) => value + 128);
  t.same(await finder.find({ width, height, rgb: grain }), []);
  await t.rejects(finder.find({ width, height, rgb: new Uint8Array(3) }), { code: "use.invalid" });
});

t.test("a damaged model is a fault and not a crash, and one that is not there says what to run", async (t) => {
  const directory = t.testdir({ "bad.onnx": "no model at all" });
  await t.rejects(openSession(join(directory, "bad.onnx"), { threads: 1 }), { code: "model.corrupt" });
  const empty = await openModelStore({ directory });
  for (const open of [openWhisper, openSilero, openE5, openFace] as const)
    await t.rejects(() => open(empty) as Promise<unknown>, { code: "model.missing", message: /candor models fetch/ });
  await mkdir(join(directory, "face"));
  await copyFile(await store.path("face", "blazeface.json"), join(directory, "face", "blazeface.json"));
  await writeFile(join(directory, "face", "blazeface.bin"), "damaged");
  await t.rejects(openFace(empty), { code: "model.corrupt" });
});
