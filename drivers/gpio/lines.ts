import { Fault } from "../../contracts/fault.ts";
import { type Millis, millis } from "../../contracts/units.ts";
import type { Clock } from "../../runtime/clock.ts";
import { errnoOf } from "../errno.ts";
import { Loss } from "../loss.ts";

/** Whose line it is: faults are named for the kind of driver that uses it. */
export type LineUse = {
  kind: "button" | "led";
  /** The chip's label (`pinctrl-bcm2711`) or its name (`gpiochip0`). Numbers of lines are stable by label only. */
  chip: string;
  /** The line's number on that chip. */
  line: number;
  /** The line is active (a contact closed, a light lit) while its level is low. */
  activeLow: boolean;
};

export type Bias = "pull-up" | "pull-down" | "none" | "as-is";
export type InputUse = LineUse & { bias: Bias; debounceMillis: Millis };

/** A change that lasted. `atMonotonic` is the kernel's own stamp where it gives one. */
export type Edge = { active: boolean; atMonotonic: Millis };

/** A line that is held. Closing it releases it; nothing is told after that. */
export interface Line {
  /** Called once when the chip went away by itself. */
  onLost(handler: (fault: Fault) => void): void;
  close(): void;
}

export interface InputLine extends Line {
  onEdge(handler: (edge: Edge) => void): void;
}

/** Inactive when requested, and when closed. */
export interface OutputLine extends Line {
  write(active: boolean): void;
  /** Set where the line keeps its level when its holder is killed: what to use instead. */
  readonly staysLit?: string;
}

/** The lines of one chip. @throws Fault missing, busy or permission, of the kind that uses the line */
export interface Lines {
  input(use: InputUse): InputLine;
  output(use: LineUse): OutputLine;
}

/** What the kernel refused, as a fault with its remedy. */
export function lineFault({ kind, chip, line }: LineUse, cause: unknown): Fault {
  const what = `line ${line} of ${chip}`;
  switch (errnoOf(cause)) {
    case "EBUSY":
      return new Fault(
        `${kind}.busy`,
        `${what} is held already: gpioinfo names the holder; stop it, or take its overlay out of the boot configuration`,
        { cause },
      );
    case "EACCES":
    case "EPERM":
      return new Fault(
        `${kind}.permission`,
        `${what} may not be opened: put the service's user into the group that owns the GPIO devices (gpio)`,
        { cause },
      );
    default:
      return new Fault(
        `${kind}.missing`,
        `${what} cannot be used (${errnoOf(cause) || "no reason given"}): compare chip and line with gpioinfo`,
        { cause },
      );
  }
}

/** How often a held line is asked whether its chip is still there: kernels before 6.6 wake nobody when it goes. */
const presence: Millis = millis(500);

/** Tells once that a held line is lost, found by asking or by a failing use. */
export const lineLoss = ({ kind, chip, line }: LineUse, clock: Clock, ask: () => void): Loss =>
  new Loss({
    clock,
    every: presence,
    ask,
    fault: (cause) => new Fault(`${kind}.lost`, `line ${line} of ${chip} went away`, { cause }),
  });
