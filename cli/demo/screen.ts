import { Fault } from "../../contracts/fault.ts";
import { type ScreenRequest, type View, view as viewSchema } from "../../contracts/screen.ts";
import { type Millis, millis } from "../../contracts/units.ts";
import { type Clock, deadline } from "../../runtime/clock.ts";
import { parseJson } from "../../runtime/parse.ts";

/** Where the agent's page is, as its ready file says; a restarted agent has another port and token. */
export type ScreenAddress = { origin: string; token: string };

type Waiting = { wanted: (view: View) => boolean; resolve: (view: View) => void; reject: (reason: unknown) => void };

const reconnectPause = millis(100);

/** Follows the candidate's page as the page itself does, and finds it again after the agent was restarted. */
export class ScreenFollower {
  readonly #address: () => Promise<ScreenAddress | undefined>;
  readonly #clock: Clock;
  readonly #ended = new AbortController();
  readonly #waiting = new Set<Waiting>();
  readonly #onView: (view: View) => void;
  #view: View | undefined;
  #reader: Promise<void> = Promise.resolve();

  constructor(options: {
    address: () => Promise<ScreenAddress | undefined>;
    clock: Clock;
    onView?: (view: View) => void;
  }) {
    this.#address = options.address;
    this.#clock = options.clock;
    this.#onView = options.onView ?? (() => undefined);
  }

  /** What the page shows; undefined before the first view. */
  get view(): View | undefined {
    return this.#view;
  }

  start(): void {
    // A page that speaks another language than ours fails whoever waits for it.
    this.#reader = this.#follow().catch((error: unknown) => {
      for (const waiting of this.#waiting) waiting.reject(error);
    });
  }

  async stop(): Promise<void> {
    this.#ended.abort();
    await this.#reader;
  }

  /** The next view (or the present one) that is `wanted`. @throws Fault process.stuck when it does not come in time */
  async until(wanted: (view: View) => boolean, { what, limit }: { what: string; limit: Millis }): Promise<View> {
    if (this.#view !== undefined && wanted(this.#view)) return this.#view;
    let waiting: Waiting | undefined;
    const late = (): Fault =>
      new Fault(
        "process.stuck",
        `${what} did not come within ${limit / 1000} s; the page shows ${this.#view?.show ?? "nothing"}`,
      );
    try {
      return await deadline(limit, late, () => {
        return new Promise<View>((resolve, reject) => {
          waiting = { wanted, resolve, reject };
          this.#waiting.add(waiting);
        });
      });
    } finally {
      if (waiting !== undefined) this.#waiting.delete(waiting);
    }
  }

  /** Asks the agent for what a finger on the page would. @throws Fault peer.refused, peer.unreachable */
  async ask(request: ScreenRequest): Promise<void> {
    const address = await this.#address();
    if (address === undefined) throw new Fault("peer.unreachable", "the agent's page is not up: is the agent running?");
    const answer = await fetch(`${address.origin}/do`, {
      method: "POST",
      headers: { authorization: `Bearer ${address.token}`, "content-type": "application/json", origin: address.origin },
      body: JSON.stringify(request),
    });
    if (!answer.ok) throw new Fault("peer.refused", `the agent's page refused ${request.do} (${answer.status})`);
  }

  async #follow(): Promise<void> {
    const { signal } = this.#ended;
    while (!signal.aborted) {
      try {
        await this.#readOnce(signal);
        await this.#clock.sleep(reconnectPause, signal);
      } catch (error) {
        // The page is away while its agent is: it is looked for again. The end of following is no failure either.
        if (signal.aborted) return;
        if (error instanceof Fault) throw error;
        await this.#clock.sleep(reconnectPause);
      }
    }
  }

  async #readOnce(signal: AbortSignal): Promise<void> {
    const address = await this.#address();
    if (address === undefined) return;
    const answer = await fetch(`${address.origin}/events`, {
      headers: { authorization: `Bearer ${address.token}` },
      signal,
    });
    if (answer.body === null) return;
    let text = "";
    for await (const chunk of answer.body.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      const events = text.split("\n\n");
      text = events.pop() ?? "";
      for (const event of events) this.#take(event);
    }
  }

  #take(event: string): void {
    const data = event
      .split("\n")
      .filter((line) => line.startsWith("data:"))
      .map((line) => line.slice("data:".length).trim())
      .join("\n");
    if (data === "") return;
    const view = parseJson(viewSchema, data, { what: "a view of the agent's page" });
    this.#view = view;
    this.#onView(view);
    for (const waiting of [...this.#waiting])
      if (waiting.wanted(view)) {
        this.#waiting.delete(waiting);
        waiting.resolve(view);
      }
  }
}
