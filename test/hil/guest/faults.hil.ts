import { execFile } from "node:child_process";
import { promisify } from "node:util";
import t from "tap";
import { boards } from "../../../boards/registry.ts";
import type { Segment } from "../../../contracts/capture.ts";
import { minutes, seconds } from "../../../contracts/units.ts";
import { openMount } from "../../../drivers/mount.ts";
import { systemClock as clock } from "../../../runtime/clock.ts";
import { silentLog } from "../../../runtime/log.ts";
import { type Listener, Rig, until } from "../../device/capture-rig.ts";
import { contact, isLit, playIntoMicrophone, plug, unplug } from "./hardware.ts";

/** What breaks in the field, on the kernel's own devices. Runs inside the bench's machine. */
const run = promisify(execFile);
const patience = minutes(2);
const context = { clock, log: silentLog() };
const { start } = boards.bench.mounts.buttons;

/** Milliseconds of the recording that no segment covers, between its first and its last. */
function holes(segments: readonly Segment[]): number {
  const sorted = [...segments]
    .filter(({ initialisation }) => !initialisation)
    .sort((a, b) => a.offsetMillis - b.offsetMillis);
  return sorted.slice(1).reduce((sum, one, at) => {
    const before = sorted[at];
    return before === undefined
      ? sum
      : sum + Math.max(0, one.offsetMillis - before.offsetMillis - before.durationMillis);
  }, 0);
}

/** Resolves when the stream is open once more than it was at `before`. */
const opened = (listener: Listener): number => listener.all("state").filter(({ state }) => state === "open").length;
const untilOpenAgain = (listener: Listener, before: number): Promise<unknown> =>
  until("the stream to be open again", () => (opened(listener) > before ? true : undefined), patience);

t.test("a camera that is unbound while it records is lost and comes back; the sound has no gap", async (t) => {
  await run("ln", ["-sfn", "/dev/video0", "/dev/candor-camera"]);
  const room = await playIntoMicrophone();
  const rig = await Rig.openOn("bench");
  const [camera, mic] = [await rig.watching("camera", patience), await rig.watching("mic", patience)];
  for (const listener of [camera, mic]) listener.send(rig.record("answer-1"));
  await camera.wait("segment", () => true, patience);
  await mic.wait("segment", () => true, patience);
  const before = opened(camera);
  await unplug("vivid");
  const lost = await camera.wait("state", ({ state }) => state === "degraded", patience);
  t.match(lost.fault, /^camera\.(lost|missing|stalled)$/);
  t.equal(await isLit("recording-camera"), false, "its light is dark");
  t.equal(await isLit("recording-mic"), true, "the sound's light stays");
  await plug("vivid");
  await untilOpenAgain(camera, before);
  await mic.wait("segment", ({ segment }) => segment.index >= 12, patience);
  for (const listener of [camera, mic]) listener.send({ do: "stop", answerId: "answer-1" });
  await mic.wait("stopped", () => true, patience);
  await camera.wait("stopped", () => true, patience);
  t.ok(holes(mic.segments) < 1, `${holes(mic.segments)} ms of sound are missing`);
  t.ok(camera.all("gap").length > 0, "the pictures' gap is told");
  await rig.stop();
  await room.stop();
  await run("ln", ["-sfn", "/dev/video9", "/dev/candor-camera"]);
});

t.test("a sound card that goes is told as lost, and heard again when it is back", async (t) => {
  const rig = await Rig.openOn("bench");
  const room = await playIntoMicrophone();
  const mic = await rig.watching("mic", patience);
  mic.send(rig.record("answer-1"));
  await mic.wait("segment", () => true, patience);
  const before = opened(mic);
  await room.stop();
  await unplug("microphone");
  const lost = await mic.wait("state", ({ state }) => state === "degraded", patience);
  t.match(lost.fault, /^mic\.(lost|missing|stalled)$/);
  await plug("microphone");
  const again = await playIntoMicrophone();
  await untilOpenAgain(mic, before);
  mic.send({ do: "stop", answerId: "answer-1" });
  await mic.wait("stopped", () => true, patience);
  t.ok(
    mic.all("gap").some(({ fault }) => fault.startsWith("mic.")),
    "the gap names its fault",
  );
  await rig.stop();
  await again.stop();
});

t.test(
  "without sysfs GPIO the character device serves, and a mount that insists on sysfs says what is missing",
  async (t) => {
    await run("mount", ["-t", "tmpfs", "none", "/sys/class/gpio"]);
    const button = await openMount("button", start, context);
    let pressed = 0;
    button.onPress(() => {
      pressed += 1;
    });
    await contact("start", true);
    await clock.sleep(seconds(1));
    await contact("start", false);
    await clock.sleep(seconds(1));
    t.equal(pressed, 1);
    button.close();
    const insisting = { ...start, options: { ...start.options, backend: "sysfs" } } as const;
    await t.rejects(openMount("button", insisting, context), { code: "button.missing" });
    await run("umount", ["/sys/class/gpio"]);
  },
);
