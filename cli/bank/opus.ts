import { Fault } from "../../contracts/fault.ts";
import type { Speech } from "../../contracts/ports.ts";
import { run } from "../../runtime/subprocess.ts";

/** Speech is clear at this; a prompt of eight seconds then takes about 16 kB. */
const bitRate = "16k";
/** Longer than any question is read: a recording of this length is not one of a question. */
const longestSeconds = 180;

/** Bit-exact, so that the same sound gives the same file: no serial number drawn by chance, no version of the encoder. */
const shape = [
  ...["-vn", "-ac", "1", "-ar", "24000", "-c:a", "libopus", "-b:a", bitRate, "-application", "voip"],
  ...["-map_metadata", "-1", "-fflags", "+bitexact", "-flags", "+bitexact", "-f", "ogg", "pipe:1"],
];
const quiet = ["-hide_banner", "-nostdin", "-v", "error"];

/** Speech as Ogg Opus, mono. @throws Fault process.missing without ffmpeg */
export function opusOf({ pcm, sampleRate }: Speech): Promise<Buffer> {
  const input = Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength);
  return run("ffmpeg", [...quiet, "-f", "f32le", "-ar", String(sampleRate), "-ac", "1", "-i", "pipe:0", ...shape], {
    input,
  });
}

/** A recording in any format ffmpeg reads, as Ogg Opus, mono. @throws Fault media.unreadable, process.missing */
export async function opusOfFile(path: string): Promise<Buffer> {
  try {
    return await run("ffmpeg", [...quiet, "-t", String(longestSeconds), "-i", `file:${path}`, ...shape]);
  } catch (error) {
    if (!(error instanceof Fault) || error.code === "process.missing") throw error;
    throw new Fault("media.unreadable", `${path} is no sound that ffmpeg can read: record it again`, { cause: error });
  }
}

/** How long an Ogg file sounds: the position of its last page, in samples of 48 kHz (RFC 7845, 4). */
export function secondsOf(ogg: Uint8Array): number {
  const bytes = Buffer.from(ogg.buffer, ogg.byteOffset, ogg.byteLength);
  const page = bytes.lastIndexOf("OggS", undefined, "latin1");
  return page < 0 || page + 14 > bytes.length ? 0 : Number(bytes.readBigInt64LE(page + 6)) / 48_000;
}
