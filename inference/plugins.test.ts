import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import type { InferenceReport } from "../contracts/inference.ts";
import { plugins } from "../contracts/plugins.ts";
import { canonicalJson } from "../runtime/canonical.ts";
import { systemClock } from "../runtime/clock.ts";
import { silentLog } from "../runtime/log.ts";
import { camera, clip, connectAgent, face, modelsWith, type Peer, Recorded, twoFaces } from "../test/rigs/inference.ts";
import { createAnalysis, type KnownSignals } from "./analysis.ts";
import { openFaceReader, readingModels } from "./engines/faceReader.ts";
import { openEngines, openReader } from "./equipment.ts";
import { openModelStore } from "./models/store.ts";
import { fromS16le } from "./samples.ts";
import { Sightings } from "./sightings.ts";
import { allowedSignals } from "./signal.ts";
import * as signals from "./signals/registry.ts";
import { startInference } from "./worker.ts";

const vga = { width: 640, height: 480 };
const folder = await mkdtemp(join(tmpdir(), "candor-plugins-"));
const models = await modelsWith(readingModels);
const socket = join(folder, "inference.sock");
const inference = await startInference({ socket, modelsDirectory: models.directory, log: silentLog() });
const one = await face("null", vga);
const two = await twoFaces(vga);
let shown = one;
const pictures = await camera(join(folder, "pictures.sock"), () => shown);
t.teardown(async () => {
  pictures.close();
  await inference.close();
  await models.remove();
  await rm(folder, { recursive: true, force: true });
});

const sound = await clip("en-service-strong.opus");

/** Waits for this many words on the framing that count so many faces: one at each change, else one in two seconds. */
async function looked(agent: Peer, faces: number, words: number): Promise<void> {
  let heard = 0;
  for (let at = 0; heard < words && at < 30; at++) if ((await agent.next("framing")).framing.faces === faces) heard++;
  if (heard < words) throw new Error(`${faces} faces were never seen ${words} times`);
}

/** One answer of a session under these plug-ins, looked at for a while, with another face in the middle of it. */
async function interviewed(agent: Peer, allowed: readonly string[], banned: readonly string[] = []) {
  const recorded = new Recorded(folder, `s-${systemClock.id().slice(0, 8)}`);
  const start = systemClock.monotonic() - 5000;
  const now = (): number => systemClock.monotonic() - start;
  agent.ask(recorded.open({ plugins: [...allowed], bannedSignals: [...banned], sessionStart: start }));
  agent.ask({ do: "look", on: true, from: join(folder, "pictures.sock"), sessionStart: start });
  if (!banned.includes("framing")) await agent.next("framing");
  const fromMillis = now();
  const answerId = "a1";
  agent.ask({
    do: "begin",
    answerId,
    questionId: "q1",
    fromMillis,
    asked: { atMillis: fromMillis - 900, by: "shown" },
  });
  for (const segment of await recorded.seal(sound, { answerId, offset: fromMillis }))
    agent.ask({ do: "segment", segment });
  if (banned.includes("framing")) await systemClock.sleep(500);
  else await looked(agent, 1, 5);
  const secondAt = now();
  shown = two;
  if (!banned.includes("framing")) await looked(agent, 2, 2);
  shown = one;
  const goneAt = now();
  if (!banned.includes("framing")) await looked(agent, 1, 1);
  agent.ask({ do: "end", answerId, toMillis: now() });
  const analysed = await agent.next("analysed");
  agent.ask({ do: "score", sessionId: recorded.sessionId, answers: [analysed.score] });
  const scored = await agent.next("scored");
  agent.ask({ do: "look", on: false }, { do: "close", sessionId: recorded.sessionId });
  return { analysed, scored, fromMillis, secondAt, goneAt };
}
/** All that is a score, without moments that no two runs share. */
const scores = ({
  analysed,
  scored,
}: {
  analysed: { score: unknown };
  scored: { score: unknown; canonical: string };
}) => [canonicalJson(analysed.score), canonicalJson(scored.score), scored.canonical].join("\n");

type Observations = NonNullable<Extract<InferenceReport, { report: "analysed" }>["observations"]>;
const observed = (found: Observations | null): Observations => {
  if (found === null) throw new Error("nothing was observed");
  return found;
};

