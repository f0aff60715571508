import { type IncomingMessage, request } from "node:http";
import { join } from "node:path";
import { type ButtonName, type ScreenRequest, type View, view } from "../../contracts/screen.ts";
import { type Millis, seconds } from "../../contracts/units.ts";
import { systemClock } from "../../runtime/clock.ts";
import { readIfThere } from "../../runtime/durable.ts";
import { eventually } from "./waiting.ts";

/** What the agent says of itself when its screen answers. */
export type ReadyAgent = { screenUrl: string; origin: string; token: string; pid: number; startedInMillis: number };

/** The ready file in the agent's run folder, if the process that wrote it still lives. */
export async function readyAgent(run: string): Promise<ReadyAgent | undefined> {
  const text = await readIfThere(join(run, "agent.ready.json"));
  if (text === undefined) return undefined;
  const ready = JSON.parse(text) as ReadyAgent;
  return (await readIfThere(`/proc/${ready.pid}/stat`)) === undefined ? undefined : ready;
}

/** A plain HTTP exchange with the agent's screen; `token` as a bearer where given. */
export function askScreen(
  origin: string,
  wanted: { method?: string; path: string; token?: string; headers?: Record<string, string>; body?: unknown },
): Promise<{ status: number; headers: IncomingMessage["headers"]; text: string }> {
  return new Promise((resolve, reject) => {
    const call = request(
      new URL(wanted.path, origin),
      {
        method: wanted.method ?? "GET",
        agent: false,
        headers: {
          ...(wanted.token === undefined ? {} : { authorization: `Bearer ${wanted.token}` }),
          ...(wanted.body === undefined ? {} : { "content-type": "application/json" }),
          ...wanted.headers,
        },
      },
      (answer) => {
        const parts: Buffer[] = [];
        answer.on("data", (part: Buffer) => parts.push(part));
        answer.on("end", () =>
          resolve({
            status: answer.statusCode ?? 0,
            headers: answer.headers,
            text: Buffer.concat(parts).toString("utf8"),
          }),
        );
        answer.on("error", reject);
      },
    );
    call.on("error", reject);
    call.end(wanted.body === undefined ? undefined : JSON.stringify(wanted.body));
  });
}

/**
 * The candidate's page as a person sees it: follows the views of whichever agent runs now and reconnects when it comes
 * back. While there is no connection there is no view.
 */
export class Page {
  readonly #run: string;
  readonly #closing = new AbortController();
  #agent: ReadyAgent | undefined;
  #shown: View | undefined;
  /** Every view that came, oldest first; a test reads what a person could have seen. */
  readonly seen: View[] = [];

  constructor(run: string) {
    this.#run = run;
    void this.#follow();
  }

  get shown(): View | undefined {
    return this.#shown;
  }

  async #follow(): Promise<void> {
    while (!this.#closing.signal.aborted) {
      const agent = await readyAgent(this.#run);
      if (agent !== undefined) await this.#listen(agent);
      this.#shown = undefined;
      this.#agent = undefined;
      await systemClock.sleep(40);
    }
  }

  #listen(agent: ReadyAgent): Promise<void> {
    return new Promise((resolve) => {
      const call = request(
        new URL("/events", agent.origin),
        { agent: false, headers: { authorization: `Bearer ${agent.token}` }, signal: this.#closing.signal },
        (answer) => {
          this.#agent = agent;
          let rest = "";
          answer.setEncoding("utf8");
          answer.on("data", (part: string) => {
            const blocks = (rest + part).split("\n\n");
            rest = blocks.pop() ?? "";
            for (const block of blocks) this.#take(block);
          });
          answer.on("error", () => resolve());
          answer.on("close", () => resolve());
        },
      );
      // The agent was killed: the loop above looks for the next one.
      call.on("error", () => resolve());
      call.end();
    });
  }

  #take(block: string): void {
    const data = block
      .split("\n")
      .filter((line) => line.startsWith("data:"))
      .map((line) => line.slice(5).trim())
      .join("\n");
    if (data === "") return;
    this.#shown = view.parse(JSON.parse(data));
    this.seen.push(this.#shown);
  }

  async until(what: string, wanted: (shown: View) => boolean, limit: Millis = seconds(30)): Promise<View> {
    try {
      return await eventually({ what, limit, pause: 20 }, () =>
        this.#shown !== undefined && wanted(this.#shown) ? this.#shown : undefined,
      );
    } catch (error) {
      const last = this.#shown;
      const stands =
        last === undefined
          ? "no page"
          : `${last.show}${last.fault === undefined ? "" : ` (${last.fault})`} ${last.question?.questionId ?? ""} ${JSON.stringify(last.check ?? {})}`;
      throw new Error(`${(error as Error).message}; the page shows ${stands}`, { cause: error });
    }
  }

  /** Resolves when the agent that was there is gone, so that no view of it is taken for the next one's. */
  async untilLost(pid: number): Promise<void> {
    await eventually(
      { what: "the page of the killed agent to go", limit: seconds(5), pause: 10 },
      () => this.#agent?.pid !== pid,
    );
  }

  async act(wanted: ScreenRequest): Promise<void> {
    const agent = this.#agent;
    if (agent === undefined) throw new Error(`there is no page to ${wanted.do} on`);
    const answer = await askScreen(agent.origin, { method: "POST", path: "/do", token: agent.token, body: wanted });
    if (answer.status >= 300)
      throw new Error(`the page refused ${JSON.stringify(wanted)} with ${answer.status}: ${answer.text}`);
  }

  press(button: ButtonName): Promise<void> {
    return this.act({ do: "press", button });
  }

  close(): void {
    this.#closing.abort();
  }
}
