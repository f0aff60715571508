import { Fault } from "../contracts/fault.ts";
import { type Millis, seconds } from "../contracts/units.ts";
import { type Clock, deadline } from "../runtime/clock.ts";
import type { Part } from "../runtime/parts.ts";
import { run } from "../runtime/subprocess.ts";
import type { Health } from "./health.ts";

/**
 * The agent's own loops and how long each may be without work. Recorders and inference are not among them: who starts
 * them looks after them, and an agent that is started anew mends none of them.
 */
export const owed: Readonly<Record<string, Millis>> = {
  health: seconds(30),
  board: seconds(60),
  /** A connection that died unseen is found by MQTT's keep-alive first. */
  link: seconds(300),
};

export type Beats = Readonly<Record<string, { sinceWork: Millis; state: string }>>;

/** The loops that have begun and owe work. */
export function staleParts(beats: Beats): string[] {
  return Object.entries(owed)
    .filter(([name, limit]) => (beats[name]?.sinceWork ?? 0) > limit)
    .map(([name]) => name);
}

/** What `systemctl status` says. */
export function statusOf(beats: Beats): string {
  const stale = staleParts(beats);
  if (stale.length > 0) return `no work from: ${stale.join(", ")}`;
  const troubled = Object.entries(beats)
    .filter(([, { state }]) => state === "degraded" || state === "gone")
    .map(([name, { state }]) => `${name} ${state}`);
  return troubled.length === 0 ? "all parts work" : troubled.join(", ");
}

export type WatchdogOptions = {
  clock: Clock;
  health: Health;
  /** NOTIFY_SOCKET and WATCHDOG_USEC, as systemd sets them (sd_notify(3), sd_watchdog_enabled(3)). */
  environment: Readonly<Record<string, string | undefined>>;
};

const withoutWatchdog: Millis = seconds(20);
const notifyLimit: Millis = seconds(10);

/** Node has no datagram sockets of the Unix kind: systemd's own program sends. */
async function notify(...words: string[]): Promise<void> {
  const late = (): Fault => new Fault("process.stuck", "systemd-notify does not come back");
  await deadline(notifyLimit, late, (signal) => run("systemd-notify", words, { signal }));
}

/** Tells systemd that the agent is ready, how it is, and that it works: the last only while every loop does. */
export class Watchdog implements Part {
  readonly name = "watchdog";
  readonly #options: WatchdogOptions;
  #stopFeeding: (() => void) | undefined;

  constructor(options: WatchdogOptions) {
    this.#options = options;
  }

  get #wanted(): boolean {
    return (this.#options.environment["NOTIFY_SOCKET"] ?? "") !== "";
  }

  async start(): Promise<void> {
    if (!this.#wanted) return;
    const { clock, environment } = this.#options;
    const limit = Number(environment["WATCHDOG_USEC"] ?? 0) / 1000;
    await this.#tell("READY=1");
    // Half of the limit is what systemd advises; a third leaves time for a busy machine to start a process.
    this.#stopFeeding = clock.every(limit > 0 ? limit / 3 : withoutWatchdog, () => this.#feed());
  }

  async stop(): Promise<void> {
    this.#stopFeeding?.();
    if (this.#wanted) await this.#tell("STOPPING=1");
  }

  async #feed(): Promise<void> {
    await this.#tell(...(staleParts(this.#options.health.beats()).length === 0 ? ["WATCHDOG=1"] : []));
  }

  async #tell(...words: string[]): Promise<void> {
    const { health } = this.#options;
    await notify(...words, `STATUS=${statusOf(health.beats())}`).catch((error) => health.count(error, "watchdog"));
  }
}
