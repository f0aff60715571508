import { readdir } from "node:fs/promises";
import { z } from "zod";
import {
  type CaptureReport,
  type CaptureRequest,
  captureRequest,
  type LivePicture,
  type Stream,
} from "../../contracts/capture.ts";
import { asFault, Fault } from "../../contracts/fault.ts";
import { millis } from "../../contracts/units.ts";
import { type Channel, type ServedChannels, serveChannel } from "../../runtime/channel.ts";
import type { Clock } from "../../runtime/clock.ts";
import type { Log } from "../../runtime/log.ts";
import { endOfProcess, type Part, startParts } from "../../runtime/parts.ts";
import { keepOpen } from "../keep.ts";
import { Light } from "../light/light.ts";
import { openMount } from "../mount.ts";
import type { Mounts } from "../registry.ts";
import { runEncoder } from "./encoder.ts";
import type { Input } from "./input.ts";
import { PictureInput } from "./pictures.ts";
import { Recording, type RecordRequest } from "./recording.ts";
import { SoundInput } from "./sound.ts";

export type CaptureOptions = {
  stream: Stream;
  /** Path of the socket for the agent. */
  socket: string;
  /** Path of the socket for readers of live pictures. */
  pictures?: string;
  mounts: Mounts;
  clock: Clock;
  log: Log;
};

type State = Extract<CaptureReport, { report: "state" }>;

/** Longer than the slowest camera takes for a picture. */
const lastMaterialLimit = millis(400);

/** Keeps one stream's hardware open while an agent wants it, and records, sealed, while the agent says so. */
export class Capture implements Part {
  readonly name: string;
  readonly #options: CaptureOptions;
  readonly #input: Input;
  readonly #light: Light<"recording">;
  readonly #viewers = new Set<Channel<unknown>>();
  #served: ServedChannels[] = [];
  #agent: Channel<CaptureRequest> | undefined;
  #work: Promise<void> = Promise.resolve();
  #opening: { ending: AbortController; kept: Promise<void> } | undefined;
  #recording: Recording | undefined;
  /** Material of the recording comes, and is kept. */
  #keeping = false;
  #last: { sessionId: string; nextIndex: number } | undefined;
  #hardware: "resting" | "open" | Fault = "resting";
  #state: State;
  #storageFault: Fault | undefined;

  constructor(options: CaptureOptions) {
    const { stream, clock, log, mounts } = options;
    this.name = `capture of ${stream}`;
    this.#options = options;
    this.#state = { report: "state", stream, state: "resting" };
    this.#light = new Light<"recording">(mounts.leds[`recording-${stream}`], { clock, log });
    const common = { clock, report: (report: CaptureReport) => this.#report(report) };
    this.#input =
      stream === "mic"
        ? new SoundInput(() => openMount("mic", mounts.mic, { clock, log }), common)
        : new PictureInput(() => openMount("camera", mounts.camera, { clock, log }), {
            ...common,
            log,
            onPicture: (rgb, about) => this.#show(rgb, about),
          });
  }

  async start(): Promise<void> {
    const { socket, pictures } = this.#options;
    this.#light.start();
    if (pictures !== undefined)
      this.#served.push(
        await serveChannel({ path: pictures, incoming: z.unknown(), onOpen: (viewer) => this.#welcomeViewer(viewer) }),
      );
    this.#served.push(
      await serveChannel({ path: socket, incoming: captureRequest, onOpen: (agent) => this.#welcome(agent) }),
    );
  }

  async stop(): Promise<void> {
    await this.#next(() => this.#rest());
    for (const served of this.#served.splice(0)) await served.close();
    await this.#light.stop();
  }

  /** The newest agent counts: one that connects anew has lost its old connection, or took another agent's place. */
  #welcome(agent: Channel<CaptureRequest>): void {
    const { log } = this.#options;
    const before = this.#agent;
    this.#agent = agent;
    if (before !== undefined) {
      before.close();
      void this.#next(() => this.#rest());
    }
    void this.#next(async () => {
      agent.send(this.#state);
    });
    agent.onFault((fault) => log.warn({ err: fault }, "the agent sent what capture does not know"));
    agent.onMessage((request) => void this.#next(() => this.#do(request)));
    void agent.closed.then(() => {
      if (this.#agent !== agent) return;
      this.#agent = undefined;
      void this.#next(() => this.#rest());
    });
  }

  #welcomeViewer(viewer: Channel<unknown>): void {
    this.#viewers.add(viewer);
    viewer.onFault((fault) => this.#options.log.warn({ err: fault }, "a viewer sent something that is no message"));
    void viewer.closed.then(() => this.#viewers.delete(viewer));
  }

  /** One request after the other. One that fails is told with its fault and changes nothing. */
  #next(work: () => Promise<void>): Promise<void> {
    this.#work = this.#work.then(work).catch((error: unknown) => {
      const fault = asFault(error);
      this.#options.log.error({ err: fault }, "a request to capture failed");
      this.#report({ ...this.#state, fault: fault.code });
    });
    return this.#work;
  }

  async #do(request: CaptureRequest): Promise<void> {
    if (request.do === "watch") this.#watch();
    else if (request.do === "record") await this.#record(request);
    else if (request.do === "stop") await this.#stopRecording(request.answerId);
    else await this.#rest();
  }

  #report(report: CaptureReport): void {
    this.#agent?.send(report);
  }

