import { asFault, Fault } from "../contracts/fault.ts";
import { type InferenceReport, type InferenceRequest, inferenceRequest } from "../contracts/inference.ts";
import type { Language } from "../contracts/language.ts";
import { seconds } from "../contracts/units.ts";
import { type Channel, serveChannel } from "../runtime/channel.ts";
import { type Clock, systemClock } from "../runtime/clock.ts";
import type { Log } from "../runtime/log.ts";
import { endOfProcess } from "../runtime/parts.ts";
import { type Engines, modelsOf, openEngines, recogniserNamed } from "./equipment.ts";
import { InferenceSession } from "./session.ts";
import { Watch } from "./watching.ts";

export type InferenceOptions = {
  /** Path of the Unix socket it serves `contracts/inference.ts` at. */
  socket: string;
  modelsDirectory?: string | undefined;
  /** Threads of the recogniser; default 2. */
  threads?: number | undefined;
  /** By its name in engines/registry.ts; default: whisper-base. */
  recogniser?: string | undefined;
  /** Languages transcribed while they are spoken, others after the answer; default: every language. */
  live?: readonly Language[] | undefined;
  log: Log;
  clock?: Clock;
};

const scoringParts = ["voiceActivity", "recogniser", "embedder"] as const;

/** The inference process: one agent at a time, the newest wins; a connection that ends takes its session and key with it. */
class InferenceServer {
  readonly #log: Log;
  readonly #live: readonly Language[] | undefined;
  readonly #watch: Watch;
  readonly #engines: Promise<Engines>;
  #loaded: Engines | undefined;
  #channel: Channel<InferenceRequest> | undefined;
  #session: InferenceSession | undefined;

  constructor(options: InferenceOptions, engines: Promise<Engines>) {
    this.#log = options.log;
    this.#live = options.live;
    this.#engines = engines.then((loaded) => {
      this.#loaded = loaded;
      return loaded;
    });
    this.#watch = new Watch({
      modelsDirectory: options.modelsDirectory,
      clock: options.clock ?? systemClock,
      log: options.log,
      report: (report) => this.#send(report),
      isReadingWanted: () => this.#session?.isHearing ?? false,
      onLook: (look, models) => this.#session?.see(look, models),
    });
  }

  accept(channel: Channel<InferenceRequest>): void {
    const older = this.#channel;
    this.#forget();
    this.#channel = channel;
    older?.close();
    channel.onFault((error) => this.#refuse(asFault(error, "message.malformed"), "request"));
    channel.onMessage((request) => {
      if (this.#channel !== channel) return;
      try {
        this.#handle(request);
      } catch (error) {
        this.#refuse(asFault(error), request.do);
      }
    });
    void channel.closed.then(() => {
      if (this.#channel !== channel) return;
      this.#channel = undefined;
      this.#forget();
    });
    void this.#engines.then((engines) => {
      if (this.#channel === channel) this.#introduce(engines);
    });
  }

  meter(): void {
    this.#send({ report: "meter", backlogSeconds: Math.round((this.#session?.backlogSeconds ?? 0) * 1000) / 1000 });
  }

  async close(): Promise<void> {
    this.#forget();
    await this.#watch.close();
    await this.#loaded?.close();
  }

  #send(report: InferenceReport): void {
    this.#channel?.send(report);
  }

  #introduce(engines: Engines): void {
    for (const part of scoringParts) {
      const one = engines[part];
      if ("fault" in one) this.#refuse(one.fault, part);
    }
    this.#send({ report: "ready", models: modelsOf(engines) });
  }

  #refuse(fault: Fault, part: string): void {
    this.#log.warn({ err: fault, part }, "inference goes on without a part, or refused a request");
    this.#send({ report: "fault", fault: fault.code, part, message: fault.message });
  }

  #forget(): void {
    this.#session?.drop();
    this.#session = undefined;
    this.#watch.rest();
  }

  #opened(): InferenceSession {
    if (this.#session === undefined) throw new Fault("inference.lost", "no session is open here: open it first");
    return this.#session;
  }

  #open(request: Extract<InferenceRequest, { do: "open" }>): void {
    if (this.#session?.isSame(request)) return;
    this.#session?.drop();
    const channel = this.#channel;
    this.#session = new InferenceSession(request, {
      engines: this.#engines,
      log: this.#log,
      live: this.#live,
      report: (report) => {
        if (this.#channel === channel) this.#send(report);
      },
    });
  }

  #look(request: Extract<InferenceRequest, { do: "look" }>): void {
    if (!request.on) {
      this.#watch.rest();
      return;
    }
    if (request.from === undefined)
      throw new Fault("message.malformed", "look: names no picture socket", { field: "from" });
    this.#session?.signals.load("framing");
    const { from, sessionStart = 0 } = request;
    this.#watch.look({ from, sessionStart, reading: this.#session?.readingModels ?? [] });
  }

  #handle(request: InferenceRequest): void {
    if (request.do === "open") this.#open(request);
    else if (request.do === "look") this.#look(request);
    else if (request.do === "close") {
      if (this.#session?.sessionId === request.sessionId) this.#forget();
    } else this.#ofSession(this.#opened(), request);
  }

  #ofSession(session: InferenceSession, request: Exclude<InferenceRequest, { do: "open" | "look" | "close" }>): void {
    if (request.do === "begin") session.begin(request);
    else if (request.do === "segment") session.segment(request);
    else if (request.do === "end") session.end(request);
    else if (request.do === "choice") session.choice(request);
    else if (request.do === "next") session.next(request);
    else if (request.do === "code") session.code(request);
    else void session.score(request);
  }
}

/** Serves inference at a socket until closed. Models load in the background; what is asked before waits for them. */
export async function startInference(options: InferenceOptions): Promise<{ close(): Promise<void> }> {
  const clock = options.clock ?? systemClock;
  const { modelsDirectory, threads, recogniser } = options;
  // Refused before anything is served: an engine that nobody knows never comes.
  if (recogniser !== undefined) recogniserNamed(recogniser);
  const engines = openEngines({
    which: scoringParts,
    ...(modelsDirectory === undefined ? {} : { modelsDirectory }),
    ...(threads === undefined ? {} : { threads }),
    ...(recogniser === undefined ? {} : { recogniser }),
  });
  const server = new InferenceServer(options, engines);
  const served = await serveChannel({
    path: options.socket,
    incoming: inferenceRequest,
    onOpen: (channel) => server.accept(channel),
  });
  const stopMeter = clock.every(seconds(1), () => server.meter());
  return {
    close: async () => {
      stopMeter();
      await served.close();
      await server.close();
    },
  };
}

/** The process's entry: serves until told to end or, when `bound`, until its standard input ends. */
export async function main(options: InferenceOptions & { bound?: boolean }): Promise<void> {
  const running = await startInference(options);
  options.log.info("inference serves");
  const reason = await endOfProcess({ bound: options.bound ?? false });
  options.log.info({ reason }, "inference ends");
  await running.close();
}
