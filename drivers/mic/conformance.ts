import type { Test } from "tap";
import { type SourceBench, sourceConformance } from "../capture/conformance.ts";

const plain = ["-map", "0:a", "-ar", "16000", "-ac", "1", "-f", "s16le", "-flush_packets", "1", "pipe:1"];

/** Every microphone passes this. */
export function micConformance(t: Test, newBench: () => Promise<SourceBench>): void {
  sourceConformance(t, { stream: "mic", plain, bytesPerSecond: 32_000 }, newBench);
}
