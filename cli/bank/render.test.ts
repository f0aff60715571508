import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import type { Voice } from "../../contracts/ports.ts";
import { promptText } from "../../contracts/prompt.ts";
import { type Rubric, rubric as rubricSchema } from "../../contracts/rubric.ts";
import { sha256 } from "../../runtime/canonical.ts";
import { systemClock } from "../../runtime/clock.ts";
import { run } from "../../runtime/subprocess.ts";
import { PromptCache } from "./cache.ts";
import { opusOf, secondsOf } from "./opus.ts";
import { findRecordings } from "./recordings.ts";
import { checkSize, type Progress, type RenderOptions, renderPrompts } from "./render.ts";

const bank: Rubric = rubricSchema.parse({
  id: "sales",
  version: 1,
  competencies: [{ id: "talk", weight: 100, name: { en: "talk" } }],
  questions: [
    { id: "why", kind: "spoken", text: { en: "Why?", "zh-CN": "为什么？" } },
    { id: "how", kind: "spoken", text: { en: "How?" } },
  ],
});

/** In the place of the model, which tests do not fetch: half a second of a tone a character. */
class Tone implements Voice {
  readonly name: string;
  readonly said: string[] = [];
  constructor(name = "tone 1") {
    this.name = name;
  }
  async speak(text: string) {
    this.said.push(text);
    const pcm = Float32Array.from({ length: text.length * 12_000 }, (_, at) => 0.3 * Math.sin(at / 10));
    return { pcm, sampleRate: 24_000 };
  }
  async close(): Promise<void> {
    this.said.length = 0;
  }
}

const options = (folder: string, change: Partial<RenderOptions> = {}): RenderOptions => ({
  wanted: ["zh-CN", "en"],
  recordings: new Map(),
  cache: new PromptCache(join(folder, "cache")),
  clock: systemClock,
  voice: async () => new Tone(),
  onProgress: () => undefined,
  ...change,
});

async function record(path: string, source = "sine=frequency=300:duration=1"): Promise<void> {
  await run("ffmpeg", ["-v", "error", "-f", "lavfi", "-i", source, path]);
}

t.test("renders each question in each language, tells how far it is, and keeps what it made", async (t) => {
  const folder = t.testdir();
  const voice = new Tone();
  const told: Progress[] = [];
  const { rubric, made } = await renderPrompts(
    bank,
    options(folder, { voice: async () => voice, onProgress: (one) => told.push(one) }),
  );
  t.strictSame(voice.said, ["为什么？", "Why?", "How?"]);
  t.strictSame(
    told.map(({ number, of, questionId, language, from }) => [number, of, questionId, language, from]),
    [
      [1, 3, "why", "zh-CN", "rendered"],
      [2, 3, "why", "en", "rendered"],
      [3, 3, "how", "en", "rendered"],
    ],
  );
  t.ok((told[0]?.secondsLeft ?? 0) > 0 && told[2]?.secondsLeft === 0, "the time left");
  t.ok(Math.abs((made[0]?.seconds ?? 0) - 2) < 0.1, `${made[0]?.seconds} s of sound`);
  const prompt = rubric.questions[0]?.prompts?.["zh-CN"];
  t.match(prompt, { by: "voice", voice: "tone 1", textHash: sha256("为什么？") });
  t.equal(Buffer.from(prompt?.audio ?? "", "base64url").toString("latin1", 0, 4), "OggS");

  const fresh = new Tone();
  const again = await renderPrompts(bank, options(folder, { voice: async () => fresh }));
  t.strictSame(
    again.made.map(({ from }) => from),
    ["cached", "cached", "cached"],
  );
  t.strictSame(again.rubric, rubric, "the same, byte for byte");
  t.strictSame(fresh.said, []);
  const kept = await renderPrompts(rubric, options(join(folder, "other"), { voice: async () => fresh }));
  t.strictSame(
    kept.made.map(({ from }) => from),
    ["kept", "kept", "kept"],
  );
  const other = await renderPrompts(rubric, options(folder, { voice: async () => new Tone("tone 2"), wanted: ["en"] }));
  t.strictSame(
    other.made.map(({ from }) => from),
    ["rendered", "rendered"],
    "another voice",
  );
  t.strictSame(other.rubric.questions[0]?.prompts?.["zh-CN"], prompt, "a language that was not asked for stays");
});

