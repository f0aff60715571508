import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import { Journal, type OpenKeys } from "../../agent/journal.ts";
import { scorecardOf } from "../../agent/session/card.ts";
import type { PrivateKey } from "../../contracts/identity.ts";
import type { AnswerObservations } from "../../contracts/observation.ts";
import type { AnswerScore, SessionScore } from "../../contracts/scoring.ts";
import { contentHash, sha256 } from "../../runtime/canonical.ts";
import { projectRoot } from "../../runtime/paths.ts";
import { newDataKey, newPrivateKey, publicHalf, seal, sealBytes, toBase64url } from "../../runtime/seal.ts";
import { run as runProgram } from "../../runtime/subprocess.ts";
import { type Run, scoreOf, toFirstQuestion } from "../../test/rigs/interview.ts";
import { rescoreReport } from "./report.ts";
import { rescoreRecording } from "./rescore.ts";

// The real recogniser and embedder hear a few seconds, and may share two cores with others.
t.setTimeout(240_000);

const second = 32_000;
const speech = join(projectRoot, "test/fixtures/speech/en-backend2-weak.opus");

const rubric = {
  id: "small",
  version: 1,
  competencies: [{ id: "teamwork", weight: 100, name: { en: "teamwork" } }],
  questions: [
    { id: "argue", kind: "spoken" as const, text: { en: "Tell us of a disagreement with a colleague." } },
    {
      id: "lock",
      kind: "choice" as const,
      text: { en: "Which?" },
      options: [
        { id: "A" as const, text: { en: "one" } },
        { id: "B" as const, text: { en: "two" } },
      ],
      correct: ["B" as const],
    },
  ],
};

type World = { folder: string; keys: OpenKeys & { content: Buffer }; hr: PrivateKey; keyFile: string };

async function world(folder: string): Promise<World> {
  const hr = await newPrivateKey();
  const keyFile = join(folder, "recovery.json");
  await writeFile(keyFile, JSON.stringify(hr));
  await mkdir(join(folder, "media"));
  return { folder, keys: { journal: newDataKey(), content: newDataKey() }, hr, keyFile };
}

/** An interview of a spoken answer and a choice, its sound sealed into the folder, up to where its answers are analysed. */
async function recorded({ folder, keys }: World): Promise<Run> {
  const pcm = await runProgram("ffmpeg", [
    "-v",
    "error",
    "-i",
    speech,
    "-t",
    "8",
    "-ac",
    "1",
    "-ar",
    "16000",
    "-f",
    "s16le",
    "pipe:1",
  ]);
  const run = toFirstQuestion({ rubric, rubricHash: contentHash(rubric) });
  run.press("start");
  const from = run.at;
  for (let index = 0; index * second < pcm.length; index++) {
    const piece = pcm.subarray(index * second, (index + 1) * second);
    const file = `mic-${String(index).padStart(6, "0")}.sealed`;
    const sealed = sealBytes(keys.content, piece, `s/${file}`);
    await writeFile(join(folder, "media", file), sealed);
    const times = { offsetMillis: from + index * 1000, durationMillis: piece.length / 32 };
    const segment = {
      stream: "mic" as const,
      answerId: "s-a1",
      index,
      file,
      ...times,
      initialisation: false,
      sha256: sha256(sealed),
    };
    run.take({ type: "segmentKept", segment });
  }
  run.press("start");
  run.stop("s-a1");
  run.press("B", "start");
  return run;
}

/** Ends the interview with this score and what was heard, and lays its scorecard beside the recording. */
async function scorecardFor(
  run: Run,
  { folder, keys, hr }: World,
  { heard, score, canonical }: { heard: string; score: SessionScore; canonical: string },
): Promise<void> {
  const observations: AnswerObservations = {
    transcript: { language: "en", text: heard, utterances: [] },
    pace: null,
    fillers: null,
    responseLatency: null,
    severalFaces: null,
    plugins: {},
    sound: null,
    speech: [],
    faults: [],
    models: {},
  };
  const unscored = (answerId: string, question: string): AnswerScore => ({
    ...{ answerId, question, score: 0.5, interval: [0, 1], evidence: [], insufficient: false, competencies: {} },
  });
  const [argued = unscored("s-a1", "argue"), locked = unscored("s-a2", "lock")] = score.answers;
  run.take({ type: "analysed", answerId: "s-a1", content: { observations, score: argued } });
  run.take({ type: "analysed", answerId: "s-a2", content: { observations: null, score: locked } });
  run.take({ type: "scored", content: { score, canonical } });
  const path = join(folder, "journal.jsonl");
  await rm(path, { force: true });
  const { journal } = await Journal.open({ path, sessionId: "s", keys });
  for (const event of run.events) await journal.append(event, keys);
  const plain = JSON.stringify({ journal: toBase64url(keys.journal), content: toBase64url(keys.content) });
  const wrappedKey = { ...(await seal(plain, [publicHalf(hr)])) };
  const card = scorecardOf(run.session, {
    deviceId: "device",
    revision: 1,
    quality: "unknown",
    wrappedKey,
    journal: journal.snapshot(),
  });
  await journal.close();
  await writeFile(join(folder, "scorecard.json"), JSON.stringify({ sessionId: "s", scorecard: card }));
}

