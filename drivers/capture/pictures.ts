import { type Millis, millis } from "../../contracts/units.ts";
import type { Log } from "../../runtime/log.ts";
import type { CameraSource } from "../port.ts";
import { Arrivals } from "./arrivals.ts";
import { type Cut, type Fragment, Fragments } from "./boxes.ts";
import { CodeReader } from "./codes.ts";
import type { Input, InputOptions, Opening } from "./input.ts";
import type { Recording } from "./recording.ts";
import { Timeline } from "./timeline.ts";

/** The length of a segment, cut before a key frame; without one at twice that. Milliseconds. */
const segmentMillis = 1000;
const live = { width: 640, height: 480 } as const;
const liveBytes = live.width * live.height * 3;
const meterMillis = 1000;
/** A picture that was taken longer before the light was lit is not kept; ten milliseconds more the lamp itself may take. */
const lightLag: Millis = millis(40);

const words = (line: string): string[] => line.split(" ");
const h264 = words(
  "-c:v libx264 -preset ultrafast -tune zerolatency -threads 1 -pix_fmt yuv420p -sc_threshold 0 -g 250",
);
/** A fragment a frame, so that a recording ends where it was stopped. */
const mp4 = words("-f mp4 -movflags frag_every_frame+empty_moov+default_base_moof -flush_packets 1 pipe:1");
/** One thread: the raw encoder's frame threads would hand out each picture one picture late. */
const raw = words("-fps_mode passthrough -threads 1 -c:v rawvideo -pix_fmt rgb24");
/** Behind a fifo that drops, else a slow reader of pictures stops the recording. */
const fifo = words("-f fifo -fifo_format rawvideo -drop_pkts_on_overflow 1 -queue_size 5");

/**
 * Two key frames a second: a recording begins with one, at most half a second after it was asked for. By time and not by
 * count, since cameras are slower in the dark than they promise; a little less, since frames do not come to the tick.
 */
const keySeconds = 0.45;
const forced = ["-force_key_frames", `expr:isnan(prev_forced_t)+gte(t,prev_forced_t+${keySeconds})`];
const twice = `select=isnan(prev_selected_t)+gte(t-prev_selected_t\\,${keySeconds})`;
/** Stream time is told in whole milliseconds. */
const rounding: Millis = millis(1);

function outputs(source: CameraSource): string[] {
  const asItComes = source.encoded !== undefined;
  const recorded = ["-map", "0:v", ...(asItComes ? ["-c:v", "copy"] : [...h264, ...forced]), ...mp4];
  // Of a stream that is encoded already only the key frames are decoded: as many as are shown.
  const scale = `${asItComes ? "" : `${twice},`}scale=${live.width}:${live.height}`;
  const shown = ["-map", "0:v", "-vf", scale, ...raw, ...fifo, "-format_opts", "flush_packets=1", "pipe:3"];
  return [...recorded, ...shown];
}

const keyFramesOnly = ["-skip_frame", "nokey"];
const decoded = (source: CameraSource): CameraSource =>
  source.encoded === undefined ? source : { ...source, input: [...keyFramesOnly, ...source.input] };

export type PictureOptions = InputOptions & {
  log: Log;
  /** Takes each live picture: RGB bytes, 640×480. */
  onPicture: (rgb: Buffer, about: { width: number; height: number; atMonotonic: number }) => void;
};

/** Pictures: H.264 in a fragmented MP4, dropped while nothing is recorded; live pictures for inference and check-in codes. */
export class PictureInput implements Input {
  readonly #source: () => Promise<CameraSource>;
  readonly #options: PictureOptions;
  readonly #codes: CodeReader;
  readonly #arrivals = new Arrivals();
  #timeline = new Timeline();
  #fragments = new Fragments();
  #initialisation: Buffer | undefined;
  #recording: Recording | undefined;
  /** Whether the recording has this opening's initialisation. */
  #headed = false;
  #kept: Fragment[] = [];
  /** Where the last key frame began in the stream, and how long after it the next one is due. */
  #key: { start: Millis | undefined; due: Millis } = { start: undefined, due: 0 };
  /** The board's own encoder says when there are key frames. */
  #encoded = false;
  #live: Buffer[] = [];
  #liveGot = 0;
  #meter = { frames: 0, since: 0 };

  constructor(source: () => Promise<CameraSource>, options: PictureOptions) {
    this.#source = source;
    this.#options = options;
    this.#codes = new CodeReader(options.clock, (text) => options.report({ report: "code", text }));
  }

