import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import t from "tap";
import { projectRoot } from "../runtime/paths.ts";
import { openEngines, transcribeFile } from "./transcribe.ts";

const run = promisify(execFile);
const clip = join(projectRoot, "test", "fixtures", "speech", "en-backend2-weak.opus");
const folder = await mkdtemp(join(tmpdir(), "candor-transcribe-"));
const engines = await openEngines({ which: ["voiceActivity", "recogniser"] });
t.teardown(async () => {
  await engines.close();
  await rm(folder, { recursive: true, force: true });
});

t.test("hears the same words in a stereo 44.1 kHz wave file as in the original", async (t) => {
  const wave = join(folder, "- odd: name.wav");
  await run("ffmpeg", ["-v", "error", "-i", clip, "-ac", "2", "-ar", "44100", `file:${wave}`]);
  const [original, converted] = [
    await transcribeFile(clip, { language: "en", engines }),
    await transcribeFile(wave, { language: "en", engines }),
  ];
  t.match(original.observations.transcript?.text, /argue/i);
  const words = (found: typeof original) =>
    found.observations.transcript?.utterances.flatMap((one) => one.words.map((word) => word.text));
  t.same(words(converted), words(original));
  t.ok(Math.abs(converted.durationMillis - original.durationMillis) < 50);
});

t.test("refuses a file that is not there", async (t) => {
  await t.rejects(transcribeFile(join(folder, "none.wav"), { language: "en", engines }), { code: "file.missing" });
});

t.test("refuses a file without sound", async (t) => {
  const text = join(folder, "text.wav");
  await writeFile(text, "no sound at all");
  await t.rejects(transcribeFile(text, { language: "en", engines }), { code: "media.unreadable" });
});

t.test("names the models as missing where they were not fetched", async (t) => {
  const { observations } = await transcribeFile(clip, { language: "en", modelsDirectory: join(folder, "models") });
  t.equal(observations.transcript, null);
  t.same(observations.faults, ["model.missing"]);
});

t.test("hears silence in a muted file, where a device would have failed", async (t) => {
  const muted = join(folder, "muted.wav");
  await run("ffmpeg", ["-v", "error", "-f", "lavfi", "-i", "anullsrc=r=16000:cl=mono", "-t", "3", muted]);
  const { observations } = await transcribeFile(muted, { language: "en", engines });
  t.match(observations, { transcript: { text: "" }, sound: { usable: true }, faults: [], speech: [] });
});
