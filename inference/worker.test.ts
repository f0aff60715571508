import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import type { Segment } from "../contracts/capture.ts";
import { type InferenceReport, type InferenceRequest, inferenceReport } from "../contracts/inference.ts";
import type { Rubric } from "../contracts/rubric.ts";
import { sha256 } from "../runtime/canonical.ts";
import { connectChannel } from "../runtime/channel.ts";
import { systemClock } from "../runtime/clock.ts";
import { silentLog } from "../runtime/log.ts";
import { projectRoot } from "../runtime/paths.ts";
import { newDataKey, sealBytes, toBase64url } from "../runtime/seal.ts";
import { run } from "../runtime/subprocess.ts";
import { connectAgent } from "../test/rigs/inference.ts";
import { startInference } from "./worker.ts";

const rubric: Rubric = {
  id: "backend",
  version: 1,
  competencies: [
    { id: "design", weight: 60, name: { en: "Design" } },
    { id: "basics", weight: 40, name: { en: "Basics" } },
  ],
  questions: [
    {
      id: "q1",
      kind: "spoken",
      text: { en: "How do you deal with conflict?" },
      competencies: ["design"],
      reference: { en: ["I ask for the other side's reasons, we test both ideas and decide on the result."] },
    },
    {
      id: "q2",
      kind: "choice",
      text: { en: "Which one?" },
      competencies: ["basics"],
      correct: ["B"],
      options: [
        { id: "A", text: { en: "a" } },
        { id: "B", text: { en: "b" } },
      ],
    },
  ],
};

const folder = await mkdtemp(join(tmpdir(), "candor-inference-"));
const socket = join(folder, "run", "inference.sock");
const sessionId = "session1";
const key = newDataKey();
const inference = await startInference({ socket, log: silentLog() });
t.teardown(async () => {
  await inference.close();
  await rm(folder, { recursive: true, force: true });
});

/** Seals a clip as capture does, a second a segment, and says how the segments are announced. */
async function record(
  clip: string,
  { answerId, offset, first }: { answerId: string; offset: number; first: number },
): Promise<Segment[]> {
  const pcm = await run("ffmpeg", [
    "-v",
    "error",
    "-i",
    join(projectRoot, "test", "fixtures", "speech", clip),
    "-ac",
    "1",
    "-ar",
    "16000",
    "-f",
    "s16le",
    "pipe:1",
  ]);
  const segments: Segment[] = [];
  for (let at = 0; at * 32_000 < pcm.length; at++) {
    const piece = pcm.subarray(at * 32_000, (at + 1) * 32_000);
    const file = `mic-${String(first + at).padStart(6, "0")}.sealed`;
    const sealed = sealBytes(key, piece, `${sessionId}/${file}`);
    await writeFile(join(folder, file), sealed);
    segments.push({
      stream: "mic",
      answerId,
      index: first + at,
      file,
      offsetMillis: offset + at * 1000,
      durationMillis: piece.length / 32,
      initialisation: false,
      sha256: sha256(sealed),
    });
  }
  return segments;
}

type Of<K extends InferenceReport["report"]> = Extract<InferenceReport, { report: K }>;
const agent = () => connectAgent(socket);

const open: InferenceRequest = {
  do: "open",
  bannedSignals: [],
  plugins: [],
  sessionId,
  folder,
  key: toBase64url(key),
  language: "en",
  rubric,
  sessionStart: 0,
};
const begin: InferenceRequest = { do: "begin", answerId: "a1", questionId: "q1", fromMillis: 20_000 };
const end: InferenceRequest = { do: "end", answerId: "a1", toMillis: 30_000 };
const segments = await record("en-backend2-weak.opus", { answerId: "a1", offset: 20_000, first: 0 });

