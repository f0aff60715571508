import { rm } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import type { Speech, Voice } from "../../contracts/ports.ts";
import { type Rubric, rubric as rubricSchema } from "../../contracts/rubric.ts";
import { systemClock } from "../../runtime/clock.ts";
import { run } from "../../runtime/subprocess.ts";
import { PromptCache } from "./cache.ts";
import { type Progress, renderPrompts } from "./render.ts";

/** espeak-ng as the voice: a second one behind the port, small enough to be there without a model. */
class Espeak implements Voice {
  readonly name: string;
  spoken = 0;

  constructor(name: string) {
    this.name = name;
  }

  async speak(text: string): Promise<Speech> {
    this.spoken += 1;
    const wav = await run("espeak-ng", ["-v", this.name, "--stdin", "--stdout"], { input: text });
    const pcm = Float32Array.from({ length: (wav.length - 44) >> 1 }, (_, at) => wav.readInt16LE(44 + 2 * at) / 32768);
    return { pcm, sampleRate: wav.readUInt32LE(24) };
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

const bank = rubricSchema.parse({
  id: "sales",
  version: 1,
  competencies: [{ id: "talk", weight: 100, name: { en: "talk" } }],
  questions: [
    { id: "why", kind: "spoken", text: { en: "Why do you want to work here?" } },
    { id: "how", kind: "spoken", text: { en: "How do you begin a call?" } },
  ],
});

type Outcome = { rubric: Rubric; from: string[]; progress: Progress[] };

async function rendered(rubric: Rubric, voice: Voice, cache: PromptCache): Promise<Outcome> {
  const progress: Progress[] = [];
  const result = await renderPrompts(rubric, {
    wanted: ["zh-CN", "en"],
    recordings: new Map(),
    cache,
    clock: systemClock,
    voice: () => Promise.resolve(voice),
    onProgress: (one) => progress.push(one),
  });
  return { rubric: result.rubric, from: result.made.map(({ from }) => from), progress };
}

t.test("each prompt is told with its sound, its size and the time that the rest takes", async (t) => {
  const { progress, rubric } = await rendered(bank, new Espeak("en-us"), new PromptCache(t.testdir()));
  t.match(progress, [
    { number: 1, of: 2, questionId: "why", language: "en", from: "rendered" },
    { number: 2, of: 2, questionId: "how", secondsLeft: 0 },
  ]);
  t.ok((progress[0]?.secondsLeft ?? 0) > 0);
  for (const { seconds, bytes } of progress) t.ok(seconds > 0.5 && seconds < 6 && bytes > 500 && bytes < 20_000);
  t.match(rubric.questions[0]?.prompts, { en: { by: "voice", voice: "en-us" } });
});

t.test("what is in the bank or was rendered before is not rendered again", async (t) => {
  const folder = t.testdir();
  const voice = new Espeak("en-us");
  const first = await rendered(bank, voice, new PromptCache(folder));
  t.same((await rendered(bank, voice, new PromptCache(folder))).from, ["cached", "cached"]);
  const again = await rendered(first.rubric, voice, new PromptCache(join(folder, "empty")));
  t.same(again.from, ["kept", "kept"]);
  t.same(again.rubric, first.rubric);
  t.equal(voice.spoken, 2);
});

t.test("a reworded question and another voice are rendered, the same text gives the same bytes", async (t) => {
  const folder = t.testdir();
  const first = await rendered(bank, new Espeak("en-us"), new PromptCache(folder));
  const [why, how] = first.rubric.questions as [Rubric["questions"][number], Rubric["questions"][number]];
  const reworded = { ...first.rubric, questions: [why, { ...how, text: { en: "How do you end a call?" } }] };
  t.same((await rendered(reworded, new Espeak("en-us"), new PromptCache(folder))).from, ["kept", "rendered"]);
  t.same((await rendered(first.rubric, new Espeak("en-gb"), new PromptCache(folder))).from, ["rendered", "rendered"]);
  await rm(folder, { recursive: true });
  t.same((await rendered(bank, new Espeak("en-us"), new PromptCache(folder))).rubric, first.rubric);
});
