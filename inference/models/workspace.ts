import { type FileHandle, mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Fault } from "../../contracts/fault.ts";

let opened = 0;

/** Whether a process of this machine still runs (signal 0 only asks; EPERM means it runs as somebody else). */
function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

async function sync(path: string): Promise<void> {
  const handle: FileHandle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Puts a finished file in its place so that a pulled plug leaves the old or the new one whole. Same file system. */
export async function settle(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true, mode: 0o755 });
  await sync(from);
  await rename(from, to);
  await sync(dirname(to));
}

/**
 * A folder of its own for one fetch, inside the store (so that finished files can be renamed out of it), named after
 * the process: two processes that fetch at once never write to the same file. What a killed process left is removed.
 */
export async function openWorkspace(directory: string): Promise<{ path: string; remove(): Promise<void> }> {
  const path = join(directory, `.work-${process.pid}-${opened++}`);
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    throw new Fault(
      "config.invalid",
      `the models directory ${directory} cannot be written: choose another with --directory or CANDOR_MODELS_DIR`,
      { cause: error },
    );
  }
  for (const name of await readdir(directory)) {
    const pid = /^\.work-(\d+)-\d+$/.exec(name)?.[1];
    if (pid !== undefined && !alive(Number(pid))) await rm(join(directory, name), { recursive: true, force: true });
  }
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/**
 * A partial download of this process, which goes on with what an earlier one left: a part that was given back
 * (`<file>.part`) or one whose process is gone (`<file>.part-<pid>-<n>`). The rename hands it to one process only.
 */
export async function adoptPartial(
  target: string,
): Promise<{ path: string; giveBack(): Promise<void>; moveTo(to: string): Promise<string> }> {
  const folder = dirname(target);
  const stem = `${target.slice(folder.length + 1)}.part`;
  const path = join(folder, `.${stem}-${process.pid}-${opened++}`);
  await mkdir(folder, { recursive: true, mode: 0o755 });
  for (const name of await readdir(folder)) {
    const owner = name.startsWith(`.${stem}-`) ? Number(name.slice(stem.length + 2).split("-")[0]) : undefined;
    const free = name === `.${stem}` || (owner !== undefined && !alive(owner));
    if (free && (await moved(join(folder, name), path))) break;
  }
  return {
    path,
    giveBack: async () => void (await moved(path, join(folder, `.${stem}`))),
    moveTo: async (to) => {
      await rename(path, to);
      return to;
    },
  };
}

async function moved(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}
