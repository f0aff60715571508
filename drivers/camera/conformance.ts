import type { Test } from "tap";
import { type SourceBench, sourceConformance } from "../capture/conformance.ts";

const size = { width: 64, height: 48 };
const picture = ["-s", `${size.width}x${size.height}`, "-pix_fmt", "gray", "-fps_mode", "passthrough"];
const plain = ["-map", "0:v", ...picture, "-threads", "1", "-f", "rawvideo", "-flush_packets", "1", "pipe:1"];

/** Every camera passes this; `framesPerSecond` is what it was opened for. */
export function cameraConformance(t: Test, framesPerSecond: number, newBench: () => Promise<SourceBench>): void {
  sourceConformance(
    t,
    { stream: "camera", plain, bytesPerSecond: size.width * size.height * framesPerSecond },
    newBench,
  );
}
