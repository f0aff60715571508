import { readdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import t from "tap";
import { prepareZXingModule, writeBarcode } from "zxing-wasm/writer";
import { livePicture, type Segment } from "../../contracts/capture.ts";
import { seconds } from "../../contracts/units.ts";
import { decodeSound } from "../../drivers/emulator/sound.ts";
import { connectChannel } from "../../runtime/channel.ts";
import { systemClock } from "../../runtime/clock.ts";
import { projectRoot } from "../../runtime/paths.ts";
import { run } from "../../runtime/subprocess.ts";
import { Rig, until } from "./capture-rig.ts";

const clock = systemClock;
const clip = join(projectRoot, "test/fixtures/speech/en-service2-weak.opus");
const session = { rig: undefined as Rig | undefined };
const rig = (): Rig => {
  if (session.rig === undefined) throw new Error("no rig");
  return session.rig;
};

t.beforeEach(async () => {
  session.rig = await Rig.open();
});
t.afterEach(async () => {
  await session.rig?.stop();
});

const gaps = (segments: readonly Segment[]): number[] =>
  segments
    .slice(1)
    .map((one, at) => one.offsetMillis - ((segments[at]?.offsetMillis ?? 0) + (segments[at]?.durationMillis ?? 0)));
const length = (segments: readonly Segment[]): number =>
  segments.reduce((sum, { durationMillis }) => sum + durationMillis, 0);
/** Every number and file name once, counting up. */
const numbered = (segments: readonly Segment[]): boolean =>
  segments.every(({ index }, at) => at === 0 || index > (segments[at - 1]?.index ?? -1));

async function nobodyHolds(device: "mic" | "camera"): Promise<true | undefined> {
  const { holders } = await rig().board.state();
  return holders[device] === 0 ? true : undefined;
}
async function dark(): Promise<true | undefined> {
  const { leds } = await rig().board.state();
  return leds["recording"] === false ? true : undefined;
}

t.test(
  "two processes record one answer gaplessly, sample for sample, and nothing readable touches the disk",
  async (t) => {
    const mic = await rig().watching("mic");
    const camera = await rig().watching("camera");
    await rig().board.show("face");
    t.equal((await rig().board.state()).leds["recording"], false, "the light is off while nothing is kept");
    const asked = clock.monotonic();
    for (const one of [mic, camera]) one.send(rig().record("answer-1"));
    const began = await mic.wait("recording");
    await camera.wait("recording");
    t.equal((await rig().board.state()).leds["recording-mic"], true);
    t.equal((await rig().board.state()).leds["recording-camera"], true);
    t.ok(Math.abs(began.atMillis - (asked - rig().sessionStart)) < 150, `sound begins when asked (${began.atMillis})`);
    await rig().board.play(clip);
    await clock.sleep(300);
    const stopAsked = clock.monotonic();
    for (const one of [mic, camera]) one.send({ do: "stop", answerId: "answer-1" });
    const stopped = await mic.wait("stopped");
    await camera.wait("stopped");
    t.equal((await rig().board.state()).leds["recording"], false, "the light is off again");
    const { segments } = mic;
    t.ok(numbered(segments) && numbered(camera.segments));
    t.ok(
      gaps(segments).every((gap) => Math.abs(gap) < 0.01),
      "sound has no gap",
    );
    t.ok(Math.abs(length(segments) - (stopAsked - asked)) < 150, `${length(segments)} ms of ${stopAsked - asked}`);
    t.equal(stopped.nextIndex, segments.length);

    const pcm = await rig().unsealed(segments);
    t.equal(pcm.length, Math.round(length(segments) * 32), "length of the sound is what the segments say");
    t.ok(
      holds(new Int16Array(pcm.buffer, pcm.byteOffset, pcm.length / 2), await decodeSound(clip)),
      "the clip is in it, whole, under the room's noise",
    );

    t.ok(camera.segments[0]?.initialisation);
    const pictures = camera.segments.filter(({ initialisation }) => !initialisation);
    t.ok(
      gaps(pictures).every((gap) => Math.abs(gap) < 1),
      "pictures have no gap",
    );
    t.ok(pictures.every(({ durationMillis }) => durationMillis <= 2000));
    const frames = await framesOf(await rig().unsealed(camera.segments));
    t.equal(frames, Math.round(length(pictures) / 100), "every frame can be decoded");
    t.ok(stopAsked - asked - length(pictures) < 800, `${length(pictures)} ms of pictures of ${stopAsked - asked}`);

    for (const name of await readdir(rig().media)) {
      t.match(name, /^(mic|camera)-\d{6}\.sealed$/);
      const bytes = await readFile(join(rig().media, name), "latin1");
      t.notMatch(
        bytes,
        /ftypiso|moov[\s\S]{4}mvhd|moof[\s\S]{4}mfhd|RIFF[\s\S]{4}WAVE/,
        `${name} shows no media header`,
      );
    }
  },
);

/** The clip stands somewhere in the sound with nothing but the room's noise (±18) added. */
function holds(sound: Int16Array, speech: Int16Array): boolean {
  const loud = speech.findIndex((sample) => Math.abs(sample) > 3000);
  for (let start = 0; start + speech.length <= sound.length; start++) {
    if (Math.abs((sound[start + loud] ?? 0) - (speech[loud] ?? 0)) > 18) continue;
    if (speech.every((sample, at) => Math.abs((sound[start + at] ?? 0) - sample) <= 18)) return true;
  }
  return false;
}

async function framesOf(mp4: Buffer): Promise<number> {
  const plain = ["-f", "rawvideo", "-pix_fmt", "gray", "-s", "16x16", "-fps_mode", "passthrough", "pipe:1"];
  return (await run("ffmpeg", ["-loglevel", "error", "-i", "pipe:0", ...plain], { input: mp4 })).length / 256;
}

t.test(
  "kill -9 of a capture process leaves no device held and no light lit, and the next one goes on with fresh numbers",
  async (t) => {
    const mic = await rig().watching("mic");
    mic.send(rig().record("answer-1"));
    await mic.wait("segment", ({ segment }) => segment.index === 1);
    const at = clock.monotonic();
    rig().kill("mic");
    await until("the device is let go", () => nobodyHolds("mic"), seconds(1));
    await until("the light is off", dark, seconds(1));
    t.comment(`let go within ${Math.round(clock.monotonic() - at)} ms`);
    const again = await rig().watching("mic");
    again.send(rig().record("answer-1", 1));
    const { segment } = await again.wait("segment");
    t.ok(segment.index >= 2, "a number that stands on the disk is not used again");
    t.ok(
      segment.offsetMillis > (mic.segments.at(-1)?.offsetMillis ?? 0) + 1000,
      "its place on the session's timeline is true",
    );
  },
);

t.test("an agent that dies stops the recording within a second, sealed and dark", async (t) => {
  const mic = await rig().watching("mic");
  mic.send(rig().record("answer-1"));
  await mic.wait("segment");
  await clock.sleep(300);
  mic.channel.close();
  await until("the light is off", dark, seconds(1));
  await until("the device is let go", () => nobodyHolds("mic"), seconds(1));
  const again = await rig().capture("mic");
  await again.wait("state", ({ state }) => state === "resting");
  const files = await readdir(rig().media);
  t.ok(files.length >= 2, "the second that was begun is kept too");
});

t.test("a capture process that is asked to end seals what it has and lets go of everything", async (t) => {
  const mic = await rig().watching("mic");
  mic.send(rig().record("answer-1"));
  await mic.wait("segment");
  await clock.sleep(300);
  await rig().end("mic");
  const stopped = await mic.wait("stopped", () => true, seconds(1));
  const part = mic.segments.at(-1);
  t.ok(part !== undefined && part.durationMillis < 1000, "the second that was begun is kept too");
  t.equal(stopped.nextIndex, (part?.index ?? 0) + 1);
  t.equal(await dark(), true);
  t.equal(await nobodyHolds("mic"), true);
});

t.test("the newest agent counts: an older one is dropped with its recording", async (t) => {
  const older = await rig().watching("mic");
  older.send(rig().record("answer-1"));
  await older.wait("recording");
  const newer = await rig().capture("mic");
  await older.channel.closed;
  await newer.wait("state", ({ state }) => state === "resting", seconds(1));
  t.equal(await dark(), true);
  newer.send(rig().record("answer-2"));
  const { segment } = await newer.wait("segment", (one) => one.segment.answerId === "answer-2");
  t.ok(segment.index > 0, "what was sealed of the older one's answer keeps its number");
});

t.test("an answer that nobody records here is told to have stopped, so that nobody waits", async (t) => {
  const mic = await rig().watching("mic");
  mic.send({ do: "stop", answerId: "answer-0" });
  t.equal((await mic.wait("stopped")).answerId, "answer-0");
});

t.test("a camera that goes away is told, leaves the sound gapless, and is taken up again with its gap", async (t) => {
  const mic = await rig().watching("mic");
  const camera = await rig().watching("camera");
  for (const one of [mic, camera]) one.send(rig().record("answer-1"));
  await camera.wait("segment", ({ segment }) => !segment.initialisation);
  await rig().board.vanish("camera");
  await camera.wait("state", ({ fault }) => fault === "camera.lost", seconds(1));
  await until(
    "the camera's light is off",
    async () => ((await rig().board.state()).leds["recording-camera"] ? undefined : true),
    seconds(1),
  );
  t.equal((await rig().board.state()).leds["recording"], true, "the sound is still recorded");
  await camera.wait("state", ({ fault }) => fault === "camera.missing");
  await clock.sleep(500);
  await rig().board.comeBack("camera");
  const gap = await camera.wait("gap");
  t.equal(gap.fault, "camera.lost");
  t.ok(gap.to - gap.from > 500, `gap of ${gap.to - gap.from} ms`);
  for (const one of [mic, camera]) one.send({ do: "stop", answerId: "answer-1" });
  await mic.wait("stopped");
  await camera.wait("stopped");
  t.ok(gaps(mic.segments).every((between) => Math.abs(between) < 0.01));
  t.equal(mic.all("gap").length, 0);
  const afterwards = camera.segments.filter(({ offsetMillis }) => offsetMillis >= gap.to);
  t.ok(afterwards[0]?.initialisation, "what follows the gap can be read by itself");
  t.ok((await framesOf(await rig().unsealed(afterwards))) > 0);
});

t.test("a microphone that stalls is told within three seconds and reopened", async (t) => {
  const mic = await rig().watching("mic");
  mic.send(rig().record("answer-1"));
  await mic.wait("segment");
  await rig().board.stall("mic");
  await mic.wait("state", ({ fault }) => fault === "mic.stalled", seconds(3));
  await rig().board.comeBack("mic");
  const gap = await mic.wait("gap");
  t.equal(gap.fault, "mic.stalled");
  t.ok(gap.to - gap.from >= 1900, `gap of ${gap.to - gap.from} ms`);
});

t.test("a second process that wants the microphone is told that it is busy", async (t) => {
  const mic = await rig().watching("mic");
  rig().spawn("other", [
    "capture",
    "mic",
    "--socket",
    join(rig().folder, "other.sock"),
    "--board",
    "emulated",
    "--board-options",
    JSON.stringify({ folder: rig().boardFolder }),
    "--bound",
  ]);
  const other = await rig().listener("other.sock");
  other.send({ do: "watch" });
  await other.wait("state", ({ fault }) => fault === "mic.busy");
  t.equal(mic.all("state").at(-1)?.state, "open");
});

t.test("a check-in code held before the camera is read once, and pictures flow to who watches", async (t) => {
  const text = `CANDOR1:${"eyJhbGciOiJFUzI1NiIsInR5cCI6ImNoZWNrSW4ifQ".repeat(9)}`;
  const file = join(rig().folder, "code.png");
  await writeFile(file, await code(text));
  const camera = await rig().watching("camera");
  await rig().board.show(file);
  const read = await camera.wait("code");
  t.equal(read.text, text);
  await clock.sleep(1500);
  t.equal(camera.all("code").length, 1, "the same code is not told again at once");
  const viewer = await connectChannel({ path: rig().pictures, incoming: livePicture });
  const seen: { at: number; brightest: number; bytes: number | undefined }[] = [];
  viewer.onMessage((about, bytes) =>
    seen.push({
      at: about.atMonotonic,
      bytes: bytes?.length,
      brightest: bytes?.reduce((most, value) => Math.max(most, value)) ?? 0,
    }),
  );
  await until("three pictures", () => (seen.length >= 3 ? true : undefined));
  viewer.close();
  t.ok(seen.every(({ bytes, brightest }) => bytes === 640 * 480 * 3 && brightest > 200));
  t.ok(Math.abs((seen[1]?.at ?? 0) - (seen[0]?.at ?? 0) - 500) < 200, "two a second");
});

async function code(text: string): Promise<Buffer> {
  const wasm = await readFile(createRequire(import.meta.url).resolve("zxing-wasm/writer/zxing_writer.wasm"));
  await prepareZXingModule({ overrides: { wasmBinary: new Uint8Array(wasm).buffer }, fireImmediately: true });
  const { image } = await writeBarcode(text, { format: "QRCode", ecLevel: "L", scale: 4 });
  if (image === null) throw new Error("no picture of the code");
  return Buffer.from(await image.arrayBuffer());
}
