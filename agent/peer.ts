import type { z } from "zod";
import { asFault } from "../contracts/fault.ts";
import { type Channel, connectChannel } from "../runtime/channel.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Log } from "../runtime/log.ts";
import type { Part } from "../runtime/parts.ts";
import { type RetryPolicy, retry } from "../runtime/retry.ts";

/** A process on this machine that should be there: asked for often, as a connection attempt costs next to nothing. */
const patience: RetryPolicy = { name: "peer", attempts: Number.POSITIVE_INFINITY, first: 25, factor: 1.5, most: 250 };

export type PeerOptions<T extends z.ZodType> = {
  name: string;
  path: string;
  reports: T;
  clock: Clock;
  log: Log;
  onReport: (report: z.output<T>) => void;
  /** Each time the process is there anew: it knows nothing. */
  onUp: () => void;
  onDown: () => void;
  onFault: (error: unknown) => void;
};

/** The agent's end of the socket of a capture or inference process, reconnected for ever. */
export class Peer<T extends z.ZodType> implements Part {
  readonly #options: PeerOptions<T>;
  #channel: Channel<z.output<T>> | undefined;
  #running: Promise<void> | undefined;
  readonly #ending = new AbortController();

  constructor(options: PeerOptions<T>) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.name;
  }

  get up(): boolean {
    return this.#channel !== undefined;
  }

  async start(): Promise<void> {
    this.#running = this.#keep();
  }

  async stop(): Promise<void> {
    this.#ending.abort();
    this.#channel?.close();
    await this.#running;
  }

  /** Dropped while the process is away: what must hold then is said again when it is back. */
  send(request: object): void {
    this.#channel?.send(request);
  }

  async #keep(): Promise<void> {
    const { clock, path, reports } = this.#options;
    const signal = this.#ending.signal;
    while (!signal.aborted) {
      try {
        this.#channel = await retry(patience, { clock, signal }, () => connectChannel({ path, incoming: reports }));
        await this.#serve(this.#channel);
      } catch (error) {
        if (!signal.aborted) this.#options.onFault(asFault(error, "peer.unreachable"));
      }
    }
  }

  async #serve(channel: Channel<z.output<T>>): Promise<void> {
    const { onReport, onUp, onDown, onFault, log, name } = this.#options;
    channel.onFault(onFault);
    log.info({ part: name }, "connected to a part");
    onUp();
    channel.onMessage((report) => onReport(report));
    await channel.closed;
    this.#channel = undefined;
    onDown();
  }
}
