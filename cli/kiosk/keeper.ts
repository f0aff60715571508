import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { z } from "zod";
import { asFault, Fault } from "../../contracts/fault.ts";
import { pageLife } from "../../contracts/screen.ts";
import { type Millis, minutes, seconds } from "../../contracts/units.ts";
import { type Clock, deadline } from "../../runtime/clock.ts";
import { readIfThere } from "../../runtime/durable.ts";
import type { Log } from "../../runtime/log.ts";
import { parseJson } from "../../runtime/parse.ts";
import type { Part } from "../../runtime/parts.ts";
import { backOff, type RetryPolicy } from "../../runtime/retry.ts";
import { spawnBound } from "../../runtime/subprocess.ts";
import type { KioskConfig } from "./config.ts";

const restarts: RetryPolicy = {
  name: "browser",
  attempts: Number.POSITIVE_INFINITY,
  first: 250,
  factor: 2,
  most: seconds(30),
};
/** A browser that has run this long is taken for healthy again. */
const healthyAfter: Millis = minutes(2);
const lookEvery: Millis = 500;
const answerLimit: Millis = seconds(2);
const endGrace: Millis = seconds(3);

const readyFile = z.looseObject({ screenUrl: z.string(), origin: z.string(), token: z.string() });
type Ready = z.output<typeof readyFile>;

/** Moments of the monotonic clock. `beatAt`: the page's last sign of life, of whichever browser. */
export type Life = { startedAt: Millis; beatAt: Millis | undefined };

/** Whether a browser shows no page that lives: never since its start, or not for long. */
export function isSilent(
  { startedAt, beatAt }: Life,
  now: Millis,
  limits: Pick<KioskConfig, "silenceSeconds" | "startSeconds">,
): boolean {
  if (beatAt === undefined || beatAt < startedAt) return now - startedAt > seconds(limits.startSeconds);
  return now - beatAt > seconds(limits.silenceSeconds);
}

export type KeeperOptions = { config: KioskConfig; clock: Clock; log: Log; onStart?: (pid: number) => void };

/** Keeps a browser on the agent's page: started when the agent is ready, and again when it ends, when its page is silent, or when the agent has begun anew. */
export class Keeper implements Part {
  readonly name = "kiosk";
  readonly #options: KeeperOptions;
  readonly #ending = new AbortController();
  #running: Promise<void> | undefined;

  constructor(options: KeeperOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    this.#running = this.#keep();
  }

  async stop(): Promise<void> {
    this.#ending.abort();
    await this.#running;
  }

  async #keep(): Promise<void> {
    const { clock, log } = this.#options;
    const { signal } = this.#ending;
    for (let fallen = 0; !signal.aborted; fallen++) {
      const begun = clock.monotonic();
      try {
        const ready = await this.#ready();
        if (ready === undefined) fallen = -1;
        else await this.#once(ready);
      } catch (error) {
        const fault = asFault(error);
        if (!signal.aborted) log.warn({ err: fault, code: fault.code, fallen }, "the browser is started again");
      }
      if (clock.monotonic() - begun > healthyAfter) fallen = 0;
      const wait = fallen < 0 ? lookEvery : backOff(restarts, fallen, clock.random);
      // Aborted: the loop's condition ends it.
      await clock.sleep(wait, signal).catch(() => undefined);
    }
  }

  /** What the agent says of itself; undefined while it is not ready. */
  async #ready(): Promise<Ready | undefined> {
    const text = await readIfThere(join(this.#options.config.runDirectory, "agent.ready.json"));
    return text === undefined ? undefined : parseJson(readyFile, text, { what: "the agent's ready file" });
  }

  /** One browser, until it ends or has to. @throws Fault process.exited, process.missing, screen.stalled */
  async #once(ready: Ready): Promise<void> {
    const { config, clock, log, onStart } = this.#options;
    const [program = "", ...words] = config.browserCommand;
    // A group of its own: what the program starts is ended with it.
    const child = spawnBound(program, [...words, ready.screenUrl], {
      stdio: ["ignore", "ignore", "inherit"],
      detached: true,
      deathSignal: "TERM",
    });
    const ended = new AbortController();
    const exit = once(child, "exit").finally(() => ended.abort());
    const life: Life = { startedAt: clock.monotonic(), beatAt: undefined };
    try {
      if (child.pid !== undefined) onStart?.(child.pid);
      log.info({ pid: child.pid, program }, "the browser is started");
      await this.#watch(ready, life, AbortSignal.any([ended.signal, this.#ending.signal]));
      if (this.#ending.signal.aborted || !ended.signal.aborted) return;
      const [code, by] = (await exit) as [number | null, string | null];
      throw new Fault("process.exited", `the browser ended with ${code ?? by}`);
    } finally {
      await endGroup(child, exit, clock);
    }
  }

  /** Resolves when the signal is aborted, or the agent has begun anew: its old address is worth nothing. @throws Fault screen.stalled */
  async #watch(ready: Ready, life: Life, signal: AbortSignal): Promise<void> {
    const { config, clock } = this.#options;
    while (!signal.aborted) {
      await clock.sleep(lookEvery, signal).catch(() => undefined);
      if (signal.aborted) return;
      const now = await this.#ready();
      // Without an agent there is no page to show: the one that stands there says so.
      if (now === undefined) continue;
      if (now.token !== ready.token) return;
      const beatAt = await this.#beatAt(ready);
      if (beatAt === "unknown") continue;
      life.beatAt = beatAt;
      if (isSilent(life, clock.monotonic(), config))
        throw new Fault("screen.stalled", "the page gives no sign of life any more");
    }
  }

  async #beatAt({ origin, token }: Ready): Promise<Millis | undefined | "unknown"> {
    const { clock } = this.#options;
    const late = (): Fault => new Fault("peer.unreachable", "the agent does not answer");
    try {
      const { sinceMillis } = await deadline(answerLimit, late, async (signal) => {
        const answer = await fetch(`${origin}/beat`, { headers: { authorization: `Bearer ${token}` }, signal });
        return parseJson(pageLife, await answer.text(), { what: "the page's sign of life" });
      });
      return sinceMillis === null ? undefined : clock.monotonic() - sinceMillis;
    } catch {
      // An agent that hangs has a watchdog of its own; the browser is not to blame.
      return "unknown";
    }
  }
}

/** Ends the program with all it started; kills what does not go. */
async function endGroup(child: ChildProcess, exit: Promise<unknown>, clock: Clock): Promise<void> {
  const { pid } = child;
  if (pid === undefined) return;
  const tell = (signal: NodeJS.Signals): void => {
    try {
      process.kill(-pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  };
  const patience = new AbortController();
  tell("SIGTERM");
  await Promise.race([exit, clock.sleep(endGrace, patience.signal).catch(() => undefined)]);
  patience.abort();
  // Also where the first of them has gone: what it started may have stayed.
  tell("SIGKILL");
  await exit;
}
