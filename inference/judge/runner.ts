import { createInterface } from "node:readline";
import type { z } from "zod";
import { Fault } from "../../contracts/fault.ts";
import { type Millis, seconds } from "../../contracts/units.ts";
import { parseJson } from "../../runtime/parse.ts";
import { spawnBound, stopProcess } from "../../runtime/subprocess.ts";
import type { Around } from "./engine.ts";

export type RunnerOptions<T extends z.ZodType> = {
  program: string;
  args: readonly string[];
  /** Sent as one line. */
  request: object;
  /** Each line that it answers with. */
  reports: T;
  count: number;
  /** How long it may take to each report. */
  patience: Millis;
};

/** What a runner told, in order, and the end of what it complained of. `overdue`: it was killed for saying nothing. */
export type Told<R> = { reports: R[]; overdue: boolean; complaint: string };

/** Starts a runner, which dies with this process, and gathers its reports until it ends or one is overdue. */
export async function converse<T extends z.ZodType>(
  options: RunnerOptions<T>,
  { clock, signal }: Around,
): Promise<Told<z.output<T>>> {
  signal.throwIfAborted();
  const child = spawnBound(options.program, options.args, { stdio: ["pipe", "pipe", "pipe"], env: {}, cwd: "/" });
  const told = { overdue: false, complaint: "" };
  let heard = clock.monotonic();
  const stopWatch = clock.every(Math.min(seconds(0.1), options.patience), () => {
    if (told.overdue || clock.monotonic() - heard < options.patience) return;
    told.overdue = true;
    child.kill("SIGKILL");
  });
  const give = () => child.kill("SIGKILL");
  signal.addEventListener("abort", give);
  try {
    const { stdin, stdout, stderr } = child;
    if (stdin === null || stdout === null || stderr === null) throw new Fault("internal", "a runner without pipes");
    const ended = new Promise<void>((resolve, reject) => {
      child.once("close", () => resolve());
      child.once("error", (error) =>
        reject(new Fault("judge.unavailable", `${options.program} cannot be started`, { cause: error })),
      );
    });
    stderr.on("data", (chunk: Buffer) => {
      told.complaint = (told.complaint + chunk.toString("utf8")).slice(-2000);
    });
    // A runner may end before it has read its input; what it reports tells, not the broken pipe.
    stdin.on("error", () => undefined);
    stdin.end(`${JSON.stringify(options.request)}\n`);
    const lines: string[] = [];
    createInterface({ input: stdout }).on("line", (line) => {
      heard = clock.monotonic();
      if (lines.length < options.count) lines.push(line);
    });
    await ended;
    signal.throwIfAborted();
    const blame = { what: "a runner's report", otherwise: "judge.broken" } as const;
    return { ...told, reports: lines.map((line) => parseJson(options.reports, line, blame)) };
  } finally {
    stopWatch();
    signal.removeEventListener("abort", give);
    await stopProcess(child, clock, { signal: "SIGKILL" });
  }
}
