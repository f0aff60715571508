import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { CaptureReport, Stream } from "../../contracts/capture.ts";
import { Fault } from "../../contracts/fault.ts";
import { type Millis, seconds } from "../../contracts/units.ts";
import { runEncoder } from "../../drivers/capture/encoder.ts";
import type { Input } from "../../drivers/capture/input.ts";
import { PictureInput } from "../../drivers/capture/pictures.ts";
import { Recording } from "../../drivers/capture/recording.ts";
import { SoundInput } from "../../drivers/capture/sound.ts";
import type { CameraSource, MicSource, Source } from "../../drivers/port.ts";
import { systemClock as clock } from "../../runtime/clock.ts";
import { silentLog } from "../../runtime/log.ts";
import { newDataKey, toBase64url } from "../../runtime/seal.ts";
import { spawnBound, stopProcess } from "../../runtime/subprocess.ts";
import { family } from "../device/processes.ts";
import { type SystemRow, systemLine } from "./system.ts";

const length: Millis = seconds(20);
/** Until all is open and the first key frames are there. */
const settling: Millis = seconds(3);

const blame = (): Fault => new Fault("camera.lost", "the test picture ended");
const picture = { width: 1280, height: 720, framesPerSecond: 15 };
const camera: CameraSource = {
  ...picture,
  input: ["-re", "-f", "lavfi", "-i", "testsrc2=size=1280x720:rate=15"],
  blame,
};
const mic: MicSource = {
  sampleRate: 16_000,
  input: ["-re", "-f", "lavfi", "-i", "anoisesrc=amplitude=0.05:sample_rate=16000:seed=1"],
  blame,
};

/** Clock ticks a second of /proc's times: USER_HZ, the same on all boards (proc(5)). */
const ticksPerSecond = 100;

/** Seconds of processor that a process has taken so far. */
async function processorSeconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  // utime and stime are fields 14 and 15; the name, field 2, may hold blanks.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

async function shareOfOneCore(pids: readonly number[]): Promise<number> {
  const spent = async (): Promise<number> => {
    const each = await Promise.all(pids.map(processorSeconds));
    return each.reduce((sum, one) => sum + one, 0);
  };
  const [began, before] = [clock.monotonic(), await spent()];
  await clock.sleep(length);
  return (100 * ((await spent()) - before) * 1000) / (clock.monotonic() - began);
}

/** Records a stream, sealed, as a capture process does, until the signal. */
async function record(stream: Stream, input: Input, { folder, signal }: { folder: string; signal: AbortSignal }) {
  const asked = clock.monotonic();
  const key = toBase64url(newDataKey());
  const about = { sessionId: "bench", answerId: "bench", folder, key, sessionStart: asked, nextIndex: 0 };
  const nothing = (): void => undefined;
  const recording = new Recording({
    ...{ stream, index: 0, asked, request: { do: "record", ...about } },
    ...{ report: nothing, onBegin: nothing, onStorage: nothing },
  });
  input.keep(recording);
  await runEncoder(await input.open(), { stream, clock, signal, onFirst: nothing });
  input.keep(undefined);
  await recording.finish(clock.monotonic());
}

/** This process and its ffmpegs: what the capture processes of camera and microphone do, without their sockets. */
async function captured(folder: string): Promise<number> {
  const ending = new AbortController();
  const { signal } = ending;
  const report = (_: CaptureReport): void => undefined;
  const pictures = new PictureInput(async () => camera, {
    clock,
    report,
    log: silentLog(),
    onPicture: () => undefined,
  });
  const sound = new SoundInput(async () => mic, { clock, report });
  const running = [record("camera", pictures, { folder, signal }), record("mic", sound, { folder, signal })];
  await clock.sleep(settling);
  const share = await shareOfOneCore((await family(process.pid)).map(({ pid }) => pid));
  ending.abort();
  await Promise.all(running);
  return share;
}

const h264 = "-c:v libx264 -preset ultrafast -tune zerolatency -threads 1 -pix_fmt yuv420p -sc_threshold 0 -g 7";

/** ffmpeg alone, which makes and encodes the same and throws it away. */
async function bare(): Promise<number> {
  const start = ({ input }: Source, how: string) => {
    const args = ["-nostdin", "-v", "error", ...input, ...how.split(" "), "pipe:1"];
    return spawnBound("ffmpeg", args, { stdio: "ignore" });
  };
  const running = [start(camera, `${h264} -f mp4 -movflags frag_every_frame+empty_moov`), start(mic, "-f s16le")];
  await clock.sleep(settling);
  const share = await shareOfOneCore(running.map(({ pid }) => pid ?? 0));
  for (const one of running) await stopProcess(one, clock, { signal: "SIGKILL" });
  return share;
}

/** What recording costs of one core, beside ffmpeg's part of it. About 50 s. */
export async function captureBench(): Promise<SystemRow[]> {
  const folder = await mkdtemp(join(tmpdir(), "candor-bench-"));
  try {
    const peer = await bare();
    const measured = await captured(folder);
    return [{ name: "capture, 1280×720 at 15 and sound, of one core", measured, peer, limit: 25, unit: "%" }];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const rows = await captureBench();
  process.stdout.write(`${rows.map(systemLine).join("\n")}\n`);
  process.exitCode = rows.every(({ limit, measured }) => limit === null || measured <= limit) ? 0 : 1;
}
