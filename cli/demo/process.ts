import type { ChildProcess } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { Fault } from "../../contracts/fault.ts";
import { type Millis, millis, seconds } from "../../contracts/units.ts";
import { type Clock, deadline } from "../../runtime/clock.ts";
import { spawnBound, stopProcess } from "../../runtime/subprocess.ts";

/** How one process of the stack is started, and when it is ready for others. */
export type ProcessPlan = {
  name: string;
  program: string;
  args: readonly string[];
  env: NodeJS.ProcessEnv;
  /** Its stdout and stderr, appended over restarts. */
  logFile: string;
  /** Called before the start: takes away what an earlier start left behind. */
  prepare?: () => Promise<void>;
  /** True once it serves. */
  ready: (pid: number) => Promise<boolean>;
};

const readyLimit = seconds(30);
const readyPoll = millis(50);

/** A process that dies with this one, may be killed, paused and started again, and writes a log. */
export class DemoProcess {
  readonly plan: ProcessPlan;
  readonly #clock: Clock;
  #child: ChildProcess | undefined;

  constructor(plan: ProcessPlan, clock: Clock) {
    this.plan = plan;
    this.#clock = clock;
  }

  get pid(): number | undefined {
    return this.running ? this.#child?.pid : undefined;
  }

  get running(): boolean {
    const child = this.#child;
    return child?.pid !== undefined && child.exitCode === null && child.signalCode === null;
  }

  /** Starts it and waits until it serves. @throws Fault process.exited, process.stuck; both name the log */
  async start(env: NodeJS.ProcessEnv = {}): Promise<void> {
    if (this.running) return;
    const { name, program, args, logFile, prepare } = this.plan;
    await prepare?.();
    mkdirSync(dirname(logFile), { recursive: true });
    const log = openSync(logFile, "a", 0o600);
    this.#child = spawnBound(program, args, { stdio: ["ignore", log, log], env: { ...this.plan.env, ...env } });
    closeSync(log);
    const late = (): Fault =>
      new Fault("process.stuck", `${name} is not ready after ${readyLimit / 1000} s: see ${logFile}`);
    await deadline(readyLimit, late, (signal) => this.#untilReady(signal));
  }

  async #untilReady(signal: AbortSignal): Promise<void> {
    const { name, logFile, ready } = this.plan;
    const pid = this.#child?.pid;
    while (!signal.aborted) {
      if (pid === undefined || !this.running)
        throw new Fault("process.exited", `${name} ended before it was ready: ${lastWords(logFile)} (${logFile})`);
      if (await ready(pid)) return;
      await this.#clock.sleep(readyPoll, signal);
    }
  }

  /** Asks it to end and waits. */
  async stop(grace: Millis = seconds(5)): Promise<void> {
    if (this.#child !== undefined) await stopProcess(this.#child, this.#clock, { grace });
  }

  /** As if the power of this one process were cut. */
  async kill(): Promise<void> {
    if (this.#child !== undefined) await stopProcess(this.#child, this.#clock, { signal: "SIGKILL" });
  }

  /** Holds it still (SIGSTOP) until `resume`. */
  pause(): void {
    this.#child?.kill("SIGSTOP");
  }

  resume(): void {
    this.#child?.kill("SIGCONT");
  }
}

/** What a process said about its end: its own sentence where there is one. */
function lastWords(logFile: string): string {
  const lines = readFileSync(logFile, "utf8").trim().split("\n");
  const sentence = lines.findLastIndex((line) => line.startsWith("candor: "));
  return (sentence < 0 ? lines.slice(-3) : lines.slice(sentence, sentence + 2)).join(" · ");
}
