import type { Stream } from "../../contracts/capture.ts";
import { Fault } from "../../contracts/fault.ts";
import type { Millis } from "../../contracts/units.ts";
import { runEncoder } from "../../drivers/capture/encoder.ts";
import type { CameraSource, MicSource, Source } from "../../drivers/port.ts";
import type { Clock } from "../../runtime/clock.ts";
import type { Grey } from "./picture.ts";

type Wanted = { stream: Stream; outputs: readonly string[]; length: Millis };
type Taking = { clock: Clock; signal: AbortSignal };
/** What came, and how long it took from the first byte to the last. */
type Taken = { bytes: Buffer; elapsed: Millis };

/** Reads a source for `length` from its first byte on. @throws Fault of the source */
async function take(source: Source, { stream, outputs, length }: Wanted, { clock, signal }: Taking): Promise<Taken> {
  const ending = new AbortController();
  const chunks: Buffer[] = [];
  let [first, last] = [0, 0];
  const taker = (chunk: Buffer): void => {
    last = clock.monotonic();
    chunks.push(chunk);
    if (last - first >= length) ending.abort();
  };
  const onFirst = (): void => {
    first = clock.monotonic();
  };
  const both = AbortSignal.any([signal, ending.signal]);
  await runEncoder({ source, outputs, takers: [taker] }, { stream, clock, signal: both, onFirst });
  signal.throwIfAborted();
  return { bytes: Buffer.concat(chunks), elapsed: last - first };
}

/** The microphone's sound for `length`, as capture makes it: s16, 16 kHz, mono. */
export async function takeSound(source: MicSource, length: Millis, taking: Taking): Promise<Int16Array> {
  const filter = source.filter === undefined ? [] : ["-af", source.filter];
  const shape = ["-ar", "16000", "-ac", "1", "-f", "s16le", "-flush_packets", "1", "pipe:1"];
  const { bytes } = await take(
    source,
    { stream: "mic", outputs: ["-map", "0:a", ...filter, ...shape], length },
    taking,
  );
  return new Int16Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length - (bytes.length % 2)));
}

const columns = 320;

/** Grey pictures of 320 columns for `length`, and how many came a second. */
export async function takePictures(
  source: CameraSource,
  length: Millis,
  taking: Taking,
): Promise<{ last: Grey; perSecond: number }> {
  const height = 2 * Math.round((columns * source.height) / source.width / 2);
  const shape = ["-fps_mode", "passthrough", "-threads", "1", "-c:v", "rawvideo", "-pix_fmt", "gray"];
  const scale = ["-vf", `scale=${columns}:${height}:flags=area`];
  const outputs = ["-map", "0:v", ...scale, ...shape, "-f", "rawvideo", "-flush_packets", "1", "pipe:1"];
  const { bytes, elapsed } = await take(source, { stream: "camera", outputs, length }, taking);
  const size = columns * height;
  const count = Math.floor(bytes.length / size);
  if (count === 0) throw new Fault("camera.stalled", "no whole picture came from the camera");
  const luma = bytes.subarray((count - 1) * size, count * size);
  return { last: { width: columns, height, luma }, perSecond: ((count - 1) * 1000) / Math.max(1, elapsed) };
}

/** One picture in colour at its own size, for the face finder. */
export async function takePicture(
  source: CameraSource,
  taking: Taking,
): Promise<{ width: number; height: number; rgb: Uint8Array }> {
  const { width, height } = source;
  const outputs = ["-map", "0:v", "-c:v", "rawvideo", "-pix_fmt", "rgb24", "-f", "rawvideo", "pipe:1"];
  const { bytes } = await take(source, { stream: "camera", outputs, length: 500 }, taking);
  const size = width * height * 3;
  if (bytes.length < size) throw new Fault("camera.stalled", "no whole picture came from the camera");
  return { width, height, rgb: new Uint8Array(bytes.subarray(0, size)) };
}
