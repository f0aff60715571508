import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import t from "tap";
import { answerObservations } from "../contracts/observation.ts";
import type { Question } from "../contracts/rubric.ts";
import { systemClock } from "../runtime/clock.ts";
import { silentLog } from "../runtime/log.ts";
import { clip, connectAgent, face, type Picture, Recorded, rubric, twoFaces } from "../test/rigs/inference.ts";
import { type AnalysisOptions, createAnalysis } from "./analysis.ts";
import { openEngines } from "./equipment.ts";
import { fromS16le } from "./samples.ts";
import { scoreAnswer } from "./scoring/score.ts";
import { seeded } from "./scoring/seeded.ts";
import { facesThatCount, framing } from "./signals/framing.ts";
import { severalFaces } from "./signals/severalFaces.ts";
import { startInference } from "./worker.ts";

// What lies beyond an ordinary interview: each must end in time, with nothing invented and nothing lost.
const engines = await openEngines({ which: ["voiceActivity", "recogniser", "embedder", "faceFinder"] });
const folder = await mkdtemp(join(tmpdir(), "candor-limits-"));
t.teardown(async () => {
  await engines.close();
  await rm(folder, { recursive: true, force: true });
});
for (const one of [engines.voiceActivity, engines.recogniser, engines.embedder, engines.faceFinder])
  if ("fault" in one) throw one.fault;

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;
/** Of the process, garbage aside. */
function megabytes(): number {
  collectGarbage();
  return process.memoryUsage().rss / 1e6;
}
const speech = async (name: string): Promise<Float32Array> => fromS16le(await clip(name));
const joined = (...parts: Float32Array[]): Float32Array => {
  const whole = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
};
async function analyse(pcm: Float32Array, options: Partial<AnalysisOptions> = {}) {
  const analysis = createAnalysis({ engines, language: "en", offsetMillis: 0, ...options });
  for (let at = 0; at < pcm.length; at += 32_000) await analysis.push(pcm.subarray(at, at + 32_000));
  return analysis.finish();
}
const words = (text: string | undefined): string[] =>
  (text ?? "").toLowerCase().match(/\p{Script=Han}|[\p{L}\p{N}']+/gu) ?? [];

/** Words of `wanted` in their order that `found` has in that order too (longest common subsequence), as a share. */
function kept(wanted: readonly string[], found: readonly string[]): number {
  let row = new Array<number>(found.length + 1).fill(0);
  for (const one of wanted) {
    const next = [0];
    for (const [at, other] of found.entries())
      next.push(one === other ? (row[at] ?? 0) + 1 : Math.max(row[at + 1] ?? 0, next[at] ?? 0));
    row = next;
  }
  return (row.at(-1) ?? 0) / wanted.length;
}

t.test("empty audio is the device's failure", async (t) => {
  for (const pcm of [new Float32Array(0), new Float32Array(1).fill(0.1)]) {
    const found = await analyse(pcm);
    t.equal(found.transcript, null);
    t.strictSame(found.faults, ["media.unreadable"]);
  }
});

t.test("sound that clips is heard, and says that it clips", { timeout: 120_000 }, async (t) => {
  const pcm = await speech("en-service2-weak.opus");
  const clipped = pcm.map((sample) => Math.max(-1, Math.min(32_767 / 32_768, sample * 12)));
  const [plain, found] = [await analyse(pcm), await analyse(clipped)];
  t.ok((found.sound?.clipped ?? 0) > 0.02, `${found.sound?.clipped} of the samples`);
  t.equal(found.sound?.usable, true);
  t.ok(
    kept(words(plain.transcript?.text), words(found.transcript?.text)) > 0.7,
    found.transcript?.text ?? "nothing heard",
  );
});

t.test("30 minutes of noise give no word and take no memory", { timeout: 280_000 }, async (t) => {
  const next = seeded(3);
  const minute = Float32Array.from({ length: 60 * 16_000 }, () => 2 * next() - 1);
  const analysis = createAnalysis({ engines, language: "zh-CN", offsetMillis: 0 });
  const levels = [0.002, 0.02, 0.2, 0.8];
  let before = 0;
  for (let at = 0; at < 30; at++) {
    const level = levels[at % levels.length] ?? 0;
    // A slam of a door every eleven seconds, and a hum that swells at the pace of syllables.
    const sound = minute.map(
      (value, n) => value * level * (n % 176_000 < 4000 ? 4 : 1) * (at % 3 === 0 ? Math.abs(Math.sin(n / 1300)) : 1),
    );
    for (let from = 0; from < sound.length; from += 32_000) await analysis.push(sound.subarray(from, from + 32_000));
    if (at === 2) before = megabytes();
  }
  const found = await analysis.finish();
  const grown = megabytes() - before;
  t.comment(
    `${found.speech.length} stretches, ${JSON.stringify(found.transcript?.text)}, grown by ${grown.toFixed(0)} MB`,
  );
  t.ok(grown < 100, `grown by ${grown.toFixed(0)} MB: less than the 27 minutes themselves, 104 MB`);
  t.equal(found.transcript?.text ?? "", "");
  t.equal(answerObservations.safeParse(found).success, true);
});

t.test("40 seconds of speech without a pause lose no sentence", { timeout: 200_000 }, async (t) => {
  const clips = await Promise.all(
    ["en-service2-strong", "en-service-strong", "en-service2-medium", "en-backend2-strong"].map((name) =>
      speech(`${name}.opus`),
    ),
  );
  // What is quiet for longer than 0.13 s is cut to that: far from the 0.6 s that end a stretch.
  const breathless = clips.map((pcm) => {
    const windows = Array.from({ length: Math.floor(pcm.length / 512) }, (_, at) =>
      pcm.subarray(at * 512, at * 512 + 512),
    );
    let quiet = 0;
    return joined(
      ...windows.filter((window) => {
        quiet = window.reduce((sum, value) => sum + value * value, 0) / 512 < 1e-5 ? quiet + 1 : 0;
        return quiet <= 4;
      }),
    );
  });
  const wanted: string[] = [];
  for (const pcm of breathless) wanted.push(...words((await analyse(pcm)).transcript?.text));
  const whole = joined(...breathless);
  t.ok(whole.length > 40 * 16_000, `${whole.length / 16_000} s`);
  const found = await analyse(whole);
  const longest = Math.max(...found.speech.map(({ start, end }) => end - start));
  t.ok(longest > 28_000, `speech goes on for ${longest / 1000} s, longer than the recogniser's window`);
  const share = kept(wanted, words(found.transcript?.text));
  t.ok(share > 0.9, `${share.toFixed(3)} of the words`);
  t.strictSame(words(found.transcript?.text).slice(-3), wanted.slice(-3), "to the last word");
});

t.test("no face and two faces are told, in small pictures and in 4K", { timeout: 120_000 }, async (t) => {
  const { faceFinder } = engines;
  if (!("engine" in faceFinder)) throw faceFinder.fault;
  const look = async ({ width, height, rgb }: Picture) => faceFinder.engine.find({ width, height, rgb });
  const nobody: Picture = { width: 640, height: 480, rgb: Buffer.alloc(640 * 480 * 3, 90) };
  t.equal(framing.compute(await look(nobody), 0).advice, "noFace");
  const pair = await twoFaces({ width: 640, height: 480 });
  const two = await look(pair);
  t.equal(framing.compute(two, 0).advice, "severalFaces");
  const looked = [1000, 1500, 2000].map((at) => ({ at, faces: at === 1000 ? [] : two }));
  t.strictSame(severalFaces.compute(looked), { pictures: 3, stretches: [{ start: 1500, end: 2000, most: 2 }] });

  const large = await face("null", { width: 3840, height: 2160 });
  await look(large);
  const [began, before] = [systemClock.monotonic(), megabytes()];
  for (let at = 0; at < 5; at++) t.equal(facesThatCount(await look(large)).length, 1);
  const [took, grown] = [(systemClock.monotonic() - began) / 5, megabytes() - before];
  t.comment(`4K: ${took.toFixed(0)} ms a picture, grown by ${grown.toFixed(0)} MB`);
  t.ok(took < 3000);
  t.ok(grown < 150, "frames are let go");
});

t.test("samples that are no numbers are silence, and are told", { timeout: 120_000 }, async (t) => {
  const pcm = await speech("en-service2-weak.opus");
  const broken = pcm.slice();
  for (let at = 0; at < 8000; at++) broken[at] = Number.NaN;
  broken[40_000] = Number.POSITIVE_INFINITY;
  const [plain, found] = [await analyse(pcm), await analyse(broken)];
  t.strictSame(found.faults, ["media.unreadable"]);
  t.equal(answerObservations.safeParse(found).success, true, "nothing that JSON cannot say");
  t.ok(Number.isFinite(found.sound?.rmsDbfs));
  t.ok(kept(words(plain.transcript?.text).slice(4), words(found.transcript?.text)) > 0.8, "what came after is heard");
  const nothing = await analyse(new Float32Array(48_000).fill(Number.NaN));
  t.equal(nothing.transcript, null);
  t.equal(nothing.sound?.usable, false);
});

t.test(
  "two languages in one answer are both kept where none is named, and the named one where one is",
  { timeout: 200_000 },
  async (t) => {
    const [zh, en] = [await speech("zh-service-weak.opus"), await speech("en-service2-weak.opus")];
    const mixed = joined(
      zh,
      new Float32Array(16_000).map(() => 1e-4),
      en,
    );
    const text = async (language: AnalysisOptions["language"], pcm: Float32Array) =>
      words((await analyse(pcm, { language })).transcript?.text);
    const both = await text("auto", mixed);
    t.ok(kept(await text("zh-CN", zh), both) > 0.7, both.join(""));
    t.ok(kept(await text("en", en), both) > 0.8, both.join(" "));
    const named = await text("zh-CN", mixed);
    t.ok(kept(await text("zh-CN", zh), named) > 0.7, named.join(""));
  },
);

t.test("a broken rubric is refused by name, and the process serves on", { timeout: 60_000 }, async (t) => {
  const socket = join(folder, "inference.sock");
  const inference = await startInference({ socket, log: silentLog() });
  const agent = await connectAgent(socket);
  const recorded = new Recorded(folder, "broken1");
  const [competency] = rubric.competencies as [(typeof rubric.competencies)[0]];
  agent.ask(recorded.open({ rubric: { ...rubric, competencies: [{ ...competency, weight: 90 }] } }));
  t.match(await agent.next("fault"), { fault: "rubric.weights", message: /make them sum to 100/ });
  agent.ask(recorded.open({ rubric: { ...rubric, questions: "none" as never } }));
  t.match(await agent.next("fault"), { message: /rubric\.questions/ });
  agent.ask(recorded.open(), { do: "choice", answerId: "a1", questionId: "q9", chosen: ["A"] });
  t.match(await agent.next("fault"), { fault: "rubric.reference", message: /"q9"/ });
  agent.ask(
    { do: "begin", answerId: "a2", questionId: "q1", fromMillis: 0 },
    { do: "end", answerId: "a2", toMillis: 1 },
  );
  t.equal((await agent.next("analysed")).score.insufficient, true);
  agent.close();
  await inference.close();
});

t.test(
  "an answer of 50,000 characters is scored in bounded time, and a person has to look",
  { timeout: 280_000 },
  async (t) => {
    const { embedder } = engines;
    if (!("engine" in embedder)) throw embedder.fault;
    const question = rubric.questions[0] as Question;
    const score = async (text: string, language: "en" | "zh-CN") => {
      const began = systemClock.monotonic();
      const scored = await scoreAnswer(
        { answerId: "a", question, rubric, language, answer: { kind: "spoken", text } },
        embedder.engine,
      );
      return { ...scored, took: systemClock.monotonic() - began };
    };
    const next = seeded(9);
    const of = (list: readonly string[]): string => list[Math.floor(next() * list.length)] ?? "";
    const people = ["the manager", "a customer", "my colleague", "the driver", "an old lady", "the team"];
    const acts = ["called", "asked", "shouted at", "listened to", "wrote to", "waited for", "helped"];
    let long = "";
    for (let at = 0; long.length < 49_800; at++)
      long += `On day ${at} ${of(people)} ${of(acts)} ${of(people)} about order ${at * 7}. `;
    const said = "I listened, said sorry and solved it within a day.";
    const [without, within] = [await score(long, "en"), await score(`${long}${said}`, "en")];
    t.comment(`${within.took.toFixed(0)} ms for ${long.length + said.length} characters`);
    t.equal(within.needsPerson, true);
    t.ok(
      within.evidence.some(({ quote }) => said.includes(quote) && quote.length > 10),
      "the end of it is not lost",
    );
    t.ok((within.score ?? 0) > (without.score ?? 1));
    for (const [text, language] of [
      ["1".repeat(50_000), "zh-CN"],
      ["我".repeat(50_000), "zh-CN"],
      ["a".repeat(50_000), "en"],
      ["100% ".repeat(10_000), "en"],
      ["？".repeat(50_000), "zh-CN"],
    ] as const) {
      const { took, score: value } = await score(text, language);
      t.ok(took < 40_000, `${text.slice(0, 5)}: ${took.toFixed(0)} ms`);
      t.ok(value !== null && value < 0.3);
    }
    t.ok(without.took < 40_000 && within.took < 40_000);
  },
);
