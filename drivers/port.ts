import type { z } from "zod";
import type { Fault } from "../contracts/fault.ts";
import type { Millis } from "../contracts/units.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Log } from "../runtime/log.ts";

/** What a driver is opened with besides its own options. */
export type DriverContext = { readonly clock: Clock; readonly log: Log };

/** A button that is open. Each press is told once, after debouncing. */
export interface Button {
  /** `atMonotonic`: milliseconds since boot, taken as near to the contact as the mechanism can. */
  onPress(handler: (press: { atMonotonic: Millis }) => void): void;
  /** Called once when the hardware goes away by itself: `button.lost`. Not called after `close`. */
  onLost(handler: (fault: Fault) => void): void;
  close(): void;
}

export type Look = "off" | "lit" | "blinking";

/** A light that is open. The line is released, and the light off, as soon as its holder closes it or dies. */
export interface Led {
  show(look: Look): void;
  /** Called once when the hardware goes away by itself: `led.lost`. Not called after `close`. */
  onLost(handler: (fault: Fault) => void): void;
  close(): void;
}

/** How ffmpeg ended: what it gave before, and the end of its stderr. */
export type SourceEnd = { readonly received: boolean; readonly complaint: string };

/** A camera or microphone as ffmpeg reads it. Opening it touches nothing: the running ffmpeg holds the device. */
export interface Source {
  /** ffmpeg arguments up to and with `-i`. */
  readonly input: readonly string[];
  /** Why ffmpeg ended: missing, busy or lost. */
  blame(end: SourceEnd): Fault;
}

/** Whatever the device's own format is, capture makes s16le, 16 kHz, mono of it. */
export interface MicSource extends Source {
  readonly sampleRate: number;
}

export interface CameraSource extends Source {
  readonly width: number;
  readonly height: number;
  readonly framesPerSecond: number;
}

/** What `open` gives, by kind of driver. */
export type Ports = { button: Button; led: Led; mic: MicSource; camera: CameraSource };
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
