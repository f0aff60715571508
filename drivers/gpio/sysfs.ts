import { accessSync, existsSync, writeFileSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Gpio } from "onoff";
import type { Clock } from "../../runtime/clock.ts";
import type { Backend, ChipLook } from "./backend.ts";
import {
  type Edge,
  type InputLine,
  type InputUse,
  type Lines,
  type LineUse,
  lineFault,
  lineLoss,
  type OutputLine,
} from "./lines.ts";

/** Where the kernel has its GPIO class; onoff knows no other place. */
const classFolder = "/sys/class/gpio";

type Onoff = typeof import("onoff");
/** A chip's first line among all lines, and what opens lines there. */
type Numbered = { base: number; onoff: Onoff; clock: Clock };
type SysfsChip = { label: string; name: string; base: number };

const textOf = async (...path: string[]): Promise<string> => (await readFile(join(...path), "utf8")).trim();

/**
 * The chips of a GPIO class folder. Sysfs numbers lines through all chips from a base that depends on kernel and board
 * (0, 399, 512, 571), and calls a chip by its base: the name that the character device uses stands under `device`.
 */
export async function sysfsChips(root: string): Promise<SysfsChip[]> {
  const folders = (await readdir(root)).filter((name) => /^gpiochip\d+$/.test(name)).sort();
  return Promise.all(
    folders.map(async (folder) => {
      const device = await readdir(join(root, folder, "device")).catch(() => []);
      return {
        label: await textOf(root, folder, "label"),
        name: device.find((name) => /^gpiochip\d+$/.test(name)) ?? folder,
        base: Number(await textOf(root, folder, "base")),
      };
    }),
  );
}

/** The chip of this label or name. */
export const chipCalled = (wanted: string, chips: readonly SysfsChip[]): SysfsChip | undefined =>
  chips.find(({ label, name }) => label === wanted || name === wanted);

/** @throws Fault missing, busy or permission, of the using kind */
function openLine(number: number, use: LineUse, direct: () => Gpio): Gpio {
  const before = existsSync(join(classFolder, `gpio${number}`));
  try {
    return direct();
  } catch (error) {
    // A line that was exported and could not be set up must not stay behind as if it were held.
    if (!before && existsSync(join(classFolder, `gpio${number}`)))
      writeFileSync(join(classFolder, "unexport"), String(number));
    throw lineFault(use, error);
  }
}

function openInput({ base, onoff, clock }: Numbered, use: InputUse): InputLine {
  const number = base + use.line;
  const settings = { activeLow: use.activeLow, debounceTimeout: use.debounceMillis };
  const gpio = openLine(number, use, () => new onoff.Gpio(number, "in", "both", settings));
  const handlers: ((edge: Edge) => void)[] = [];
  const read = gpio.readSync.bind(gpio);
  // Through a path of its own: a read of the file that onoff polls takes the edge that it waits for.
  const loss = lineLoss(use, clock, () => accessSync(join(classFolder, `gpio${number}`, "value")));
  let [open, last] = [true, read()];
  // onoff reads inside its poller: what fails there would end the process.
  gpio.readSync = () => {
    let level = last;
    loss.during(() => {
      level = read();
    });
    return level;
  };
  loss.onLost(() => gpio.unwatchAll());
  gpio.watch((_, level) => {
    if (!open || level === last) return;
    last = level;
    for (const handler of handlers) handler({ active: level === 1, atMonotonic: clock.monotonic() });
  });
  return {
    onEdge: (handler) => handlers.push(handler),
    onLost: (handler) => loss.onLost(handler),
    close: () => {
      if (!open) return;
      open = false;
      loss.end();
      gpio.unexport();
    },
  };
}

function openOutput({ base, onoff, clock }: Numbered, use: LineUse): OutputLine {
  const number = base + use.line;
  // "high" and "low" as directions are levels of the wire, whatever active_low says.
  const dark = use.activeLow ? "high" : "low";
  const gpio = openLine(number, use, () => new onoff.Gpio(number, dark, "none", { activeLow: use.activeLow }));
  const loss = lineLoss(use, clock, () => void gpio.readSync());
  let open = true;
  return {
    staysLit: `use the character device (/dev/gpiochip*) for line ${use.line} of ${use.chip}`,
    write: (active) => loss.during(() => gpio.writeSync(active ? 1 : 0)),
    onLost: (handler) => loss.onLost(handler),
    close: () => {
      if (!open) return;
      open = false;
      loss.during(() => gpio.writeSync(0));
      loss.end();
      gpio.unexport();
    },
  };
}

/**
 * GPIO lines of kernels without the character device's version 2 (before 5.10), through onoff. No bias: the board has to
 * pull the line. An edge's moment is when it has settled. A dead holder's line stays as it was until it is opened again.
 */
export function sysfsBackend(clock: Clock, root = classFolder): Backend {
  const linesFrom = (from: Numbered): Lines => ({
    input: (use) => openInput(from, use),
    output: (use) => openOutput(from, use),
  });
  return {
    name: "sysfs",
    look: async (wanted) => {
      const look: ChipLook = { seen: [], refusals: [] };
      try {
        const chips = await sysfsChips(root);
        look.seen.push(...chips.map(({ label }) => label));
        const chip = chipCalled(wanted, chips);
        if (chip === undefined) return look;
        // Only who has such lines pays for loading it.
        const onoff = await import("onoff");
        return { ...look, lines: linesFrom({ base: chip.base, onoff, clock }) };
      } catch (error) {
        // A kernel without the class (CONFIG_GPIO_SYSFS) has no such folder.
        return { ...look, refusals: [error] };
      }
    },
  };
}