t.test("hears sealed segments, scores the answer and the session", async (t) => {
  const device = await agent();
  for (const request of [open, begin]) device.ask(request);
  for (const segment of segments) device.ask({ do: "segment", segment });
  device.ask(end);
  device.ask({ do: "choice", answerId: "a2", questionId: "q2", chosen: ["B"] });
  t.ok((await device.next("ready")).models["whisper-base"], "asked before ready, answered after");
  const both = [await device.next("analysed"), await device.next("analysed")].toSorted((a, b) =>
    a.answerId < b.answerId ? -1 : 1,
  );
  const [spoken, chosen] = both;
  t.match(spoken?.observations?.transcript?.text, /argue/i);
  t.same(spoken?.observations?.faults, []);
  t.ok(spoken?.observations?.transcript?.utterances.every((one) => one.start >= 20_000));
  t.equal(spoken?.score.insufficient, false);
  t.equal(chosen?.score.score, 1);
  t.equal(chosen?.observations, null);
  t.ok((await device.next("partial")).text.length > 0);
  const ask = { do: "score", sessionId, answers: both.map((one) => one.score) } satisfies InferenceRequest;
  device.ask(ask);
  const first = await device.next("scored");
  device.ask(ask);
  t.equal(first.canonical, (await device.next("scored")).canonical);
  t.equal(first.score.coverage, 1);
  device.close();
});

t.test("an answer begun again, with segments sent twice, gives the same observations and score", async (t) => {
  const hear = async (prelude: (device: Awaited<ReturnType<typeof agent>>) => void): Promise<Of<"analysed">> => {
    const device = await agent();
    device.ask(open);
    device.ask(begin);
    prelude(device);
    for (const segment of segments) for (let times = 0; times < 2; times++) device.ask({ do: "segment", segment });
    device.ask(end);
    const found = await device.next("analysed");
    device.close();
    return found;
  };
  const plain = await hear(() => undefined);
  const again = await hear((device) => {
    for (const segment of segments.slice(0, 5)) device.ask({ do: "segment", segment });
    device.ask(begin);
  });
  t.same(again, plain);
});

t.test("an end sent twice is answered twice with the same", async (t) => {
  const device = await agent();
  for (const request of [open, begin, end, end]) device.ask(request);
  const [first, second] = [await device.next("analysed"), await device.next("analysed")];
  t.same(first, second);
  t.same(first.observations?.faults, ["media.unreadable"], "nothing was recorded");
  t.equal(first.score.score, null);
  t.equal(first.score.insufficient, true);
  device.close();
});

t.test("a corrupt and a missing segment are noted and the rest is heard", async (t) => {
  const bad = await record("en-backend2-weak.opus", { answerId: "a1", offset: 20_000, first: 100 });
  await writeFile(join(folder, bad[6]?.file ?? ""), Buffer.alloc(32_028, 7));
  await rm(join(folder, bad[7]?.file ?? ""));
  const device = await agent();
  for (const request of [open, begin]) device.ask(request);
  for (const segment of bad) device.ask({ do: "segment", segment });
  device.ask(end);
  const { observations } = await device.next("analysed");
  t.same(observations?.faults, ["seal.unreadable", "file.missing"]);
  t.match(observations?.transcript?.text, /argue/i);
  t.notOk(
    observations?.speech.some((one) => one.start < 26_000 && one.end > 26_100),
    "what is missing is no speech",
  );
  device.close();
});

t.test("a segment moved from another session does not open", async (t) => {
  const device = await agent();
  device.ask({ ...open, sessionId: "session2" });
  device.ask(begin);
  for (const segment of segments.slice(0, 2)) device.ask({ do: "segment", segment });
  device.ask(end);
  const { observations, score } = await device.next("analysed");
  t.same(observations?.faults, ["seal.unreadable", "media.unreadable"]);
  t.equal(score.insufficient, true);
  device.close();
});

t.test("a lost connection takes session and key with it", async (t) => {
  const device = await agent();
  device.ask(open);
  await device.next("ready");
  device.close();
  const next = await agent();
  await next.next("ready");
  next.ask(begin);
  t.equal((await next.next("fault")).fault, "inference.lost");
  next.close();
});

t.test("a newer agent takes the place of an older one", async (t) => {
  const older = await agent();
  await older.next("ready");
  const newer = await agent();
  await older.closed;
  t.ok(await newer.next("ready"));
  newer.close();
});

t.test("a request that is none is refused by name and the connection stays", async (t) => {
  const device = await agent();
  device.ask({ do: "guess" } as unknown as InferenceRequest);
  t.equal((await device.next("fault")).fault, "message.malformed");
  device.ask(open);
  device.ask({ do: "choice", answerId: "a2", questionId: "q2", chosen: ["A"] });
  t.equal((await device.next("analysed")).score.score, 0);
  device.close();
});

