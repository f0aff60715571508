import { createHash, type Hash } from "node:crypto";
import { type Channel, type ServedChannels, serveChannel } from "../../runtime/channel.ts";
import { type Heard, type SpeakerRequest, sound, speakerRequest } from "./protocol.ts";
import { samplesOf } from "./sound.ts";

/** A clip as it comes out of the speaker. */
class Clip {
  /** As its holder counts. */
  readonly number: number;
  readonly #hash: Hash = createHash("sha256");
  #power = 0;
  #samples = 0;

  constructor(number: number) {
    this.number = number;
  }

  get samples(): number {
    return this.#samples;
  }

  take(heard: Int16Array): void {
    this.#samples += heard.length;
    this.#hash.update(new Uint8Array(heard.buffer, heard.byteOffset, heard.byteLength));
    for (const sample of heard) this.#power += (sample / 32_768) ** 2;
  }

  told(): Pick<Heard, "millis" | "dbfs" | "sha256"> {
    const level = this.#power === 0 ? {} : { dbfs: 10 * Math.log10(this.#power / this.#samples) };
    const millis = (this.#samples * 1000) / sound.sampleRate;
    return { millis, ...level, sha256: this.#hash.copy().digest("hex") };
  }
}

/**
 * The loudspeaker of the emulated board. Its holder sends ahead, it takes what is due and tells how much was heard, as a
 * sound card's pointer does. A second holder is closed at once.
 */
export class SpeakerDevice {
  readonly #path: string;
  #served: ServedChannels | undefined;
  #holder: Channel<SpeakerRequest> | undefined;
  #stalled = false;
  #busy = false;
  #clip = new Clip(0);
  #clips = 0;
  #waiting = new Int16Array(0);

  constructor(path: string) {
    this.#path = path;
  }

  get holders(): number {
    return this.#holder === undefined ? 0 : 1;
  }

  get heard(): Heard {
    return { clips: this.#clips, running: this.#waiting.length > 0, ...this.#clip.told() };
  }

  /** Is there (again), and plays. */
  async plug(): Promise<void> {
    this.#stalled = false;
    this.#busy = false;
    this.#served ??= await serveChannel({
      path: this.#path,
      incoming: speakerRequest,
      onOpen: (channel) => this.#open(channel),
    });
  }

  /** Is gone: its holder loses it, nobody can open it. */
  async unplug(): Promise<void> {
    const served = this.#served;
    this.#served = undefined;
    await served?.close();
  }

  /** Stays there and open, and plays nothing more. */
  stall(): void {
    this.#stalled = true;
  }

  /** Whoever holds it keeps it; nobody else can open it until `plug`. */
  occupy(): void {
    this.#busy = true;
  }

  /** What comes out in the time of the next `count` samples. */
  take(count: number): Int16Array {
    if (this.#stalled) return new Int16Array(0);
    const heard = this.#waiting.subarray(0, count);
    this.#waiting = this.#waiting.subarray(heard.length);
    if (heard.length > 0) {
      this.#clip.take(heard);
      this.#holder?.send({ clip: this.#clip.number, heardSamples: this.#clip.samples });
    }
    return heard;
  }

  #open(channel: Channel<SpeakerRequest>): void {
    if (this.#holder !== undefined || this.#busy) {
      channel.close();
      return;
    }
    this.#holder = channel;
    channel.send({ clip: 0, heardSamples: 0 });
    channel.onMessage((request, bytes) => this.#do(request, bytes));
    void channel.closed.then(() => {
      this.#holder = undefined;
      this.#waiting = new Int16Array(0);
    });
  }

  #do(request: SpeakerRequest, bytes: Buffer | undefined): void {
    if (request.do === "samples") {
      const more = samplesOf(bytes ?? new Uint8Array(0));
      const both = new Int16Array(this.#waiting.length + more.length);
      both.set(this.#waiting);
      both.set(more, this.#waiting.length);
      this.#waiting = both;
      return;
    }
    this.#waiting = new Int16Array(0);
    if (request.do === "silence") return;
    this.#clips += 1;
    this.#clip = new Clip(request.clip);
  }
}
