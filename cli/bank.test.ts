import { chmod, copyFile, mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import t, { type Test } from "tap";
import { languages } from "../contracts/language.ts";
import { promptText, stalePrompt } from "../contracts/prompt.ts";
import { rubric as rubricSchema } from "../contracts/rubric.ts";
import { sha256 } from "../runtime/canonical.ts";
import { projectRoot } from "../runtime/paths.ts";
import { secondsOf } from "./bank/opus.ts";
import { type Options, type RenderedBank, renderBank } from "./bank.ts";

// The voice's model is fetched on request only: here recordings stand in every place, and the model's absence in one.
const clip = join(projectRoot, "test", "fixtures", "speech", "en-backend2-weak.opus");
const why = { id: "why", kind: "spoken", text: { en: "Why?", "zh-CN": "为什么？" } };
const bare = {
  id: "sales",
  version: 1,
  competencies: [{ id: "talk", weight: 100, name: { en: "talk" } }],
  questions: [why],
};
const audio = "T2dnUwAC";
const saying = (text: string, by: "voice" | "recording"): object => ({ audio, textHash: sha256(text), by });

type Bench = {
  file: string;
  read: () => Promise<Record<string, unknown>>;
  render: (options?: Partial<Options>) => Promise<RenderedBank>;
};

/** A bank in a file, beside it a folder with recordings of these names, and no model. */
async function bench(t: Test, content: unknown, recorded: readonly string[] = []): Promise<Bench> {
  const folder = t.testdir();
  const [file, recordings] = [join(folder, "bank.json"), join(folder, "recordings")];
  await writeFile(file, typeof content === "string" ? content : JSON.stringify(content));
  await mkdir(recordings);
  for (const name of recorded) await copyFile(clip, join(recordings, name));
  const places = { recordings, cache: join(folder, "cache"), models: join(folder, "models") };
  return {
    file,
    read: async () => JSON.parse(await readFile(file, "utf8")),
    render: (options = {}) =>
      renderBank(file, { language: [...languages], threads: 1, ...places, ...options }, () => undefined),
  };
}

t.test("recordings go into the bank as Opus, with the hash of what they say", async (t) => {
  const { file, read, render } = await bench(t, bare, ["why.en.wav", "why.zh-CN.opus", "notes.txt"]);
  const { prompts, orderBytes } = await render();
  t.match(prompts, [
    { questionId: "why", language: "zh-CN", from: "recording" },
    { questionId: "why", language: "en", from: "recording" },
  ]);
  const rubric = rubricSchema.parse(await read());
  t.equal(stalePrompt(rubric, sha256), undefined);
  const [question] = rubric.questions;
  t.match(question?.prompts, { en: { by: "recording", textHash: sha256("Why?") }, "zh-CN": { by: "recording" } });
  const sound = Buffer.from(question?.prompts?.en?.audio ?? "", "base64url");
  t.equal(sound.toString("latin1", 0, 4), "OggS");
  t.ok(secondsOf(sound) > 5 && sound.length / secondsOf(sound) < 3000, "about 16 kbit a second");
  t.ok(orderBytes > sound.length);
  const none = join(file, "..", "none");
  await mkdir(none);
  t.match((await render({ recordings: none })).prompts, [{ from: "kept" }, { from: "kept" }]);
});

t.test("what else a file says stays, its manner and its permissions too", async (t) => {
  const content = { answers: [{ id: "a" }], rubric: { ...bare, owner: "sales", questions: [{ ...why, hint: 3 }] } };
  const { file, read, render } = await bench(t, `\uFEFF${JSON.stringify(content, null, "\t")}\n`, ["why.en.wav"]);
  await chmod(file, 0o644);
  await render({ language: ["en"] });
  t.match(await read(), { answers: [{ id: "a" }], rubric: { owner: "sales", questions: [{ hint: 3, prompts: {} }] } });
  t.match(await readFile(file, "utf8"), /^{\n\t"answers"/);
  t.equal((await stat(file)).mode & 0o777, 0o644);
});

t.test("writes beside the bank where asked to, and leaves the bank as it was", async (t) => {
  const { file, read, render } = await bench(t, bare, ["why.en.wav"]);
  const out = join(file, "..", "spoken.json");
  t.equal((await render({ language: ["en"], out })).file, out);
  t.same(await read(), bare);
  t.match(JSON.parse(await readFile(out, "utf8")), { questions: [{ prompts: { en: {} } }] });
});

t.test("without its model it says what to fetch, and writes nothing", async (t) => {
  const { file, read, render } = await bench(t, bare, ["why.en.wav"]);
  await t.rejects(render(), { code: "model.missing", message: /candor models fetch kokoro/ });
  t.same(await read(), bare);
  t.notOk((await readdir(join(file, ".."))).some((name) => name.endsWith(".next")));
});

t.test("a recording of an older text is refused by its place; a rendered one is taken out", async (t) => {
  const recorded = { ...bare, questions: [{ ...why, prompts: { en: saying("Why not?", "recording") } }] };
  const first = await bench(t, recorded);
  await t.rejects(first.render(), { code: "rubric.prompt", field: "questions[0].prompts.en", message: /--recordings/ });
  const rendered = { ...bare, questions: [{ ...why, prompts: { en: saying("Why not?", "voice") } }] };
  const second = await bench(t, rendered, ["why.zh-CN.wav"]);
  t.same((await second.render({ language: ["zh-CN"] })).takenOut, ["questions[0].prompts.en"]);
  t.match(Object.keys(rubricSchema.parse(await second.read()).questions[0]?.prompts ?? {}), ["zh-CN"]);
});

t.test("a recording that names no question, or stands there twice, is refused by its name", async (t) => {
  for (const [names, message] of [
    [["whi.en.wav"], /whi\.en\.wav names no question.*why\.zh-CN, why\.en/],
    [["why.de.wav"], /why\.de\.wav/],
    [["why.en.wav", "why.en.mp3"], /two recordings of why\.en/],
  ] as const)
    await t.rejects((await bench(t, bare, names)).render(), { code: "use.invalid", message });
  const { file, render } = await bench(t, bare);
  await writeFile(join(file, "..", "recordings", "why.en.wav"), "no sound");
  await t.rejects(render({ language: ["en"] }), { code: "media.unreadable", message: /why\.en\.wav/ });
});

t.test("refuses a file that is not there, is no JSON or no rubric, naming the field", async (t) => {
  const { file, render } = await bench(t, bare);
  await t.rejects(
    renderBank(`${file}.none`, { language: ["en"], threads: 1, cache: "none" }, () => undefined),
    {
      code: "file.missing",
    },
  );
  await t.rejects((await bench(t, "{")).render(), { code: "config.invalid", message: /not JSON/ });
  await t.rejects((await bench(t, { rubric: { ...bare, questions: [{ ...why, text: {} }] } })).render(), {
    code: "config.invalid",
    field: "rubric.questions[0].text",
  });
  const english = { ...bare, questions: [{ ...why, text: { en: "Why?" } }] };
  await t.rejects((await bench(t, english)).render({ language: ["zh-CN"] }), {
    code: "use.invalid",
    field: "language",
  });
  await t.rejects(render({ recordings: join(file, "..", "nowhere") }), { code: "file.missing", field: "recordings" });
});

t.test("refuses what no order could carry, says how much it is and writes nothing", async (t) => {
  const long = { audio: "T2dn".repeat(2 ** 18), textHash: sha256("Why?"), by: "recording" };
  const { read, render } = await bench(t, { ...bare, questions: [{ ...why, prompts: { en: long } }] });
  await t.rejects(render({ language: ["en"] }), {
    code: "message.tooLarge",
    field: "questions",
    message: /takes 10\d\d\.\d KiB and may take 1024\.0 KiB; 0\.0 KiB of it are prompts in zh-CN, 1024\.0 KiB in en/,
  });
  t.match(await read(), { questions: [{ prompts: { en: { audio: long.audio } } }] });
});

t.test("the prompts of a choice say its options", async (t) => {
  const options = ["A", "B"].map((id) => ({ id, text: { en: `option ${id}` } }));
  const which = { id: "which", kind: "choice", text: { en: "Which?" }, options, correct: ["A"] };
  const { read, render } = await bench(t, { ...bare, questions: [which] }, ["which.en.wav"]);
  await render();
  const [question] = rubricSchema.parse(await read()).questions;
  t.equal(question?.prompts?.en?.textHash, sha256("Which?\nA: option A; B: option B."));
  t.equal(question === undefined ? "" : promptText(question, "en"), "Which?\nA: option A; B: option B.");
});
