import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import type { InferenceReport } from "../contracts/inference.ts";
import type { Language } from "../contracts/language.ts";
import { sampleRate } from "../contracts/ports.ts";
import { recogniserLanguages } from "../contracts/profile.ts";
import { seconds } from "../contracts/units.ts";
import { sha256 } from "../runtime/canonical.ts";
import { deadline, systemClock } from "../runtime/clock.ts";
import { silentLog } from "../runtime/log.ts";
import { projectRoot } from "../runtime/paths.ts";
import { newDataKey, sealBytes, toBase64url } from "../runtime/seal.ts";
import { recognisers } from "./engines/registry.ts";
import { openEngines } from "./equipment.ts";
import { InferenceSession } from "./session.ts";
import { decodeSound } from "./transcribe.ts";
import { startInference } from "./worker.ts";

const engines = openEngines({ which: ["voiceActivity", "recogniser"] });
const folder = await mkdtemp(join(tmpdir(), "candor-live-"));
t.teardown(async () => {
  await (await engines).close();
  await rm(folder, { recursive: true, force: true });
});

const rubric = {
  id: "one",
  version: 1,
  competencies: [{ id: "care", weight: 100, name: { en: "Care" } }],
  questions: [{ id: "q1", kind: "spoken" as const, text: { en: "Why?" }, competencies: ["care"] }],
};
const key = newDataKey();
const file = "mic-000000.sealed";

/** The English clip and a silence that ends its last piece, as one sealed segment. */
async function sealedClip(): Promise<{ bytes: Buffer; durationMillis: number }> {
  const parts: Buffer[] = [];
  for await (const part of decodeSound(join(projectRoot, "test/fixtures/speech/en-service2-weak.opus")))
    parts.push(Buffer.from(Int16Array.from(part, (sample) => Math.round(sample * 32_767)).buffer));
  const pcm = Buffer.concat([...parts, Buffer.alloc(4 * 2 * sampleRate)]);
  return { bytes: sealBytes(key, pcm, `s1/${file}`), durationMillis: (pcm.length / 2 / sampleRate) * 1000 };
}

/** What one answer brings, in order, with the request `end` where it was made. */
async function answered(live: readonly Language[]): Promise<(InferenceReport | "end")[]> {
  const { bytes, durationMillis } = await sealedClip();
  await writeFile(join(folder, file), bytes);
  const came: (InferenceReport | "end")[] = [];
  let analysed = (): void => undefined;
  const done = new Promise<void>((resolve) => {
    analysed = resolve;
  });
  const report = (one: InferenceReport): void => {
    came.push(one);
    if (one.report === "analysed") analysed();
  };
  const base = { sessionId: "s1", folder, key: toBase64url(key), language: "en" as const };
  const session = new InferenceSession(
    { do: "open", ...base, rubric, bannedSignals: [], plugins: [], sessionStart: 0 },
    { engines, report, log: silentLog(), live },
  );
  session.begin({ do: "begin", answerId: "a1", questionId: "q1", fromMillis: 0 });
  const about = { stream: "mic" as const, answerId: "a1", index: 0, file, offsetMillis: 0, durationMillis };
  session.segment({ do: "segment", segment: { ...about, initialisation: false, sha256: sha256(bytes) } });
  await untilHeard(session, durationMillis, live.includes("en") ? () => came.length > 0 : () => true);
  came.push("end");
  session.end({ do: "end", answerId: "a1", toMillis: durationMillis });
  await deadline(
    seconds(60),
    () => new Error("the answer was never analysed"),
    () => done,
  );
  session.drop();
  return came;
}

/** Waits until the sound was searched for speech and, live, the first text is there. */
async function untilHeard(session: InferenceSession, length: number, more: () => boolean): Promise<void> {
  let before = -1;
  for (let round = 0; round < 600; round++) {
    await systemClock.sleep(100);
    const { backlogSeconds } = session;
    if (more() && backlogSeconds === before && backlogSeconds * 1000 < length + 1000) return;
    before = backlogSeconds;
  }
}

const textOf = (came: readonly (InferenceReport | "end")[]): string | undefined =>
  came.flatMap((one) => (one !== "end" && one.report === "analysed" ? [one.observations?.transcript?.text] : []))[0];

t.test("a language that cannot keep up live is transcribed after the answer, to the same text", async (t) => {
  const live = await answered(["en"]);
  const later = await answered(["zh-CN"]);
  const firstPartial = (came: typeof live): number =>
    came.findIndex((one) => one !== "end" && one.report === "partial");
  t.ok(firstPartial(live) >= 0 && firstPartial(live) < live.indexOf("end"), "live text comes before the end");
  t.ok(firstPartial(later) > later.indexOf("end"), "and here it does not");
  t.ok((textOf(later) ?? "").length > 20);
  t.equal(textOf(later), textOf(live), "nothing is dropped");
});

t.test("a recogniser is chosen by name, and an unknown one is refused before anything is served", async (t) => {
  const options = { socket: join(folder, "i.sock"), log: silentLog(), recogniser: "whisper-large" };
  await t.rejects(startInference(options), { code: "model.unknown", field: "recogniser" });
});

t.test("what the board picker knows of languages is what the recognisers say", async (t) => {
  t.strictSame(Object.fromEntries(recognisers.map(({ name, languages }) => [name, languages])), recogniserLanguages);
});