t.test(
  "scores a sealed recording again: what differs is named, the same is the same, a changed piece is found",
  async (t) => {
    const around = await world(t.testdir());
    const files = {
      folder: around.folder,
      keyFile: around.keyFile,
      scorecardFile: join(around.folder, "scorecard.json"),
    };

    await scorecardFor(await recorded(around), around, { heard: "something else", score: scoreOf(0.9), canonical: "" });
    const other = await rescoreRecording(files);
    t.equal(other.same, false);
    t.same(other.damaged, []);
    const named = other.differences.map((one) => one.what);
    for (const what of ["rubric", "model", "transcript", "answer", "total"] as const) t.ok(named.includes(what), what);
    const heard = other.differences.find((one) => one.what === "transcript");
    t.match(heard, { of: "s-a1", before: "something else", after: /argue/i });
    for (const language of ["zh-CN", "en"] as const)
      t.match(rescoreReport(other, language), language === "en" ? /Another score/ : /得分与评分卡不一致/);

    await scorecardFor(await recorded(around), around, {
      heard: heard?.after ?? "",
      score: other.score,
      canonical: other.canonical,
    });
    const same = await rescoreRecording(files);
    t.equal(same.canonical, other.canonical, "another sealing of the same sound, the same bytes");
    t.equal(same.same, true);
    t.same(same.differences, []);

    await writeFile(join(around.folder, "media", "mic-000002.sealed"), Buffer.alloc(second + 28, 7));
    await rm(join(around.folder, "media", "mic-000003.sealed"));
    const damaged = await rescoreRecording(files);
    t.same(damaged.damaged, [
      { file: "mic-000002.sealed", fault: "seal.unreadable" },
      { file: "mic-000003.sealed", fault: "file.missing" },
    ]);
    t.match(rescoreReport(damaged, "en"), /mic-000003.sealed: missing/);
  },
);

t.test(
  "refuses another key, a journal that was changed, a recording without its scorecard, and a destroyed key",
  async (t) => {
    const around = await world(t.testdir());
    const files = {
      folder: around.folder,
      keyFile: around.keyFile,
      scorecardFile: join(around.folder, "scorecard.json"),
    };
    await t.rejects(rescoreRecording(files), { code: "file.missing", message: /--scorecard/ });
    const run = await recorded(around);
    await scorecardFor(run, around, { heard: "", score: scoreOf(0.9), canonical: "" });
    await t.rejects(rescoreRecording({ ...files, keyFile: join(around.folder, "none.json") }), {
      code: "file.missing",
      message: /--key/,
    });
    const strange = join(around.folder, "strange.json");
    await writeFile(strange, JSON.stringify(await newPrivateKey()));
    await t.rejects(rescoreRecording({ ...files, keyFile: strange }), { code: "seal.unreadable" });

    const card = scorecardOf(run.session, {
      deviceId: "d",
      revision: 1,
      quality: "unknown",
      wrappedKey: {},
      journal: { lines: [], head: "" },
    });
    const withKeys = async (keys: object, journal: typeof card.journal): Promise<void> => {
      const wrappedKey = { ...(await seal(JSON.stringify(keys), [publicHalf(around.hr)])) };
      await writeFile(files.scorecardFile, JSON.stringify({ ...card, wrappedKey, journal }));
    };
    const journal = toBase64url(around.keys.journal);
    await withKeys({ journal }, { lines: [], head: "" });
    await t.rejects(rescoreRecording(files), { code: "key.destroyed" });
    await withKeys(
      { journal, content: toBase64url(around.keys.content) },
      { lines: ['{"seq":0,"prev":"x","box":"y"}'], head: "" },
    );
    await t.rejects(rescoreRecording(files), { code: "journal.broken" });
  },
);
