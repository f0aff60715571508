import { join } from "node:path";
import { z } from "zod";
import { Fault } from "../../contracts/fault.ts";
import { type Millis, millis, seconds } from "../../contracts/units.ts";
import { type Channel, connectChannel } from "../../runtime/channel.ts";
import { folder } from "../emulator/options.ts";
import { sockets, sound, speakerReport } from "../emulator/protocol.ts";
import { decodeClip } from "../emulator/sound.ts";
import { type Clip, type DriverContext, defineDriver, type Speaker } from "../port.ts";

/** What is sent before it is due: enough for a busy machine, and short enough for a volume that is turned meanwhile. */
const ahead: Millis = millis(200);
/** Longer than the board ever waits between two of its ticks. */
const longestSilence: Millis = seconds(2);

type Report = { clip: number; heardSamples: number };
type Running = { clip: number; samples: Int16Array; sent: number; heard: number; end: (fault?: Fault) => void };

const lost = (): Fault => new Fault("speaker.lost", "the emulated speaker went away while it was open");

/** One clip at a time, sent as the board tells that it was heard. */
class EmulatedSpeaker implements Speaker {
  readonly #channel: Channel<Report>;
  readonly #context: DriverContext;
  readonly #onLost: ((fault: Fault) => void)[] = [];
  #volume = 1;
  /** The newest call of `play`; an older one that is still being decoded gives way to it. */
  #newest: AbortController | undefined;
  #running: Running | undefined;
  #clips = 0;
  #state: "open" | "closed" | "gone" = "open";

  constructor(channel: Channel<Report>, context: DriverContext) {
    this.#channel = channel;
    this.#context = context;
    channel.onMessage((report) => this.#heard(report));
    void channel.closed.then(() => this.#gone());
  }

  async play(clip: Clip, signal: AbortSignal): Promise<void> {
    this.#newest?.abort();
    const mine = new AbortController();
    this.#newest = mine;
    const either = AbortSignal.any([signal, mine.signal]);
    if (either.aborted) return;
    let samples: Int16Array;
    try {
      samples = await decodeClip(clip, either);
    } catch (error) {
      if (either.aborted) return;
      throw error;
    }
    if (either.aborted) return;
    if (this.#state !== "open") throw lost();
    await this.#send(samples, either);
  }

  setVolume(volume: number): void {
    this.#volume = Math.max(0, Math.min(1, volume));
  }

  onLost(handler: (fault: Fault) => void): void {
    this.#onLost.push(handler);
  }

  close(): void {
    if (this.#state === "open") this.#state = "closed";
    this.#newest?.abort();
    this.#channel.close();
  }

  /** Resolves when it was heard to its end, or the signal ended it. */
  async #send(samples: Int16Array, signal: AbortSignal): Promise<void> {
    if (samples.length === 0) return;
    const watch = new AbortController();
    try {
      await new Promise<void>((resolve, reject) => {
        const end = (fault?: Fault): void => {
          if (this.#running?.end === end) this.#running = undefined;
          if (fault === undefined) resolve();
          else reject(fault);
        };
        this.#running = { clip: ++this.#clips, samples, sent: 0, heard: 0, end };
        signal.addEventListener("abort", () => this.#silence());
        this.#channel.send({ do: "clip", clip: this.#clips });
        this.#fill();
        void this.#watch(this.#running, watch.signal);
      });
    } finally {
      watch.abort();
    }
  }

  #silence(fault?: Fault): void {
    this.#channel.send({ do: "silence" });
    this.#running?.end(fault);
  }

  /** Ends the running clip when the board has played nothing of it for too long. */
  async #watch(running: Running, signal: AbortSignal): Promise<void> {
    for (let before = -1; running.heard > before; ) {
      before = running.heard;
      try {
        await this.#context.clock.sleep(longestSilence, signal);
      } catch {
        // Aborted: the clip has ended.
        return;
      }
    }
    this.#silence(new Fault("speaker.stalled", "the emulated speaker is open and plays nothing: make it return"));
  }

  #heard({ clip, heardSamples }: Report): void {
    const running = this.#running;
    if (running === undefined || clip !== running.clip) return;
    running.heard = heardSamples;
    if (running.heard >= running.samples.length) running.end();
    else this.#fill();
  }

  #fill(): void {
    const running = this.#running;
    if (running === undefined) return;
    const due = running.heard + (ahead * sound.sampleRate) / 1000;
    const part = running.samples.subarray(running.sent, due).map((sample) => Math.round(sample * this.#volume));
    if (part.length === 0) return;
    running.sent += part.length;
    this.#channel.send({ do: "samples" }, new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
  }

  #gone(): void {
    if (this.#state !== "open") return;
    this.#state = "gone";
    this.#running?.end(lost());
    for (const handler of this.#onLost) handler(lost());
  }
}

/** @throws Fault speaker.missing, speaker.busy */
async function openEmulatedSpeaker(at: string, context: DriverContext): Promise<Speaker> {
  let channel: Channel<Report>;
  try {
    channel = await connectChannel({ path: join(at, sockets.speaker), incoming: speakerReport });
  } catch (error) {
    throw new Fault(
      "speaker.missing",
      "the emulated speaker is not there: is the emulated board running, and in this folder?",
      { cause: error },
    );
  }
  await new Promise<void>((resolve, reject) => {
    channel.onMessage(() => resolve());
    void channel.closed.then(() => reject(new Fault("speaker.busy", "the speaker is held by another process")));
  });
  return new EmulatedSpeaker(channel, context);
}

export const emulatedSpeaker = defineDriver({
  kind: "speaker",
  summary: "The speaker of the emulated board, which tells what came out of it",
  options: z.strictObject({ folder }),
  open: (options, context) => openEmulatedSpeaker(options.folder, context),
});
