import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { Fault } from "../contracts/fault.ts";
import { type Millis, minutes, seconds } from "../contracts/units.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Log } from "../runtime/log.ts";
import type { Part } from "../runtime/parts.ts";
import { backOff, type RetryPolicy } from "../runtime/retry.ts";
import { spawnBound, stopProcess } from "../runtime/subprocess.ts";

/** Soon at first, so that a recording has a short gap; slowly when a part keeps falling. */
const restarts: RetryPolicy = {
  name: "restart",
  attempts: Number.POSITIVE_INFINITY,
  first: 50,
  factor: 2.5,
  most: seconds(30),
};
/** A part that has run this long is taken for healthy again. */
const healthyAfter: Millis = minutes(2);
const lookEvery = seconds(1);

export type ChildOptions = {
  name: string;
  args: readonly string[];
  /** What it gets when this process dies: TERM lets it seal what it has. */
  deathSignal: "KILL" | "TERM";
  clock: Clock;
  log: Log;
  /** Whether it lives but does no work: asked each second. */
  stuck: () => boolean;
  onStart: (pid: number) => void;
  onFault: (error: unknown) => void;
};

/** A process of ours that is kept running: started again when it ends, killed when it is stuck, gone when we are gone. */
export class Child implements Part {
  readonly #options: ChildOptions;
  readonly #ending = new AbortController();
  #child: ChildProcess | undefined;
  #running: Promise<void> | undefined;

  constructor(options: ChildOptions) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.name;
  }

  async start(): Promise<void> {
    this.#running = this.#keep();
  }

  async stop(): Promise<void> {
    this.#ending.abort();
    if (this.#child !== undefined) await stopProcess(this.#child, this.#options.clock);
    await this.#running;
  }

  async #keep(): Promise<void> {
    const { clock, onFault } = this.#options;
    const signal = this.#ending.signal;
    for (let fallen = 0; !signal.aborted; fallen++) {
      const begun = clock.monotonic();
      try {
        await this.#once();
      } catch (error) {
        onFault(error);
      }
      if (clock.monotonic() - begun > healthyAfter) fallen = 0;
      // Aborted: the loop's condition ends it.
      if (!signal.aborted) await clock.sleep(backOff(restarts, fallen, clock.random), signal).catch(() => undefined);
    }
  }

  /** Runs it to its end. @throws Fault process.missing, process.exited, process.stuck */
  async #once(): Promise<void> {
    const { name, args, deathSignal, clock, log, stuck, onStart } = this.#options;
    const child = spawnBound(process.execPath, args, { stdio: ["pipe", "ignore", "inherit"], deathSignal });
    this.#child = child;
    let hung = false;
    const stopLooking = clock.every(lookEvery, () => {
      if (this.#ending.signal.aborted || !stuck()) return;
      hung = true;
      child.kill("SIGKILL");
    });
    try {
      if (child.pid !== undefined) onStart(child.pid);
      const [code, by] = (await once(child, "exit")) as [number | null, string | null];
      if (this.#ending.signal.aborted) return;
      log.warn({ part: name, code, by }, "a part has ended and is started again");
      throw hung
        ? new Fault("process.stuck", `${name} did no work any more: it is started again`)
        : new Fault("process.exited", `${name} ended with ${code ?? by}: it is started again`);
    } finally {
      stopLooking();
      this.#child = undefined;
    }
  }
}
