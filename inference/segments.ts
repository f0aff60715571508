import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Segment } from "../contracts/capture.ts";
import { Fault } from "../contracts/fault.ts";
import { openBytes } from "../runtime/seal.ts";
import { fromS16le } from "./samples.ts";

/** The samples of a sealed segment of sound. Throws file.missing, seal.unreadable. */
export async function readSegment(
  folder: string,
  sealed: { sessionId: string; key: Uint8Array; segment: Segment },
): Promise<Float32Array> {
  const { file } = sealed.segment;
  const bytes = await readFile(join(folder, file)).catch((error: unknown) => {
    throw new Fault("file.missing", `the segment ${file} cannot be read`, { cause: error });
  });
  return fromS16le(openBytes(sealed.key, bytes, `${sealed.sessionId}/${file}`));
}
