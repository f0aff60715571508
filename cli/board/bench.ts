import { open, readFile, rm } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { Board, Picture, Profile } from "../../boards/board.ts";
import type { Measured, Speeds } from "../../boards/pick.ts";
import type { Language } from "../../contracts/language.ts";
import { type RecogniserName, recogniserLanguages } from "../../contracts/profile.ts";
import { openEngines } from "../../inference/equipment.ts";
import { transcribeFile } from "../../inference/transcribe.ts";
import type { Clock } from "../../runtime/clock.ts";
import { projectRoot } from "../../runtime/paths.ts";
import { run } from "../../runtime/subprocess.ts";

export type BenchOptions = {
  board: Board;
  languages: readonly Language[];
  /** Seconds of picture that are encoded at each size. */
  seconds: number;
  threads: number;
  modelsDirectory?: string;
  stateDirectory: string;
  clock: Clock;
  tell: (line: string) => void;
};

/** What was measured; memory in MB, disk in milliseconds. */
export type BenchFigures = Measured & {
  cores: number;
  memory: { total: number; available: number };
  diskSync: { p50: number; p99: number };
};

const clips: Record<Language, readonly string[]> = {
  "zh-CN": ["zh-service2-medium", "zh-backend-weak"],
  en: ["en-service-medium", "en-backend-weak"],
};
const syncs = 100;

async function timed(clock: Clock, work: () => Promise<unknown>): Promise<number> {
  const began = clock.monotonic();
  await work();
  return clock.monotonic() - began;
}

/** Work a second of sound: the whole analysis of an answer, voice activity included. */
async function speedOf(
  name: RecogniserName,
  { languages, modelsDirectory, threads, clock, tell }: BenchOptions,
): Promise<Speeds[RecogniserName]> {
  const where = modelsDirectory === undefined ? {} : { modelsDirectory };
  const engines = await openEngines({ which: ["voiceActivity", "recogniser"], recogniser: name, threads, ...where });
  const speeds: Partial<Record<Language, number>> = {};
  try {
    for (const engine of [engines.voiceActivity, engines.recogniser])
      if ("fault" in engine) {
        tell(`${name}: not measured: ${engine.fault.message}`);
        return undefined;
      }
    for (const language of languages.filter((one) => recogniserLanguages[name].includes(one))) {
      let [spent, heard] = [0, 0];
      for (const clip of clips[language]) {
        const file = join(projectRoot, "test", "fixtures", "speech", `${clip}.opus`);
        spent += await timed(clock, async () => {
          heard += (await transcribeFile(file, { language, engines })).durationMillis;
        });
      }
      speeds[language] = spent / heard;
      tell(`${name}, ${language}: ${speeds[language].toFixed(3)} s a second of speech`);
    }
  } finally {
    await engines.close();
  }
  return speeds;
}

/** The command that encodes `frames` pictures as fast as it can, with the encoder and settings that capture uses. */
function encoding(encoder: Profile["encoder"], picture: Picture, frames: number): [string, string[]] {
  const { width, height, framesPerSecond } = picture;
  if (encoder === "x264") {
    const source = `testsrc2=size=${width}x${height}:rate=${framesPerSecond},noise=alls=8:allf=t`;
    const x264 = "-c:v libx264 -preset ultrafast -tune zerolatency -threads 1 -pix_fmt yuv420p -sc_threshold 0";
    const quiet = ["-hide_banner", "-nostdin", "-v", "error"];
    return [
      "ffmpeg",
      [...quiet, "-f", "lavfi", "-i", source, "-frames:v", `${frames}`, ...x264.split(" "), "-f", "null", "-"],
    ];
  }
  const caps = `video/x-raw,width=${width},height=${height},framerate=${framesPerSecond}/1`;
  const elements = ["videotestsrc", `num-buffers=${frames}`, "!", caps, "!", "videoconvert", "!", encoder.gstreamer];
  return ["gst-launch-1.0", ["-q", ...elements, "!", "fakesink"]];
}

/** Starting the program is taken off: an encoder starts once an interview. */
async function encoderSpeeds({ board, seconds, clock, tell }: BenchOptions): Promise<Measured["encoder"]> {
  const measured: { picture: Picture; timesRealTime: number }[] = [];
  for (const picture of board.profile.pictures) {
    const take = (frames: number): Promise<number> =>
      timed(clock, () => run(...encoding(board.profile.encoder, picture, frames)));
    const start = await take(1);
    const spent = Math.max(1, (await take(seconds * picture.framesPerSecond)) - start);
    const timesRealTime = (seconds * 1000) / spent;
    measured.push({ picture, timesRealTime });
    tell(
      `encoder, ${picture.width}×${picture.height} at ${picture.framesPerSecond}: ${timesRealTime.toFixed(1)} times real time`,
    );
  }
  return measured;
}

/** Appends of 4 KB, each synced as the journal's are. The nearest-rank percentile. */
async function diskSync({ stateDirectory, clock, tell }: BenchOptions): Promise<BenchFigures["diskSync"]> {
  const path = join(stateDirectory, `.bench-${clock.id()}`);
  const file = await open(path, "w", 0o600);
  const taken: number[] = [];
  try {
    const block = Buffer.alloc(4096, 0x55);
    for (let at = 0; at < syncs; at++)
      taken.push(
        await timed(clock, async () => {
          await file.write(block);
          await file.datasync();
        }),
      );
  } finally {
    await file.close();
    await rm(path, { force: true });
  }
  taken.sort((a, b) => a - b);
  const rank = (share: number): number => taken[Math.ceil(taken.length * share) - 1] ?? Number.NaN;
  tell(`disk, write and sync of 4 KB: median ${rank(0.5).toFixed(1)} ms, p99 ${rank(0.99).toFixed(1)} ms`);
  return { p50: rank(0.5), p99: rank(0.99) };
}

async function memory(): Promise<BenchFigures["memory"]> {
  const text = await readFile("/proc/meminfo", "utf8");
  const of = (name: string): number =>
    Math.round((Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(text)?.[1] ?? Number.NaN) * 1024) / 1e6);
  return { total: of("MemTotal"), available: of("MemAvailable") };
}

/** Measures this machine, and nothing else: what was not measured here is not in the figures. */
export async function benchBoard(options: BenchOptions): Promise<BenchFigures> {
  const recognisers: Speeds = {};
  for (const name of options.board.profile.recognisers) {
    const speeds = await speedOf(name, options);
    if (speeds !== undefined) recognisers[name] = speeds;
  }
  return {
    recognisers,
    encoder: await encoderSpeeds(options),
    cores: availableParallelism(),
    memory: await memory(),
    diskSync: await diskSync(options),
  };
}
