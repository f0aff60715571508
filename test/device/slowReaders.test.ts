import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import t from "tap";
import { type CaptureReport, type CaptureRequest, captureReport } from "../../contracts/capture.ts";
import { seconds } from "../../contracts/units.ts";
import { systemClock as clock } from "../../runtime/clock.ts";
import { parseJson } from "../../runtime/parse.ts";
import { run } from "../../runtime/subprocess.ts";
import { Rig, until } from "./capture-rig.ts";

t.setTimeout(seconds(60));

/** A bare socket, since a channel reads all the time and this is about one that does not. */
async function open(path: string): Promise<Socket> {
  const socket = connect(path);
  await once(socket, "connect");
  return socket;
}

/** An agent that can stop reading. */
async function openAgent(path: string) {
  const socket = await open(path);
  const reports: CaptureReport[] = [];
  let rest = "";
  socket.on("data", (chunk: Buffer) => {
    const lines = (rest + chunk.toString("utf8")).split("\n");
    rest = lines.pop() ?? "";
    reports.push(...lines.map((line) => parseJson(captureReport, line, { what: "a report" })));
  });
  return {
    socket,
    reports,
    send: (request: CaptureRequest) => void socket.write(`${JSON.stringify(request)}\n`),
    told: (kind: CaptureReport["report"]) =>
      until(kind, () => (reports.some(({ report }) => report === kind) ? true : undefined)),
  };
}

async function framesOf(mp4: Buffer): Promise<number> {
  const gray = ["-f", "rawvideo", "-pix_fmt", "gray", "-s", "16x16", "-fps_mode", "passthrough", "pipe:1"];
  return (await run("ffmpeg", ["-loglevel", "error", "-i", "pipe:0", ...gray], { input: mp4 })).length / 256;
}

t.test("a viewer and an agent that do not read for 5 s cost no recorded frame", async (t) => {
  const rig = await Rig.open();
  t.teardown(() => rig.stop());
  await rig.capture("camera");
  const agent = await openAgent(join(rig.folder, "camera.sock"));
  const viewer = await open(rig.pictures);
  // Ten pictures come: more than the socket's buffer holds and than may wait.
  viewer.pause();
  agent.send({ do: "watch" });
  agent.send(rig.record("answer-1"));
  await agent.told("recording");
  agent.socket.pause();
  await clock.sleep(seconds(5));
  agent.socket.resume();
  agent.send({ do: "stop", answerId: "answer-1" });
  await agent.told("stopped");
  const segments = agent.reports.flatMap((one) => (one.report === "segment" ? [one.segment] : []));
  const pictures = segments.filter(({ initialisation }) => !initialisation);
  const length = pictures.reduce((sum, { durationMillis }) => sum + durationMillis, 0);
  t.ok(length > 4500, `${length} ms are recorded`);
  t.equal(agent.reports.filter(({ report }) => report === "gap").length, 0);
  const ends = pictures.map(({ offsetMillis, durationMillis }) => offsetMillis + durationMillis);
  t.ok(
    pictures.slice(1).every(({ offsetMillis }, at) => Math.abs(offsetMillis - (ends[at] ?? 0)) < 1),
    "no gap between the segments",
  );
  t.equal(await framesOf(await rig.unsealed(segments)), Math.round(length / 100), "every frame can be decoded");
  let waited = 0;
  viewer.on("data", (chunk: Buffer) => {
    waited += chunk.length;
  });
  viewer.resume();
  await clock.sleep(300);
  t.ok(
    waited > 0 && waited < 6 * 640 * 480 * 3,
    `${waited} bytes of live pictures had waited, the others were dropped`,
  );
  viewer.destroy();
  agent.socket.destroy();
});
