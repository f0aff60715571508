import { type FileHandle, mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { Fault } from "../contracts/fault.ts";

/** Disk errors as faults: a full disk is retryable, all else is not ours to guess. */
function storageFault(error: unknown, path: string): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === "ENOSPC" || code === "EDQUOT")
    return new Fault("storage.full", `no space left in ${dirname(path)}: free some, nothing was overwritten`, {
      cause: error,
    });
  return error;
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Puts `data` at `path` so that after a pulled plug either the old or the new content stands there whole:
 * next-file, fsync, rename, fsync of the folder. The folder is made (0700) when missing; the file is 0600.
 */
export async function writeDurably(path: string, data: string | Uint8Array): Promise<void> {
  const folder = dirname(path);
  const next = join(folder, `.${basename(path)}.next`);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const handle = await open(next, "w", 0o600);
    try {
      await handle.writeFile(data);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(next, path);
    await syncFolder(folder);
  } catch (error) {
    throw storageFault(error, path);
  }
}

/** Takes the file away so that it stays away after a pulled plug. Missing is fine. */
export async function removeDurably(path: string): Promise<void> {
  await rm(path, { force: true, recursive: true });
  await syncFolder(dirname(path)).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
  });
}

/** The file's text, or undefined where there is none. */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** The names in a folder; none where there is no folder. */
export async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

/**
 * Moves a file or folder within one file system so that after a pulled plug it stands in one of both places. Nothing
 * happens where there is nothing to move.
 */
export async function moveDurably(from: string, to: string): Promise<void> {
  try {
    await mkdir(dirname(to), { recursive: true, mode: 0o700 });
    await rename(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return;
  }
  await Promise.all([syncFolder(dirname(from)), syncFolder(dirname(to))]);
}

/**
 * A file of lines that only grows. Each `append` is on the disk whole when it resolves; when it rejects (a full disk)
 * nothing of the line counts, and it may be tried again.
 */
export class DurableLog {
  readonly #handle: FileHandle;
  readonly #path: string;
  /** Bytes of whole lines; what lies behind them was cut short. */
  #length: number;
  #torn = false;
  #tail: Promise<unknown> = Promise.resolve();

  private constructor(path: string, handle: FileHandle, length: number) {
    this.#path = path;
    this.#handle = handle;
    this.#length = length;
  }

  /**
   * Opens or begins the log and hands back the lines that stand in it. A last line without its newline was cut by a
   * pulled plug before anyone relied on it: it is cut off.
   */
  static async open(path: string): Promise<{ log: DurableLog; lines: string[] }> {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const handle = await open(path, "a+", 0o600);
    const text = await handle.readFile("utf8");
    const whole = text.slice(0, text.lastIndexOf("\n") + 1);
    const length = Buffer.byteLength(whole);
    if (whole.length !== text.length) {
      await handle.truncate(length);
      await handle.sync();
    }
    await syncFolder(dirname(path));
    return { log: new DurableLog(path, handle, length), lines: whole.split("\n").filter((line) => line !== "") };
  }

  async append(line: string): Promise<void> {
    const work = this.#tail.then(() => this.#append(Buffer.from(`${line}\n`)));
    this.#tail = work.catch(() => undefined);
    await work;
  }

  async #append(bytes: Buffer): Promise<void> {
    try {
      // A line behind a torn one would be glued to it, and neither could be read again.
      if (this.#torn) await this.#handle.truncate(this.#length);
      this.#torn = true;
      await this.#handle.appendFile(bytes);
      await this.#handle.datasync();
      this.#torn = false;
      this.#length += bytes.length;
    } catch (error) {
      throw storageFault(error, this.#path);
    }
  }

  async close(): Promise<void> {
    await this.#tail;
    if (this.#torn) await this.#handle.truncate(this.#length);
    await this.#handle.close();
  }
}
