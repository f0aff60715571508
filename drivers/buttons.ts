import type { Fault } from "../contracts/fault.ts";
import type { Millis } from "../contracts/units.ts";
import { keepOpen } from "./keep.ts";
import { openMount } from "./mount.ts";
import type { DriverContext } from "./port.ts";
import type { Mount, Mounts } from "./registry.ts";

export type Press = { button: string; atMonotonic: Millis };
export type ButtonsOptions = DriverContext & {
  /** Its abort closes every button. */
  signal: AbortSignal;
  onPress: (press: Press) => void;
  onFault: (button: string, fault: Fault) => void;
};

/** Opens every button of a board and keeps each open. Resolves when each was tried once. */
export async function openButtons(mounts: Mounts["buttons"], options: ButtonsOptions): Promise<void> {
  await Promise.all(
    Object.entries(mounts).map(
      ([name, mount]) => new Promise<void>((tried) => void keepButton({ name, mount, tried }, options)),
    ),
  );
}

async function keepButton(
  one: { name: string; mount: Mount<"button">; tried: () => void },
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
      button.onPress(({ atMonotonic }) => onPress({ button: one.name, atMonotonic }));
      delivers();
      one.tried();
      await new Promise<void>((resolve, reject) => {
        button.onLost(reject);
        signal.addEventListener("abort", () => resolve(), { once: true });
      });
    } finally {
      button.close();
    }
  });
  one.tried();
}
