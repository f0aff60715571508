import { once } from "node:events";
import { access, constants } from "node:fs/promises";
import { resolve } from "node:path";
import { Fault } from "../contracts/fault.ts";
import type { Language } from "../contracts/language.ts";
import type { AnswerObservations } from "../contracts/observation.ts";
import { sampleRate } from "../contracts/ports.ts";
import type { Millis } from "../contracts/units.ts";
import { spawnBound } from "../runtime/subprocess.ts";
import { createAnalysis, type SoundEngines } from "./analysis.ts";
import { openEngines } from "./equipment.ts";
import { fromS16le } from "./samples.ts";

export { type Engines, openEngines } from "./equipment.ts";

export type TranscribeOptions = {
  language: Language | "auto";
  modelsDirectory?: string;
  /** Threads of the recogniser; default 2. */
  threads?: number;
  /** Engines that are open already; they stay open. Default: opened for this file and closed after it. */
  engines?: SoundEngines;
};

/** `file:` keeps a name with a colon or a dash from being read as a protocol or an option. */
const decodeArguments = (path: string): string[] => [
  ...["-nostdin", "-v", "error", "-i", `file:${path}`],
  ...["-map", "0:a:0", "-ac", "1", "-ar", String(sampleRate), "-f", "s16le", "pipe:1"],
];

/**
 * The sound of a file in any format ffmpeg reads, as 16 kHz mono samples, piece by piece.
 * @throws Fault file.missing, media.unreadable (no sound in it, or broken), process.missing (no ffmpeg)
 */
export async function* decodeSound(path: string): AsyncGenerator<Float32Array> {
  const absolute = resolve(path);
  await access(absolute, constants.R_OK).catch((error: unknown) => {
    throw new Fault("file.missing", `${path} is not there or may not be read`, { cause: error });
  });
  const decoder = spawnBound("ffmpeg", decodeArguments(absolute), { stdio: ["ignore", "pipe", "pipe"] });
  const { stdout, stderr } = decoder;
  if (stdout === null || stderr === null)
    throw new Fault("process.missing", "ffmpeg could not be run: is it installed?");
  let complaint = "";
  stderr.on("data", (chunk: Buffer) => {
    complaint = (complaint + chunk.toString("utf8")).slice(-1000);
  });
  const ended = once(decoder, "close").catch((error: unknown) => {
    throw new Fault("process.missing", "ffmpeg could not be run: is it installed?", { cause: error });
  });
  try {
    let odd: Buffer = Buffer.alloc(0);
    for await (const chunk of stdout as AsyncIterable<Buffer>) {
      const bytes = odd.length === 0 ? chunk : Buffer.concat([odd, chunk]);
      const whole = bytes.length & ~1;
      odd = bytes.subarray(whole);
      if (whole > 0) yield fromS16le(bytes.subarray(0, whole));
    }
    const [code] = (await ended) as [number | null];
    if (code === 127) throw new Fault("process.missing", "ffmpeg is not installed", { cause: complaint });
    if (code !== 0)
      throw new Fault("media.unreadable", `${path} holds no sound that ffmpeg can read`, { cause: complaint.trim() });
  } finally {
    decoder.kill("SIGKILL");
  }
}

/**
 * Hears a file as one answer that begins at 0.
 * @throws Fault file.missing, media.unreadable, process.missing. A model that could not be had stands in the observations' `faults`.
 */
export async function transcribeFile(
  path: string,
  options: TranscribeOptions,
): Promise<{ observations: AnswerObservations; durationMillis: Millis }> {
  const sound = decodeSound(path);
  const first = await sound.next();
  const { modelsDirectory, threads, language } = options;
  const own =
    options.engines === undefined
      ? await openEngines({
          which: ["voiceActivity", "recogniser"],
          ...(modelsDirectory === undefined ? {} : { modelsDirectory }),
          ...(threads === undefined ? {} : { threads }),
        })
      : undefined;
  try {
    const engines = options.engines ?? (own as SoundEngines);
    const analysis = createAnalysis({ engines, language, offsetMillis: 0, stillness: "silence" });
    let samples = 0;
    for (let next = first; next.done !== true; next = await sound.next()) {
      samples += next.value.length;
      await analysis.push(next.value);
    }
    return { observations: await analysis.finish(), durationMillis: Math.round((samples / sampleRate) * 1000) };
  } finally {
    await sound.return(undefined);
    await own?.close();
  }
}