t.test("a banned signal is not computed, neither from sound nor from pictures", async (t) => {
  const device = await agent();
  device.ask({ ...open, bannedSignals: ["transcript", "framing"] });
  device.ask(begin);
  for (const segment of segments) device.ask({ do: "segment", segment });
  device.ask(end);
  const { observations, score } = await device.next("analysed");
  t.same(observations?.faults, ["policy.banned"]);
  t.equal(score.insufficient, true);
  device.ask({ do: "look", on: true, from: join(folder, "camera.sock"), sessionStart: 0 });
  t.equal((await device.next("fault")).fault, "policy.banned");
  device.close();
});

t.test("an interview with an accommodation has no delivery computed, and the same score", async (t) => {
  const hear = async (change: object): Promise<Of<"analysed">> => {
    const device = await agent();
    const asked = { atMillis: 18_000, by: "shown" as const };
    for (const request of [
      { ...open, plugins: ["pitch"], ...change },
      { ...begin, asked },
    ])
      device.ask(request);
    for (const segment of segments) device.ask({ do: "segment", segment });
    device.ask(end);
    const found = await device.next("analysed");
    device.close();
    return found;
  };
  const [usual, accommodated] = [await hear({}), await hear({ withoutDelivery: true })];
  t.ok((usual.observations?.pace?.wordsPerMinute ?? 0) > 0);
  t.ok((usual.observations?.responseLatency?.latencyMillis ?? 0) >= 2000);
  t.ok(usual.observations?.fillers);
  t.ok(usual.observations?.plugins.pitch);
  t.match(accommodated.observations, { pace: null, fillers: null, responseLatency: null });
  t.strictSame(accommodated.observations?.plugins, {});
  t.same(accommodated.observations?.faults, []);
  t.same(accommodated.score, usual.score);
});

t.test("without models the process stays up and answers are insufficient", async (t) => {
  const bare = await startInference({
    socket: join(folder, "bare.sock"),
    modelsDirectory: join(folder, "none"),
    log: silentLog(),
  });
  const channel = await connectChannel({ path: join(folder, "bare.sock"), incoming: inferenceReport });
  const came: InferenceReport[] = [];
  const analysed = new Promise<Of<"analysed">>((resolve) => {
    channel.onMessage((report) => {
      came.push(report);
      if (report.report === "analysed") resolve(report);
    });
  });
  for (const request of [open, begin]) channel.send(request);
  for (const segment of segments) channel.send({ do: "segment", segment });
  channel.send(end);
  const { observations, score } = await analysed;
  t.ok(came.some((one) => one.report === "fault" && one.fault === "model.missing" && one.part === "recogniser"));
  t.same(observations?.faults, ["model.missing"]);
  t.equal(score.insufficient, true);
  await bare.close();
});

t.test("looks at live pictures and says how the face stands", async (t) => {
  const picture = await run("ffmpeg", [
    "-v",
    "error",
    "-i",
    join(projectRoot, "test", "fixtures", "face", "astronaut.jpg"),
    "-vf",
    "scale=640:480",
    "-f",
    "rawvideo",
    "-pix_fmt",
    "rgb24",
    "pipe:1",
  ]);
  const path = join(folder, "pictures.sock");
  const camera = createServer((reader) => {
    const stop = systemClock.every(200, () => {
      reader.write(
        `${JSON.stringify({ bytes: picture.length, width: 640, height: 480, atMonotonic: systemClock.monotonic() })}\n`,
      );
      reader.write(picture);
    });
    reader.on("error", () => reader.destroy());
    reader.once("close", stop);
  }).listen(path);
  await once(camera, "listening");
  const device = await agent();
  const start = systemClock.monotonic();
  device.ask({ do: "look", on: true, from: path, sessionStart: start });
  const { framing } = await device.next("framing");
  t.equal(framing.faces, 1);
  t.not(framing.advice, "noFace");
  t.ok(framing.at >= 0 && framing.at <= systemClock.monotonic() - start);
  const again = await device.next("framing");
  t.ok(again.framing.at - framing.at < 3000, "the latest word is at most about two seconds old");
  device.ask({ do: "look", on: false });
  device.close();
  camera.close();
});