t.test("goes on behind the last prompt when it was interrupted", async (t) => {
  const folder = t.testdir();
  const tired = new Tone();
  tired.speak = async (text: string) => {
    if (tired.said.length === 2) throw new Error("interrupted");
    return new Tone().speak(tired.said[tired.said.push(text) - 1] ?? "");
  };
  await t.rejects(renderPrompts(bank, options(folder, { voice: async () => tired })), { message: "interrupted" });
  t.equal((await readdir(join(folder, "cache"))).length, 2);
  const { made } = await renderPrompts(bank, options(folder));
  t.strictSame(
    made.map(({ from }) => from),
    ["cached", "cached", "rendered"],
  );
});

t.test("a recording goes before the voice, and stays when the bank is rendered again", async (t) => {
  const folder = t.testdir();
  await record(join(folder, "why.en.wav"));
  await record(join(folder, "how.en.m4a"));
  const recordings = await findRecordings(folder, bank);
  const { rubric, made } = await renderPrompts(bank, options(folder, { recordings }));
  t.strictSame(
    made.map(({ from }) => from),
    ["rendered", "recording", "recording"],
  );
  t.match(rubric.questions[0]?.prompts?.en, { by: "recording", textHash: sha256("Why?") });
  const again = await renderPrompts(rubric, options(folder));
  t.strictSame(
    again.made.map(({ from }) => from),
    ["kept", "kept", "kept"],
  );
  const voice = async (): Promise<Voice> => t.fail("no model is needed") as never;
  await renderPrompts(bank, options(folder, { recordings, wanted: ["en"], voice }));
});

t.test("refuses a recording of an older text, and renders what the voice said of one", async (t) => {
  const folder = t.testdir();
  const changed = (by: "recording" | "voice"): Rubric => ({
    ...bank,
    questions: bank.questions.map((one) =>
      one.id === "how"
        ? { ...one, prompts: { en: { audio: "T2dn", textHash: sha256("How so?"), by, voice: "tone 1" } } }
        : one,
    ),
  });
  await t.rejects(renderPrompts(changed("recording"), options(folder)), {
    code: "rubric.prompt",
    field: "questions[1].prompts.en",
    message: /older text/,
  });
  const { rubric } = await renderPrompts(changed("voice"), options(folder));
  t.equal(rubric.questions[1]?.prompts?.en?.textHash, sha256("How?"));
});

t.test("refuses a recording whose name is no question's, and one that is no sound", async (t) => {
  const folder = t.testdir();
  const at = async (name: string): Promise<string> => {
    const place = join(folder, name.replace(/\W/g, "-"));
    await mkdir(place);
    await writeFile(join(place, name), "no sound");
    return place;
  };
  await t.rejects(findRecordings(await at("wy.en.wav"), bank), { code: "use.invalid", message: /why\.en, how\.en/ });
  await t.rejects(findRecordings(await at("how.zh-CN.wav"), bank), { code: "use.invalid" }, "not written in it");
  await t.rejects(findRecordings(join(folder, "none"), bank), { code: "file.missing" });
  t.equal((await findRecordings(await at("notes.txt"), bank)).size, 0);
  const recordings = await findRecordings(await at("how.en.wav"), bank);
  await t.rejects(renderPrompts(bank, options(folder, { recordings })), {
    code: "media.unreadable",
    message: /how\.en/,
  });
});

t.test("says how large a bank is that no order could carry", async (t) => {
  t.ok(checkSize(bank) < 1000);
  const audio = "A".repeat(600_000);
  const prompt = { audio, textHash: sha256(""), by: "voice" } as const;
  const heavy = { ...bank, questions: bank.questions.map((one) => ({ ...one, prompts: { en: prompt } })) };
  t.throws(() => checkSize(heavy), {
    code: "message.tooLarge",
    message: /takes 1200\d\d\d bytes .* at most 1048576.*--language/,
  });
});

t.test("the same speech gives the same file, at about sixteen thousand bits a second", async (t) => {
  const question = bank.questions[0];
  const speech = await new Tone().speak((question && promptText(question, "en")) ?? "");
  const [one, other] = await Promise.all([opusOf(speech), opusOf(speech)]);
  t.strictSame(one, other);
  t.ok((one.length * 8) / secondsOf(one) < 24_000);
});