t.test("scores are byte for byte the same with all plug-ins, with one, with none", { timeout: 240_000 }, async (t) => {
  const agent = await connectAgent(socket);
  await agent.next("ready");
  const none = await interviewed(agent, []);
  const all = await interviewed(agent, plugins);
  const single = await interviewed(agent, ["pitch"]);
  t.ok((none.scored.score.total ?? 0) > 0, `a total to compare: ${none.scored.canonical}`);
  t.equal(scores(all), scores(none));
  t.equal(scores(single), scores(none));
  t.strictSame(observed(none.analysed.observations).plugins, {});
  t.strictSame(Object.keys(observed(single.analysed.observations).plugins), ["pitch"]);

  const found = observed(all.analysed.observations);
  t.comment(JSON.stringify({ plugins: found.plugins, faces: found.severalFaces, latency: found.responseLatency }));
  t.strictSame(Object.keys(found.plugins).toSorted(), plugins.toSorted());
  const { pitch, expression, gaze, gesture, liveness } = found.plugins;
  t.ok(pitch && pitch.hertz.low >= 60 && pitch.hertz.low < pitch.hertz.median && pitch.hertz.median < pitch.hertz.high);
  t.ok(pitch && pitch.rangeSemitones > 1 && pitch.rangeDecibels > 1 && pitch.voicedMillis > 2000);
  t.ok(expression && (expression.shares["happy"] ?? 0) > 0.5, "she smiles");
  t.ok(gaze && gaze.towards > 0.9 && Math.abs(gaze.yaw) < 15, "and looks ahead");
  t.equal(gesture?.hands, 0, "her hands are not in the picture");
  t.ok(liveness && liveness.live >= 0 && liveness.pictures === gaze?.pictures);
  for (const id of readingModels) t.match(found.models[id], /^[0-9a-f]{64}$/, id);
  t.notOk(
    readingModels.some((id) => id in all.scored.score.models),
    "no plug-in stands among a score's models",
  );

  const several = found.severalFaces;
  t.ok(several && several.stretches.length > 0);
  // More than one where the machine was too busy to look for three seconds. Five pictures a second are shown, so that one
  // may be the last of those before.
  for (const { start, end, most } of several?.stretches ?? []) {
    t.equal(most, 2);
    t.ok(start >= all.secondAt - 250 && end >= start && end <= all.goneAt + 450, `${start} to ${end}`);
  }
  t.ok(observed(none.analysed.observations).severalFaces, "several faces are on by default");
  const latency = found.responseLatency;
  t.match(latency, { by: "shown", askedMillis: Math.round(all.fromMillis - 900) });
  t.ok(latency && latency.latencyMillis !== null && latency.latencyMillis >= 900 && latency.latencyMillis < 3000);
  t.same(found.fillers?.found.length, found.fillers?.count);
  agent.close();
});

t.test(
  "a plug-in that is banned as well is not computed, nor one of banned pictures",
  { timeout: 120_000 },
  async (t) => {
    const agent = await connectAgent(socket);
    const { analysed } = await interviewed(agent, ["pitch", "gaze"], ["pitch", "framing"]);
    t.strictSame(analysed.observations?.plugins, {});
    t.equal(analysed.observations?.severalFaces, null);
    agent.close();
  },
);

t.test("models that are missing leave the plug-in out and the interview as it is", { timeout: 120_000 }, async (t) => {
  const bare = await modelsWith([]);
  t.teardown(() => bare.remove());
  const path = join(folder, "bare.sock");
  const running = await startInference({ socket: path, modelsDirectory: bare.directory, log: silentLog() });
  const agent = await connectAgent(path);
  const { analysed } = await interviewed(agent, ["gaze"]);
  t.match(await agent.next("fault"), { fault: "model.missing", part: "faceReader" });
  t.equal(analysed.score.insufficient, false);
  t.strictSame(analysed.observations?.plugins, { gaze: null });
  t.strictSame(analysed.observations?.faults, [], "the answer has no fault of it");
  t.ok((analysed.observations?.severalFaces?.pictures ?? 0) > 4, "faces are still found");
  agent.close();
  await running.close();
  t.match(await openReader({ modelsDirectory: bare.directory, models: ["face-mesh"] }), {
    fault: { code: "model.missing" },
  });
});

t.test("gaze goes to the other side when the picture is mirrored, and the head's turn with it", async (t) => {
  const reader = await openFaceReader(await openModelStore({ directory: models.directory }), ["face-mesh"]);
  const mirrored = await face("hflip", vga);
  const [plain, turned] = [(await reader.read(one)).reading, (await reader.read(mirrored)).reading];
  t.ok(plain.gaze && turned.gaze && plain.head && turned.head);
  t.ok(Math.abs((plain.head?.yaw ?? 99) + (turned.head?.yaw ?? 99)) < 6, `${plain.head?.yaw} ${turned.head?.yaw}`);
  t.ok(
    Math.abs((plain.gaze?.right ?? 99) + (turned.gaze?.right ?? 99)) < 12,
    `${plain.gaze?.right} ${turned.gaze?.right}`,
  );
  t.equal(plain.expression, undefined, "nothing is read that was not asked for");
  t.equal(plain.wrists, undefined);
  await reader.close();
});

t.test("a plug-in that throws is left out, and the answer stands as without it", { timeout: 60_000 }, async (t) => {
  const engines = await openEngines({ which: ["voiceActivity", "recogniser"] });
  const fail = (): never => {
    throw new Error("a plug-in's own mistake");
  };
  const usual = allowedSignals(signals, { banned: [], plugins: ["pitch", "gaze"] });
  const failing: KnownSignals = {
    ...usual,
    load: (id) => {
      const signal = usual.load(id);
      if (id === "pitch") return { ...signal, compute: () => ({ add: fail, result: fail }) };
      return id === "gaze" ? { ...signal, compute: fail } : signal;
    },
  };
  const analyse = async (known?: KnownSignals) => {
    const analysis = createAnalysis({ engines, language: "en", offsetMillis: 0, ...(known && { signals: known }) });
    await analysis.push(fromS16le(sound.subarray(0, 6 * 32_000)));
    return analysis.finish();
  };
  const [plain, found] = [await analyse(), await analyse(failing)];
  t.ok((plain.transcript?.text ?? "").length > 20);
  t.strictSame(found, { ...plain, plugins: { pitch: null } });
  const sightings = new Sightings();
  sightings.add({ at: 1000, faces: [] }, {});
  t.strictSame(sightings.sumUp(failing, { from: 0, to: 2000 }).plugins, { gaze: null });
  await engines.close();
});
