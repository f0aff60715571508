import { Fault } from "../../contracts/fault.ts";
import { run } from "../../runtime/subprocess.ts";
import { picture } from "./protocol.ts";

/** What stands before the camera is larger than its view, which sways over it: a live picture is never still. */
const margin = 16;
const scene = { width: picture.width + 2 * margin, height: picture.height + 2 * margin };
const sceneBytes = (scene.width * scene.height * 3) / 2;
const clipSeconds = 10;
/** Light grey wall behind what is held before the camera. */
const wall = "0xb4b4b0";

export type Fit = "contain" | "cover";

/** ffmpeg filter that brings a picture onto the scene. `contain` leaves a border as wide as a held sheet of paper has. */
function onScene(fit: Fit): string {
  const { width, height } = scene;
  if (fit === "cover")
    return `scale=${width}:${height}:force_original_aspect_ratio=increase,crop=${width}:${height},setsar=1`;
  const inside = `scale=${width - 96}:${height - 80}:force_original_aspect_ratio=decrease:flags=area`;
  return `${inside},pad=${width}:${height}:(ow-iw)/2:(oh-ih)/2:color=${wall},setsar=1`;
}

/** Sensor noise of ±2 on the brightness, the same in every run (xorshift32). */
function withNoise(frame: Buffer, seed: number): Buffer {
  const noisy = Buffer.from(frame);
  let state = seed;
  for (let at = 0; at < scene.width * scene.height; at++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    noisy[at] = Math.max(16, Math.min(235, (frame[at] ?? 0) + ((state >>> 0) % 5) - 2));
  }
  return noisy;
}

/** A few frames with different noise for a still picture; a clip's own frames, at most 10 s of them, to be looped. */
function frames(yuv: Buffer): Buffer[] {
  const count = Math.floor(yuv.length / sceneBytes);
  const cut = Array.from({ length: count }, (_, at) => yuv.subarray(at * sceneBytes, (at + 1) * sceneBytes));
  const still = cut[0];
  if (count !== 1 || still === undefined) return cut;
  return [0x2545f491, 0x6c078965, 0x5bd1e995, 0x1b873593].map((seed) => withNoise(still, seed));
}

async function decode(input: readonly string[], filter: string): Promise<Buffer[]> {
  const shape = ["-an", "-t", String(clipSeconds), "-r", String(picture.framesPerSecond), "-vf", filter];
  const plain = ["-pix_fmt", "yuv420p", "-f", "rawvideo", "pipe:1"];
  return frames(await run("ffmpeg", ["-hide_banner", "-nostdin", "-loglevel", "error", ...input, ...shape, ...plain]));
}

/** An empty room: a wall, darker towards the floor. */
export const emptyRoom = (): Promise<Buffer[]> =>
  decode(
    ["-f", "lavfi", "-i", `color=${wall}:size=${scene.width}x${scene.height}:rate=1:duration=1`],
    "trim=end_frame=1,vignette=angle=PI/6",
  );

/** A picture or clip file as frames of the scene. @throws Fault file.unreadable */
export async function decodeScene(file: string, fit: Fit): Promise<Buffer[]> {
  let decoded: Buffer[];
  try {
    decoded = await decode(["-i", file], onScene(fit));
  } catch (error) {
    throw new Fault("file.unreadable", "the picture cannot be read: is the path right, and a picture or clip there?", {
      cause: error,
    });
  }
  if (decoded.length === 0) throw new Fault("file.unreadable", "the file holds no picture");
  return decoded;
}

/** One plane of the view at (left, top) of the scene's plane. */
function copyPlane(
  from: Buffer,
  to: Buffer,
  plane: { from: number; to: number; scale: number; left: number; top: number },
): void {
  const width = picture.width / plane.scale;
  const stride = scene.width / plane.scale;
  for (let row = 0; row < picture.height / plane.scale; row++) {
    const start = plane.from + (plane.top / plane.scale + row) * stride + plane.left / plane.scale;
    from.copy(to, plane.to + row * width, start, start + width);
  }
}

/** Frame number `count` of the camera: the view sways by some pixels in four and seven seconds. yuv420p, 640×480. */
export function viewOf(shown: readonly Buffer[], count: number): Buffer {
  const seconds = count / picture.framesPerSecond;
  const left = margin + 2 * Math.round(3 * Math.sin((2 * Math.PI * seconds) / 4));
  const top = margin + 2 * Math.round(2 * Math.sin((2 * Math.PI * seconds) / 7));
  const view = Buffer.allocUnsafe((picture.width * picture.height * 3) / 2);
  const from = shown[count % shown.length];
  if (from === undefined) throw new Fault("internal", "the emulated camera has nothing to show");
  const sceneLuma = scene.width * scene.height;
  const luma = picture.width * picture.height;
  copyPlane(from, view, { from: 0, to: 0, scale: 1, left, top });
  copyPlane(from, view, { from: sceneLuma, to: luma, scale: 2, left, top });
  copyPlane(from, view, { from: sceneLuma * 1.25, to: luma * 1.25, scale: 2, left, top });
  return view;
}
