import type { z } from "zod";
import type { Fault } from "../contracts/fault.ts";
import type { Millis } from "../contracts/units.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Log } from "../runtime/log.ts";

/** What a driver is opened with besides its own options. */
export type DriverContext = { readonly clock: Clock; readonly log: Log };

export type ButtonMoment = {
  /** Milliseconds since boot, taken as near to the contact as the mechanism can. */
  atMonotonic: Millis;
};

/** A button that is open. Contacts that bounce are told as one press and one release. */
export interface Button {
  onPress(handler: (press: ButtonMoment) => void): void;
  /** Once a press, when it has lasted as long as the driver's `holdMillis`. */
  onHold(handler: (hold: ButtonMoment) => void): void;
  onRelease(handler: (release: ButtonMoment) => void): void;
  /** Called once when the hardware goes away by itself: `button.lost`. Not called after `close`. */
  onLost(handler: (fault: Fault) => void): void;
  close(): void;
}

/** What a light says. The pattern of each is data, in `light/looks.ts`. */
export type Look = "off" | "idle" | "listening" | "recording" | "thinking" | "fault" | "help";

/** A light that is open. The line is released, and the light off, as soon as its holder closes it or dies. */
export interface Led {
  show(look: Look): void;
  /** Called once when the hardware goes away by itself: `led.lost`. Not called after `close`. */
  onLost(handler: (fault: Fault) => void): void;
  close(): void;
}

/** How the process that reads the hardware ended: what it gave before, and the end of its stderr. */
export type SourceEnd = { readonly received: boolean; readonly complaint: string };

/** A camera or microphone as ffmpeg reads it. Opening it looks at what the device offers; the running processes hold the device. */
export interface Source {
  /** A program that reads the hardware and whose stdout is ffmpeg's stdin (`-i pipe:0`); absent where ffmpeg reads the hardware itself. */
  readonly feeder?: { readonly program: string; readonly args: readonly string[] };
  /** ffmpeg arguments up to and with `-i`. */
  readonly input: readonly string[];
  /** Age of the newest data at which an open device counts as stalled; absent: 2 s. */
  readonly stallAfter?: Millis;
  /** Why it ended: missing, busy, permission, format or lost. */
  blame(end: SourceEnd): Fault;
}

/** Whatever the device's own format is, capture makes s16le, 16 kHz, mono of it. */
export interface MicSource extends Source {
  readonly sampleRate: number;
  /** ffmpeg audio filter that makes one channel of the array's; absent where the device has one. */
  readonly filter?: string;
}

export interface CameraSource extends Source {
  readonly width: number;
  readonly height: number;
  readonly framesPerSecond: number;
  /** The source is H.264 already, by the board's own encoder, with two key frames a second: it is stored as it comes. */
  readonly encoded?: "h264";
}

/** Sound to be played: any file that ffmpeg reads, as bytes. */
export type Clip = Uint8Array;

/** A loudspeaker that is open. One clip at a time: the next one takes the place of the one before. */
export interface Speaker {
  /** Resolves when the last sample was heard, or the signal ended it: then it is silent. @throws Fault speaker.* */
  play(clip: Clip, signal: AbortSignal): Promise<void>;
  /** 0 (silent) to 1. Holds from the next clip on, and for the running one where the mechanism can. */
  setVolume(volume: number): void;
  /** Called once when the hardware goes away by itself: `speaker.lost`. Not called after `close`. */
  onLost(handler: (fault: Fault) => void): void;
  close(): void;
}

/** The display's own light and power. What stands on it is the page's business. */
export interface Display {
  /** 0 (darkest that can be read) to 1. @throws Fault screen.* */
  setBrightness(share: number): Promise<void>;
  /** @throws Fault screen.* */
  setPower(on: boolean): Promise<void>;
  close(): void;
}

/** What a board says of itself. Absent: this mechanism does not know it. */
export type Readings = {
  temperatureCelsius?: number;
  /** Whether the board slows itself down now, and why, in its own words ("underVoltage", "frequencyCapped", "softTemperatureLimit", …). */
  throttled?: readonly string[];
  supplyVolts?: number;
  fanRpm?: number;
};

export interface Sensor {
  /** @throws Fault sensor.* */
  read(): Promise<Readings>;
  close(): void;
}

/** What `open` gives, by kind of driver. */
export type Ports = {
  button: Button;
  led: Led;
  mic: MicSource;
  camera: CameraSource;
  speaker: Speaker;
  screen: Display;
  sensor: Sensor;
};
export type Kind = keyof Ports;

/** One hardware mechanism. Its file is its documentation. */
export interface Driver<K extends Kind, Options extends z.ZodObject> {
  readonly kind: K;
  readonly summary: string;
  readonly options: Options;
  open(options: z.output<Options>, context: DriverContext): Promise<Ports[K]>;
}

/** Ties the kind to the port that `open` must give. */
export function defineDriver<K extends Kind, Options extends z.ZodObject>(
  driver: Driver<K, Options>,
): Driver<K, Options> {
  return driver;
}
