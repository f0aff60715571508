import { type Millis, millis } from "../../contracts/units.ts";

/** How long a light stays lit without a sign of its process, and how often that gives one. A light must be true within a second. */
export const holdMillis: Millis = millis(800);
export const signMillis: Millis = millis(250);

type Write = (file: string, text: string) => void;

/**
 * A trigger of the kernel's that darkens a light by itself. It is held by writing its last file again and again; with the
 * process goes the light.
 */
export type Holding = {
  readonly trigger: string;
  /** The files that must be writable once the trigger is chosen. */
  readonly files: readonly string[];
  /** Lights at this level, of `max`, for `holdMillis`. */
  light(write: Write, level: number, max: number): void;
  /** Lights on for `holdMillis` from now, as it was. */
  again(write: Write): void;
  dark(write: Write): void;
};

/**
 * Documentation/leds/leds-trigger-pattern: level and length in pairs; a step takes a pair of length 0. Writing `repeat`
 * starts anew at the first level, so a light that is lit stays lit.
 */
const pattern: Holding = {
  trigger: "pattern",
  files: ["pattern", "repeat"],
  light: (write, level) => {
    write("pattern", `${level} ${holdMillis} ${level} 0 0 1 0 0`);
    write("repeat", "1");
  },
  again: (write) => write("repeat", "1"),
  dark: (write) => {
    write("pattern", "0 1 0 1");
    write("repeat", "1");
  },
};

/**
 * Documentation/leds/ledtrig-transient: full on for `duration`. A running one is not lengthened but ended and started
 * again, dark for the microseconds between two writes.
 */
const transient: Holding = {
  trigger: "transient",
  files: ["duration", "state", "activate"],
  light: (write, level, max) => {
    write("duration", String(holdMillis));
    write("state", "1");
    write("activate", "0");
    if (level >= max / 2) write("activate", "1");
  },
  again: (write) => {
    write("activate", "0");
    write("activate", "1");
  },
  dark: (write) => write("activate", "0"),
};

/** In order of choice. Timer blinks on for ever, and oneshot refuses a shot while one runs: neither can be held. */
export const holdings: readonly Holding[] = [pattern, transient];

/** The first that a LED offers in its `trigger` file, where the chosen one stands in brackets. */
export function holdingOf(offered: string): Holding | undefined {
  const names = offered.replaceAll(/[[\]]/g, "").split(/\s+/);
  return holdings.find(({ trigger }) => names.includes(trigger));
}
