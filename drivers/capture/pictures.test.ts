import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import type { CaptureReport } from "../../contracts/capture.ts";
import { Fault } from "../../contracts/fault.ts";
import { type Millis, seconds } from "../../contracts/units.ts";
import { systemClock as clock } from "../../runtime/clock.ts";
import { silentLog } from "../../runtime/log.ts";
import { newDataKey, openBytes, toBase64url } from "../../runtime/seal.ts";
import { run } from "../../runtime/subprocess.ts";
import type { CameraSource } from "../port.ts";
import { runEncoder } from "./encoder.ts";
import { PictureInput } from "./pictures.ts";
import { Recording } from "./recording.ts";

const picture = { width: 320, height: 180, framesPerSecond: 10 };
const blame = (): Fault => new Fault("camera.lost", "it ended");
const testPicture = ["-re", "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=10"];
/** A board that encodes by itself, with a key frame each half second. */
const board = ["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-g", "5", "-keyint_min", "5"];
const encodedSource: CameraSource = {
  ...picture,
  encoded: "h264",
  feeder: { program: "ffmpeg", args: ["-v", "error", ...testPicture, ...board, "-f", "matroska", "pipe:1"] },
  input: ["-f", "matroska", "-i", "pipe:0"],
  blame,
};
/** A program whose pictures carry no time. */
const timelessSource: CameraSource = {
  ...picture,
  feeder: {
    program: "ffmpeg",
    args: ["-v", "error", ...testPicture, "-pix_fmt", "yuv420p", "-f", "rawvideo", "pipe:1"],
  },
  input: [
    ...["-use_wallclock_as_timestamps", "1", "-f", "rawvideo", "-pixel_format", "yuv420p"],
    ...["-video_size", "320x180", "-framerate", "10", "-i", "pipe:0"],
  ],
  blame,
};
const rawSource: CameraSource = { ...picture, input: testPicture, blame };

/** Records `length` of a camera; gives the unsealed MP4 and the live pictures that came meanwhile. */
async function record(source: CameraSource, length: Millis) {
  const folder = await mkdtemp(join(tmpdir(), "candor-pictures-"));
  const key = newDataKey();
  const reports: CaptureReport[] = [];
  const pictures: Buffer[] = [];
  const report = (one: CaptureReport): void => void reports.push(one);
  const onPicture = (rgb: Buffer): void => void pictures.push(rgb);
  const input = new PictureInput(async () => source, { clock, report, log: silentLog(), onPicture });
  const asked = clock.monotonic();
  const about = { sessionId: "session-1", answerId: "answer-1", folder, sessionStart: asked, nextIndex: 0 };
  const request = { do: "record" as const, ...about, key: toBase64url(key) };
  const nothing = (): void => undefined;
  const hooks = { report, onBegin: nothing, onStorage: nothing };
  const recording = new Recording({ stream: "camera", request, index: 0, asked, ...hooks });
  input.keep(recording);
  const ending = new AbortController();
  const { signal } = ending;
  const onFirst = (): void => void clock.sleep(length).then(() => ending.abort());
  await runEncoder(await input.open(), { stream: "camera", clock, signal, onFirst });
  input.keep(undefined);
  await recording.finish(clock.monotonic());
  const segments = reports.flatMap((one) => (one.report === "segment" ? [one.segment] : []));
  const bytes = segments.map(async ({ file }) =>
    openBytes(key, await readFile(join(folder, file)), `session-1/${file}`),
  );
  const mp4 = Buffer.concat(await Promise.all(bytes));
  await rm(folder, { recursive: true });
  return { segments, mp4, pictures };
}

async function framesOf(mp4: Buffer): Promise<number> {
  const gray = ["-f", "rawvideo", "-pix_fmt", "gray", "-s", "16x16", "-fps_mode", "passthrough", "pipe:1"];
  return (await run("ffmpeg", ["-v", "error", "-i", "pipe:0", ...gray], { input: mp4 })).length / 256;
}

/** Promises 30 pictures a second and gives 10, as USB cameras do in the dark. */
const dimSource: CameraSource = { ...rawSource, framesPerSecond: 30 };
const cameras = {
  "H.264 as it comes": encodedSource,
  "raw pictures": rawSource,
  "pictures that a program pipes": timelessSource,
  "fewer pictures than were promised": dimSource,
};
for (const [name, source] of Object.entries(cameras)) {
  t.test(`records ${name}, and shows two pictures a second meanwhile`, async (t) => {
    const { segments, mp4, pictures } = await record(source, seconds(4));
    const [head, ...rest] = segments;
    t.ok(head?.initialisation);
    const length = rest.reduce((sum, { durationMillis }) => sum + durationMillis, 0);
    // It was asked for before the camera was open: its first key frame, and one that came late, were taken in the dark.
    t.ok(length > 2000 && length < 5000, `${length} ms are recorded`);
    t.equal(await framesOf(mp4), Math.round(length / 100), "every frame can be decoded");
    t.ok(
      rest.every(({ durationMillis }) => durationMillis > 0 && durationMillis <= 1250),
      "segments of a second, cut at its key frames",
    );
    t.ok(pictures.length >= 6 && pictures.length <= 11, `${pictures.length} live pictures in 4 s`);
    t.ok(pictures.every((rgb) => rgb.length === 640 * 480 * 3 && new Set(rgb.subarray(0, 9000)).size > 2));
  });
}
