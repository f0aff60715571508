import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import type { PinnedFile } from "./lock.ts";

export type FileState = "ok" | "missing" | "corrupt";

/** SHA-256 of a file as lower-case hexadecimal digits, streamed. */
export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  return hash.digest("hex");
}

/**
 * Checks files against their pinned hash, once a process for each file that does not change: the verdict is kept in
 * memory by path, size and time of change, never on disk.
 */
export class Hashes {
  readonly #known = new Map<string, { stamp: string; sha256: string }>();

  async of(path: string): Promise<string | undefined> {
    const found = await stat(path, { bigint: true }).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
      throw error;
    });
    if (found === undefined || !found.isFile()) return undefined;
    const stamp = `${found.ino}:${found.size}:${found.mtimeNs}`;
    const known = this.#known.get(path);
    if (known?.stamp === stamp) return known.sha256;
    const sha256 = await sha256OfFile(path);
    this.#known.set(path, { stamp, sha256 });
    return sha256;
  }

  async check(path: string, pinned: Pick<PinnedFile, "sha256">): Promise<FileState> {
    const sha256 = await this.of(path);
    if (sha256 === undefined) return "missing";
    return sha256 === pinned.sha256 ? "ok" : "corrupt";
  }
}