  async open(): Promise<Opening> {
    this.#timeline = new Timeline();
    this.#fragments = new Fragments();
    this.#initialisation = undefined;
    this.#headed = false;
    this.#live = [];
    this.#liveGot = 0;
    const source = decoded(await this.#source());
    this.#key = { start: undefined, due: keySeconds * 1000 };
    this.#encoded = source.encoded !== undefined;
    return {
      source,
      outputs: outputs(source),
      takers: [(chunk) => this.#take(chunk), (chunk) => this.#takeLive(chunk)],
    };
  }

  keep(recording: Recording | undefined): void {
    this.#cut();
    this.#recording = recording;
    this.#headed = false;
  }

  reach(moment: Millis): Promise<void> {
    return this.#arrivals.reach(moment);
  }

  interrupt(): void {
    this.#cut();
  }

  #take(chunk: Buffer): void {
    for (const cut of this.#fragments.push(chunk)) this.#takeCut(cut);
  }

  #takeCut(cut: Cut): void {
    if ("initialisation" in cut) {
      this.#initialisation = cut.initialisation;
      return;
    }
    const { fragment } = cut;
    this.#timeline.arrived(fragment.start + fragment.duration, this.#options.clock.monotonic());
    this.#count();
    if (fragment.key) this.#noteKey(fragment);
    if (this.#recording !== undefined) this.#record(fragment, this.#recording);
    this.#arrivals.arrived(this.#timeline.origin + fragment.start + fragment.duration);
  }

  #noteKey({ start, duration }: Fragment): void {
    const { start: before, due } = this.#key;
    this.#key = { start, due: this.#encoded && before !== undefined ? start - before - duration / 2 : due };
  }

  /** Whether the frame after this one is to be a key frame. */
  #keyFollows({ start, duration }: Fragment): boolean {
    const { start: key, due } = this.#key;
    return key === undefined || start + duration - key >= due - rounding;
  }

  /**
   * A fragment comes when its frame is over and the next one is being taken. So the light is lit with the fragment
   * before the key frame that the recording begins with; a key frame that came unforeseen was taken in the dark.
   */
  #mayBegin(fragment: Fragment, recording: Recording): boolean {
    const { lit } = recording;
    if (fragment.key && lit !== undefined && this.#timeline.origin + fragment.start > lit - lightLag) return true;
    if (this.#keyFollows(fragment)) recording.light(this.#options.clock.monotonic());
    return false;
  }

  #record(fragment: Fragment, recording: Recording): void {
    const begun = this.#headed || this.#kept.length > 0;
    if (!begun && !this.#mayBegin(fragment, recording)) return;
    const length = this.#kept.reduce((sum, { duration }) => sum + duration, 0);
    if (
      fragment.key ? length >= segmentMillis - fragment.duration / 2 : length + fragment.duration >= 2 * segmentMillis
    )
      this.#cut();
    recording.begin(this.#timeline.origin + fragment.start);
    this.#kept.push(fragment);
  }

  #cut(): void {
    const kept = this.#kept;
    this.#kept = [];
    const first = kept[0];
    const recording = this.#recording;
    if (first === undefined || recording === undefined || this.#initialisation === undefined) return;
    const { origin } = this.#timeline;
    const { start } = first;
    if (!this.#headed) recording.add({ bytes: this.#initialisation, start, duration: 0, origin, initialisation: true });
    this.#headed = true;
    const duration = kept.reduce((sum, fragment) => sum + fragment.duration, 0);
    recording.add({
      bytes: Buffer.concat(kept.map(({ bytes }) => bytes)),
      start,
      duration,
      origin,
      initialisation: false,
    });
  }

  #count(): void {
    const { clock, report } = this.#options;
    const now = clock.monotonic();
    this.#meter.frames++;
    if (now - this.#meter.since < meterMillis) return;
    report({ report: "meter", stream: "camera", frames: this.#meter.frames });
    this.#meter = { frames: 0, since: now };
  }

  #takeLive(chunk: Buffer): void {
    this.#live.push(chunk);
    this.#liveGot += chunk.length;
    while (this.#liveGot >= liveBytes) {
      const all = Buffer.concat(this.#live);
      this.#live = [all.subarray(liveBytes)];
      this.#liveGot = all.length - liveBytes;
      this.#show(all.subarray(0, liveBytes));
    }
  }

  #show(rgb: Buffer): void {
    const { clock, log, onPicture } = this.#options;
    onPicture(rgb, { width: live.width, height: live.height, atMonotonic: clock.monotonic() });
    // Codes are for check-in: while an answer is recorded nobody looks for them.
    if (this.#recording !== undefined) return;
    this.#codes
      .look(rgb, live)
      .catch((error: unknown) => log.error({ err: error }, "a picture could not be searched for codes"));
  }
}
