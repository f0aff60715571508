import { setMaxListeners } from "node:events";
import { Fault } from "../contracts/fault.ts";
import type { Millis } from "../contracts/units.ts";
import { type Chord, ClosedButtons } from "./closed.ts";
import { keepOpen } from "./keep.ts";
import { openMount } from "./mount.ts";
import type { Button, DriverContext } from "./port.ts";
import type { Mount, Mounts } from "./registry.ts";

export type Press = { button: string; atMonotonic: Millis };
export type ButtonsOptions = DriverContext & {
  /** Its abort closes every button. */
  signal: AbortSignal;
  onPress: (press: Press) => void;
  /** Once a press, when it has lasted. */
  onHold?: (hold: Press) => void;
  /** Buttons held together: the presses are told as well. */
  onChord?: (chord: Chord) => void;
  /** `button.stuck` is told once of a button that stays closed; `onFreed` when it opens again. */
  onFault: (button: string, fault: Fault) => void;
  onFreed?: (button: string) => void;
};

/** Opens every button of a board and keeps each open. Resolves when each was tried once. */
export async function openButtons(mounts: Mounts["buttons"], options: ButtonsOptions): Promise<void> {
  // A listener or two for each button: many are no leak here.
  setMaxListeners(0, options.signal);
  const closed = new ClosedButtons({
    clock: options.clock,
    onChord: (chord) => options.onChord?.(chord),
    onStuck: (button) => options.onFault(button, stuck(button)),
    onFreed: (button) => options.onFreed?.(button),
  });
  await Promise.all(
    Object.entries(mounts).map(
      ([name, mount]) => new Promise<void>((tried) => void keepButton({ name, mount, tried, closed }, options)),
    ),
  );
}

const stuck = (button: string): Fault =>
  new Fault("button.stuck", `button ${button} has been closed for a minute: free it, or look at its wires`);

/** Resolves when the signal ends, and rejects when the button is lost. */
async function untilLost(button: Button, signal: AbortSignal): Promise<void> {
  const over = new AbortController();
  try {
    await new Promise<void>((resolve, reject) => {
      button.onLost(reject);
      // While it was being opened the end may have come.
      if (signal.aborted) resolve();
      signal.addEventListener("abort", () => resolve(), { once: true, signal: over.signal });
    });
  } finally {
    over.abort();
  }
}

async function keepButton(
  one: { name: string; mount: Mount<"button">; tried: () => void; closed: ClosedButtons },
  options: ButtonsOptions,
): Promise<void> {
  const { clock, signal, onPress } = options;
  const onFault = (fault: Fault): void => {
    options.onFault(one.name, fault);
    one.tried();
  };
  await keepOpen({ clock, signal, onFault }, async (delivers) => {
    const button = await openMount("button", one.mount, options);
    try {
      button.onPress(({ atMonotonic }) => {
        one.closed.closes(one.name);
        onPress({ button: one.name, atMonotonic });
      });
      button.onHold(({ atMonotonic }) => options.onHold?.({ button: one.name, atMonotonic }));
      button.onRelease(() => one.closed.opens(one.name));
      delivers();
      one.tried();
      await untilLost(button, signal);
    } finally {
      one.closed.opens(one.name);
      button.close();
    }
  });
  one.tried();
}
