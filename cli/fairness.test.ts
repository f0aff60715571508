import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import { answerFile } from "../contracts/rubric.ts";
import { defaultModelsDirectory } from "../inference/models/store.ts";
import { fairnessLimits } from "../inference/scoring/spread.ts";
import { systemClock } from "../runtime/clock.ts";
import { projectRoot } from "../runtime/paths.ts";
import { run } from "../runtime/subprocess.ts";
import { measureFairness } from "./fairness/measure.ts";
import { fairnessReport } from "./fairness/report.ts";

// Runs the real recogniser on a few seconds of sound, and may share two cores with others.
t.setTimeout(240_000);

const interviews = join(projectRoot, "test/fixtures/interview");
const limits = fairnessLimits;
const options = { groups: [], limits, clock: systemClock };

/** A file with the first seconds of one recorded answer, as often as `people` says. */
async function answersOf(folder: string, people: readonly (Record<string, string> | undefined)[]): Promise<string> {
  const { rubric, answers } = answerFile.parse(
    JSON.parse(await readFile(join(interviews, "backend-engineer.json"), "utf8")),
  );
  const answer = answers.find((one) => one.id.endsWith("redesign-en-strong"));
  if (answer?.audio === undefined) throw new Error("the fixture has a recording");
  const audio = join(folder, "short.wav");
  await run("ffmpeg", ["-v", "error", "-y", "-i", join(interviews, answer.audio), "-t", "9", "-ac", "1", audio]);
  const given = people.map((groups, at) => ({
    ...answer,
    id: `a${at}`,
    audio,
    ...(groups === undefined ? {} : { groups }),
  }));
  const file = join(folder, "answers.json");
  await writeFile(file, JSON.stringify({ rubric, answers: given }));
  return file;
}

t.test("hears and scores a recording at another loudness, and gives no point for what was not said", async (t) => {
  const file = await answersOf(t.testdir(), [undefined]);
  const found = await measureFairness(file, { ...options, only: ["loudness"] });
  t.same(
    found.groups.map(({ group, variants, unscored }) => ({ group, variants, unscored })),
    [{ group: "loudness", variants: 2, unscored: 0 }],
  );
  t.ok((found.answers[0]?.original ?? 0) > 0.1, `the original earned something: ${found.answers[0]?.original}`);
  t.equal(found.answers[0]?.sameTranscript, 0, "the same words score the same, however loud they were said");
  t.same(found.leftOut, []);
  const marks = found.answers.some((one) => one.over.length > 0) || found.groups.some((one) => one.over.length > 0);
  t.equal(found.passed, !marks);
  for (const language of ["zh-CN", "en"] as const)
    t.match(fairnessReport(found, language), language === "en" ? /loudness/ : /响度/);
});

t.test(
  "compares people of a file's own groups who say the same, without any change where none is wanted",
  async (t) => {
    const file = await answersOf(t.testdir(), [{ accent: "north" }, { accent: "south" }]);
    const found = await measureFairness(file, { ...options, only: [], groups: ["accent"] });
    t.same(found.rescored, []);
    t.match(found.attributes, [{ attribute: "accent", sets: 1, apart: 0, over: false }]);
    t.equal(found.passed, true);
    await t.rejects(measureFairness(file, { ...options, only: [], groups: ["acent"] }), {
      code: "use.invalid",
      message: /there are accent/,
    });
  },
);

t.test("goes on without other voices where their model was not fetched, and says how to fetch it", async (t) => {
  const folder = t.testdir();
  const models = join(folder, "models");
  await mkdir(models);
  for (const id of ["whisper-base", "silero-vad", "e5-small"])
    await symlink(join(defaultModelsDirectory(), id), join(models, id));
  const file = await answersOf(folder, [undefined]);
  const found = await measureFairness(file, { ...options, models, only: ["voice"] });
  t.same(found.leftOut, [{ group: "voice", fault: "model.missing" }]);
  t.same(found.groups, []);
  t.match(fairnessReport(found, "en"), /candor models fetch kokoro/);
  t.match(fairnessReport(found, "zh-CN"), /candor models fetch kokoro/);
});

t.test("refuses a file without a recording, and one whose recording is not there, with the remedy", async (t) => {
  const folder = t.testdir();
  const file = join(folder, "answers.json");
  const { rubric } = answerFile.parse(JSON.parse(await readFile(join(interviews, "backend-engineer.json"), "utf8")));
  const write = (answer: object) => writeFile(file, JSON.stringify({ rubric, answers: [answer] }));
  await write({ id: "a", question: "redesign", text: "I added an index." });
  await t.rejects(measureFairness(file, options), { code: "use.invalid", message: /give spoken answers "audio"/ });
  await write({ id: "a", question: "redesign", audio: "gone.opus" });
  await t.rejects(measureFairness(file, options), { code: "file.missing", message: /gone.opus/ });
});
