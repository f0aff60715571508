import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { Fault } from "../contracts/fault.ts";
import { type Millis, seconds } from "../contracts/units.ts";
import type { Clock } from "./clock.ts";

/** `deathSignal`: what the kernel sends the child when this process dies; TERM for one that has something to put in order first. */
export type BoundOptions = SpawnOptions & { deathSignal?: "KILL" | "TERM" };

/**
 * Starts a program that dies with this process, however this process dies: the kernel sends it SIGKILL, or what is asked
 * for (prctl PR_SET_PDEATHSIG, through util-linux setpriv), so that no orphan keeps a device.
 */
export function spawnBound(program: string, args: readonly string[], options: BoundOptions = {}): ChildProcess {
  const { deathSignal = "KILL", ...rest } = options;
  return spawn("setpriv", ["--pdeathsig", deathSignal, "--", program, ...args], rest);
}

/** Asks with `signal`, waits, and kills when it does not go. Resolves when it is gone. */
export async function stopProcess(
  child: ChildProcess,
  clock: Clock,
  options: { signal?: NodeJS.Signals; grace?: Millis } = {},
): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill(options.signal ?? "SIGTERM");
  const patience = new AbortController();
  const kill = clock.sleep(options.grace ?? seconds(3), patience.signal).then(
    () => child.kill("SIGKILL"),
    () => false,
  );
  await gone;
  patience.abort();
  await kill;
}

/** Runs a program to its end. Non-zero exit or a missing program is a fault that carries the end of its stderr. */
export async function run(
  program: string,
  args: readonly string[],
  options: { input?: Uint8Array | string; signal?: AbortSignal; cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<Buffer> {
  const child = spawnBound(program, args, {
    stdio: ["pipe", "pipe", "pipe"],
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.env === undefined ? {} : { env: options.env }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  const out: Buffer[] = [];
  let complaint = "";
  child.stdout?.on("data", (chunk: Buffer) => out.push(chunk));
  child.stderr?.on("data", (chunk: Buffer) => {
    complaint = (complaint + chunk.toString("utf8")).slice(-2000);
  });
  // A program may end before it has read its input; its exit code tells, not the broken pipe.
  child.stdin?.on("error", () => undefined);
  child.stdin?.end(options.input);
  let code: number | null;
  try {
    [code] = (await once(child, "close")) as [number | null];
  } catch (error) {
    throw new Fault("process.missing", `${program} could not be run: is it installed?`, { cause: error });
  }
  if (code === 127 && /setpriv/.test(complaint))
    throw new Fault("process.missing", `${program} is not installed`, { cause: complaint });
  if (code !== 0)
    throw new Fault(
      "process.exited",
      `${program} ended with ${code ?? "a signal"}: ${complaint.trim().split("\n").slice(-3).join(" · ")}`,
    );
  return Buffer.concat(out);
}
