import { Worker } from "node:worker_threads";
import { livePicture } from "../contracts/capture.ts";
import { asFault, Fault } from "../contracts/fault.ts";
import type { InferenceReport } from "../contracts/inference.ts";
import type { Framing } from "../contracts/observation.ts";
import type { Face, Picture, Reading } from "../contracts/ports.ts";
import { type Millis, millis, seconds } from "../contracts/units.ts";
import { type Channel, connectChannel } from "../runtime/channel.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Log } from "../runtime/log.ts";
import { retry, retryPolicies } from "../runtime/retry.ts";
import type { ReadingModel } from "./engines/faceReader.ts";
import type { PictureAnswer, PictureQuestion, PictureSettings } from "./pictureThread.ts";
import { framing } from "./signals/registry.ts";

export type WatchOptions = {
  modelsDirectory?: string | undefined;
  clock: Clock;
  log: Log;
  report: (report: InferenceReport) => void;
  /** Whether what plug-ins read is wanted of the next picture. */
  isReadingWanted: () => boolean;
  /** Each picture that was looked at, with the hashes of the models that looked. */
  onLook: (look: Look, models: Record<string, string>) => void;
};
/** What was seen in one picture; its moment on the session's timeline. */
export type Look = { at: Millis; faces: readonly Face[]; reading?: Reading | undefined };
export type LookRequest = {
  /** The camera's picture socket. */
  from: string;
  /** Times are told since this moment of the monotonic clock. */
  sessionStart: Millis;
  /** Models of plug-ins; none for framing alone. */
  reading: readonly ReadingModel[];
};
type Thread = { worker: Worker; ready: boolean; busy: boolean; reading: string; models: Record<string, string> };
type Seen = { picture: Picture; at: Millis };

/** At most two pictures a second are looked at, and the latest word is at most 2 s old. */
const pictureInterval = millis(500);
const reportInterval = seconds(2);

/**
 * Looks at live pictures and says how the face stands in them. A picture that comes while another is looked at replaces
 * the one that waits: the past is no help in framing. A camera that is gone is sought for until told to stop.
 */
export class Watch {
  readonly #options: WatchOptions;
  #thread: Thread | undefined;
  #latest: Seen | undefined;
  #lookedAt: Millis = Number.NEGATIVE_INFINITY;
  #told: { framing: Framing; at: Millis } | undefined;
  #stopped: AbortController | undefined;
  #resting: Promise<void> | undefined;

  constructor(options: WatchOptions) {
    this.#options = options;
  }

  /** Begins to look at what a picture socket brings. */
  look({ from, sessionStart, reading }: LookRequest): void {
    this.rest();
    const stopped = new AbortController();
    this.#stopped = stopped;
    this.#startThread(reading);
    void this.#follow(from, { sessionStart, signal: stopped.signal });
  }

  /** Looks away; the thread stays for the next time. */
  rest(): void {
    this.#stopped?.abort();
    this.#latest = undefined;
    this.#told = undefined;
  }

  async close(): Promise<void> {
    this.rest();
    await this.#thread?.worker.terminate();
    this.#thread = undefined;
  }

  async #follow(from: string, { sessionStart, signal }: { sessionStart: Millis; signal: AbortSignal }): Promise<void> {
    const { clock, log } = this.#options;
    while (!signal.aborted) {
      try {
        const channel = await retry(retryPolicies.reopen, { clock, signal }, () =>
          connectChannel({ path: from, incoming: livePicture }),
        );
        await this.#receive(channel, { sessionStart, signal });
        if (!signal.aborted) await clock.sleep(pictureInterval, signal);
      } catch (error) {
        if (!signal.aborted) log.warn({ err: error }, "the camera's pictures cannot be had");
      }
    }
  }

  async #receive(
    channel: Channel<{ width: number; height: number; atMonotonic: number }>,
    { sessionStart, signal }: { sessionStart: Millis; signal: AbortSignal },
  ): Promise<void> {
    const close = (): void => channel.close();
    signal.addEventListener("abort", close, { once: true });
    channel.onFault((fault) => this.#options.log.warn({ err: fault }, "a live picture could not be read"));
    channel.onMessage(({ width, height, atMonotonic }, bytes) => {
      if (signal.aborted || bytes === undefined || bytes.length !== width * height * 3) return;
      this.#latest = { picture: { width, height, rgb: Uint8Array.from(bytes) }, at: atMonotonic - sessionStart };
      this.#lookWhenFree();
    });
    await channel.closed;
    signal.removeEventListener("abort", close);
  }

  #lookWhenFree(): void {
    const { clock } = this.#options;
    const thread = this.#thread;
    const seen = this.#latest;
    if (thread === undefined || !thread.ready || thread.busy || seen === undefined) return;
    const wait = this.#lookedAt + pictureInterval - clock.monotonic();
    if (wait > 0) {
      this.#resting ??= clock.sleep(wait).then(() => {
        this.#resting = undefined;
        this.#lookWhenFree();
      });
      return;
    }
    this.#latest = undefined;
    this.#lookedAt = clock.monotonic();
    thread.busy = true;
    thread.worker.postMessage({ ...seen, read: this.#options.isReadingWanted() } satisfies PictureQuestion, [
      seen.picture.rgb.buffer as ArrayBuffer,
    ]);
  }

  /** One thread; another one where other plug-ins are wanted, since what a model takes of memory stays with its thread. */
  #startThread(models: readonly ReadingModel[]): void {
    const reading = models.toSorted().join(" ");
    if (this.#thread?.reading === reading) return;
    void this.#thread?.worker.terminate();
    const { modelsDirectory } = this.#options;
    const workerData: PictureSettings = {
      reading: [...models],
      ...(modelsDirectory === undefined ? {} : { modelsDirectory }),
    };
    const worker = new Worker(new URL("./pictureThread.js", import.meta.url), { workerData });
    const thread: Thread = { worker, ready: false, busy: false, reading, models: {} };
    this.#thread = thread;
    worker.on("message", (answer: PictureAnswer) => {
      if (this.#thread === thread) this.#answered(thread, answer);
    });
    worker.on("error", (error) => {
      if (this.#thread !== thread) return;
      this.#thread = undefined;
      this.#fail(asFault(error, "inference.lost"));
    });
    worker.unref();
  }

  #answered(thread: Thread, answer: PictureAnswer): void {
    thread.busy = false;
    if (answer.say === "ready") {
      thread.ready = true;
      thread.models = answer.models;
      this.#options.log.info({ backend: answer.backend, models: answer.models }, "faces can be found");
    } else if (answer.say === "faces") this.#see(answer, thread.models);
    else this.#fail(new Fault("model.missing", answer.message), { code: answer.fault, part: answer.part });
    this.#lookWhenFree();
  }

  #fail(fault: Fault, { code = fault.code, part = "faceFinder" }: { code?: string; part?: string } = {}): void {
    this.#options.log.error({ err: fault, part }, "pictures cannot be looked at");
    this.#options.report({ report: "fault", fault: code, part, message: fault.message });
  }

  #see({ at, faces, reading }: Look, models: Record<string, string>): void {
    if (this.#stopped === undefined || this.#stopped.signal.aborted) return;
    this.#options.onLook({ at, faces, reading }, models);
    this.#tell(framing.compute(faces, at));
  }

  #tell(found: Framing): void {
    const now = this.#options.clock.monotonic();
    const before = this.#told;
    const same = before !== undefined && before.framing.advice === found.advice && before.framing.faces === found.faces;
    if (same && now - before.at < reportInterval) return;
    this.#told = { framing: found, at: now };
    this.#options.report({ report: "framing", framing: found });
  }
}
