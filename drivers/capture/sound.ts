import type { Millis } from "../../contracts/units.ts";
import type { MicSource } from "../port.ts";
import { Arrivals } from "./arrivals.ts";
import type { Input, InputOptions, Opening } from "./input.ts";
import { Meter } from "./meter.ts";
import type { Recording } from "./recording.ts";
import { Timeline } from "./timeline.ts";

const sampleRate = 16_000;
const sampleBytes = 2;
const segmentBytes = sampleRate * sampleBytes;

const plain = ["-c:a", "pcm_s16le", "-ar", String(sampleRate), "-ac", "1", "-f", "s16le", "-flush_packets", "1"];
const outputs = ({ filter }: MicSource): string[] => [
  ...["-map", "0:a"],
  ...(filter === undefined ? [] : ["-af", filter]),
  ...plain,
  "pipe:1",
];

const millisOf = (bytes: number): Millis => (bytes / segmentBytes) * 1000;

/** Sound: s16le 16 kHz mono, measured all the time, cut into segments of 1 s by count of samples while recorded. */
export class SoundInput implements Input {
  readonly #source: () => Promise<MicSource>;
  readonly #options: InputOptions;
  readonly #arrivals = new Arrivals();
  #timeline = new Timeline();
  /** Bytes that came since the hardware was opened. */
  #seen = 0;
  #half: Buffer | undefined;
  #recording: Recording | undefined;
  #kept: Buffer[] = [];
  #keptBytes = 0;
  #meter = new Meter();

  constructor(source: () => Promise<MicSource>, options: InputOptions) {
    this.#source = source;
    this.#options = options;
  }

  async open(): Promise<Opening> {
    this.#timeline = new Timeline();
    this.#seen = 0;
    this.#half = undefined;
    // What is opened now may be another microphone, or stand elsewhere.
    this.#meter = new Meter();
    const source = await this.#source();
    return { source, outputs: outputs(source), takers: [(chunk) => this.#take(chunk)] };
  }

  keep(recording: Recording | undefined): void {
    this.#cut();
    this.#recording = recording;
  }

  reach(moment: Millis): Promise<void> {
    return this.#arrivals.reach(moment);
  }

  interrupt(): void {
    this.#cut();
  }

  #take(chunk: Buffer): void {
    const all = this.#half === undefined ? chunk : Buffer.concat([this.#half, chunk]);
    const whole = all.length - (all.length % sampleBytes);
    this.#half = whole === all.length ? undefined : all.subarray(whole);
    const pcm = all.subarray(0, whole);
    const before = this.#seen;
    this.#seen += whole;
    const now = this.#options.clock.monotonic();
    this.#timeline.arrived(millisOf(this.#seen), now);
    this.#meter.measure(pcm, (reading) => this.#options.report({ report: "meter", stream: "mic", ...reading }));
    this.#record(pcm, this.#timeline.origin + millisOf(before), now);
    this.#arrivals.arrived(this.#timeline.origin + millisOf(this.#seen));
  }

  /** Keeps the samples of the time since which the light has been lit; the first of them were taken at `start`. */
  #record(pcm: Buffer, start: Millis, now: Millis): void {
    if (this.#recording === undefined) return;
    const lit = this.#recording.light(now);
    const early = Math.max(0, Math.ceil(((lit - start) * sampleRate) / 1000)) * sampleBytes;
    if (early >= pcm.length) return;
    this.#recording.begin(start + millisOf(early));
    this.#keep(pcm.subarray(early));
  }

  #keep(pcm: Buffer): void {
    let rest = pcm;
    while (rest.length > 0) {
      const part = rest.subarray(0, segmentBytes - this.#keptBytes);
      rest = rest.subarray(part.length);
      this.#kept.push(part);
      this.#keptBytes += part.length;
      if (this.#keptBytes === segmentBytes) this.#cut(rest.length);
    }
  }

  /** Gives what is kept as one piece; `after` bytes of what was seen lie behind it. */
  #cut(after = 0): void {
    const bytes = Buffer.concat(this.#kept);
    this.#kept = [];
    this.#keptBytes = 0;
    if (bytes.length === 0) return;
    const start = millisOf(this.#seen - after - bytes.length);
    this.#recording?.add({
      bytes,
      start,
      duration: millisOf(bytes.length),
      origin: this.#timeline.origin,
      initialisation: false,
    });
  }
}
