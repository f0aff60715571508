import { readdir, readFile } from "node:fs/promises";
import { seconds } from "../../contracts/units.ts";
import { readIfThere } from "../../runtime/durable.ts";
import { eventually } from "./waiting.ts";

/** A process by number and start, so that a number taken again is not mistaken for it. */
export type Seen = { pid: number; parent: number; started: string; command: string };

/** Field numbers of /proc/pid/stat (proc(5)), counted after the command in brackets: state, ppid, …, starttime. */
const parentField = 1;
const startField = 19;

async function look(pid: number): Promise<Seen | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (fields[0] === "Z" || fields[0] === "X") return undefined;
    const command = (await readFile(`/proc/${pid}/cmdline`, "utf8")).replaceAll("\0", " ").trim();
    return { pid, parent: Number(fields[parentField]), started: fields[startField] ?? "", command };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT" || code === "ESRCH") return undefined;
    throw error;
  }
}

async function everyProcess(): Promise<Seen[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number);
  return (await Promise.all(pids.map(look))).filter((one) => one !== undefined);
}

/** `pid` and everything below it now. */
export async function family(pid: number): Promise<Seen[]> {
  const all = await everyProcess();
  const found = all.filter((one) => one.pid === pid);
  for (let at = 0; at < found.length; at++) found.push(...all.filter((one) => one.parent === found[at]?.pid));
  return found;
}

/** Those of `seen` that still run. */
export async function stillRunning(seen: readonly Seen[]): Promise<Seen[]> {
  const now = await Promise.all(seen.map((one) => look(one.pid)));
  return seen.filter((one, at) => now[at]?.started === one.started);
}

/** Resolves when all of them are gone; fails naming what is left after `limitSeconds`. */
export async function allGone(seen: readonly Seen[], limitSeconds: number): Promise<void> {
  let left: Seen[] = [];
  try {
    await eventually({ what: "the processes to go", limit: seconds(limitSeconds), pause: 25 }, async () => {
      left = await stillRunning(seen);
      return left.length === 0;
    });
  } catch (error) {
    throw new Error(
      `still running after ${limitSeconds} s: ${left.map((one) => `${one.pid} ${one.command.slice(0, 120)}`).join(" · ")}`,
      { cause: error },
    );
  }
}

export const isRunning = async (pid: number): Promise<boolean> => (await look(pid)) !== undefined;

/** Resident memory of a process in bytes (VmRSS of proc(5)); undefined when it is gone. */
export async function residentBytes(pid: number): Promise<number | undefined> {
  const status = await readIfThere(`/proc/${pid}/status`);
  const found = /VmRSS:\s+(\d+) kB/.exec(status ?? "")?.[1];
  return found === undefined ? undefined : Number(found) * 1024;
}