  #show(rgb: Buffer, about: Omit<LivePicture, "bytes">): void {
    for (const viewer of this.#viewers) viewer.send(about, rgb);
  }

  /** Tells the agent and the light what is true now. */
  #settle(): void {
    const { stream } = this.#options;
    const fault = this.#hardware instanceof Fault ? this.#hardware : this.#storageFault;
    const state = this.#hardware === "resting" ? "resting" : fault === undefined ? "open" : "degraded";
    this.#light.show(this.#keeping && state === "open" ? "recording" : "off");
    if (state === this.#state.state && fault?.code === this.#state.fault) return;
    this.#state = { report: "state", stream, state, ...(fault === undefined ? {} : { fault: fault.code }) };
    this.#report(this.#state);
  }

  #watch(): void {
    if (this.#opening !== undefined) return;
    const { clock, stream } = this.#options;
    const ending = new AbortController();
    const { signal } = ending;
    const kept = keepOpen({ clock, signal, onFault: (fault) => this.#lost(fault) }, async (delivers) => {
      const opening = await this.#input.open();
      const onFirst = (): void => {
        delivers();
        this.#hardware = "open";
        this.#settle();
      };
      await runEncoder(opening, { stream, clock, signal, onFirst });
    });
    this.#opening = { ending, kept };
  }

  #lost(fault: Fault): void {
    const { log, stream } = this.#options;
    log.warn({ err: fault, stream }, "the hardware is lost and is being reopened");
    this.#input.interrupt();
    this.#recording?.interrupt(fault.code);
    this.#hardware = fault;
    this.#keeping = false;
    this.#settle();
  }

  async #record(request: RecordRequest): Promise<void> {
    const { clock, stream } = this.#options;
    await this.#endRecording();
    this.#watch();
    const known = this.#last?.sessionId === request.sessionId ? this.#last.nextIndex : 0;
    const index = Math.max(request.nextIndex, known, await firstFreeIndex(request.folder, stream));
    const recording = new Recording({
      stream,
      request,
      index,
      asked: clock.monotonic(),
      report: (report) => this.#report(report),
      onBegin: () => {
        this.#keeping = true;
        this.#settle();
      },
      onStorage: (fault) => this.#storage(fault),
    });
    if (this.#hardware instanceof Fault) recording.interrupt(this.#hardware.code);
    this.#recording = recording;
    this.#input.keep(recording);
  }

  #storage(fault: Fault | undefined): void {
    if (fault !== undefined) this.#options.log.error({ err: fault }, "the recording cannot be stored");
    this.#storageFault = fault;
    this.#settle();
  }

  /** A recording of this answer that another process began and did not end is answered for too: it has stopped. */
  async #stopRecording(answerId: string): Promise<void> {
    if (this.#recording?.answerId === answerId) await this.#endRecording();
    else this.#report({ report: "stopped", answerId, atMillis: 0, nextIndex: this.#last?.nextIndex ?? 0 });
  }

  /** A recording reaches the moment at which it was ended: what is on its way then is kept yet, and the light goes with it. */
  async #endRecording(): Promise<void> {
    const recording = this.#recording;
    if (recording === undefined) return;
    if (this.#keeping) await this.#lastMaterial();
    this.#input.keep(undefined);
    this.#recording = undefined;
    this.#keeping = false;
    this.#settle();
    this.#last = await recording.finish(this.#options.clock.monotonic());
    this.#storageFault = undefined;
    this.#settle();
  }

  async #lastMaterial(): Promise<void> {
    const { clock } = this.#options;
    const limit = new AbortController();
    await Promise.race([this.#input.reach(clock.monotonic()), clock.sleep(lastMaterialLimit, limit.signal)]);
    limit.abort();
  }

  async #rest(): Promise<void> {
    await this.#endRecording();
    const opening = this.#opening;
    this.#opening = undefined;
    opening?.ending.abort();
    await opening?.kept;
    this.#hardware = "resting";
    this.#settle();
  }
}

/** One more than the highest number of this stream's segments in the folder: a number is never used twice. */
async function firstFreeIndex(folder: string, stream: Stream): Promise<number> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return 0;
    throw error;
  }
  const mine = new RegExp(`^${stream}-(\\d{6})\\.sealed$`);
  return names.reduce((free, name) => Math.max(free, Number(mine.exec(name)?.[1] ?? -1) + 1), 0);
}

/** Well within the second in which the light must be true. */
const sealingLimit = millis(800);

/** A capture process until a signal, or the end of standard input, asks it to end: it seals what it has first. */
export async function runCapture(options: CaptureOptions & { bound: boolean }): Promise<void> {
  const ended = endOfProcess({ bound: options.bound });
  const running = await startParts([new Capture(options)], options.log);
  options.log.info({ stream: options.stream }, "capture is ready");
  options.log.info({ stream: options.stream, reason: await ended }, "capture ends");
  const sealed = new AbortController();
  // Sealing takes milliseconds; whatever hangs must not keep the device and its light.
  options.clock.sleep(sealingLimit, sealed.signal).then(
    () => process.exit(1),
    () => options.log.debug("sealed in time"),
  );
  await running.stop();
  sealed.abort();
}
