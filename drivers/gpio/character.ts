import { closeSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { Fault } from "../../contracts/fault.ts";
import type { Clock } from "../../runtime/clock.ts";
import { errnoError } from "../errno.ts";
import type { Backend, ChipLook } from "./backend.ts";
import {
  type Bias,
  type Edge,
  type InputLine,
  type InputUse,
  type Lines,
  type LineUse,
  lineFault,
  lineLoss,
  type OutputLine,
} from "./lines.ts";
import { keepsOutputs } from "./release.ts";

/** What `native/lines.cc` gives. Errors have the kernel's code ("EBUSY"). */
export type NativeLines = {
  chip(path: string): { name: string; label: string; lines: number };
  /** The file of the line; closing it releases the line. */
  request(path: string, offset: number, flags: number, debounceMicros: number): number;
  read(file: number): boolean;
  write(file: number, active: boolean): void;
  watch(file: number, onEdge: (active: boolean, atMonotonic: number) => void, onEnd: (code: string) => void): object;
  unwatch(watch: object): void;
  readonly flags: Readonly<Record<"activeLow" | "input" | "output" | "pullUp" | "pullDown" | "noBias", number>>;
};

/** @throws what `require` throws where it was not built: `tools/setup.sh native` builds it */
export const loadNativeLines = (): NativeLines => createRequire(import.meta.url)("./native/lines.node") as NativeLines;

/** `staysLit`: set where the chip keeps its outputs when they are released. */
type Chip = { path: string; native: NativeLines; clock: Clock; staysLit: string | undefined };

const biasFlag = ({ flags }: NativeLines, bias: Bias): number =>
  ({ "pull-up": flags.pullUp, "pull-down": flags.pullDown, none: flags.noBias, "as-is": 0 })[bias];

function request({ path, native }: Chip, use: LineUse, asked: { flags: number; debounceMicros: number }): number {
  try {
    const flags = asked.flags | (use.activeLow ? native.flags.activeLow : 0);
    return native.request(path, use.line, flags, asked.debounceMicros);
  } catch (error) {
    throw lineFault(use, error);
  }
}

function openInput(chip: Chip, use: InputUse): InputLine {
  const { native, clock } = chip;
  const flags = native.flags.input | biasFlag(native, use.bias);
  const file = request(chip, use, { flags, debounceMicros: Math.round(use.debounceMillis * 1000) });
  const handlers: ((edge: Edge) => void)[] = [];
  const loss = lineLoss(use, clock, () => void native.read(file));
  let closed = false;
  const watch = native.watch(
    file,
    (active, atMonotonic) => {
      if (!closed) for (const handler of handlers) handler({ active, atMonotonic });
    },
    (code) => loss.tell(errnoError(code)),
  );
  return {
    onEdge: (handler) => handlers.push(handler),
    onLost: (handler) => loss.onLost(handler),
    close: () => {
      if (closed) return;
      closed = true;
      loss.end();
      native.unwatch(watch);
      closeSync(file);
    },
  };
}

function openOutput(chip: Chip, use: LineUse): OutputLine {
  const { native, clock, staysLit } = chip;
  const file = request(chip, use, { flags: native.flags.output, debounceMicros: 0 });
  const loss = lineLoss(use, clock, () => void native.read(file));
  let closed = false;
  return {
    ...(staysLit === undefined ? {} : { staysLit }),
    write: (active) => loss.during(() => native.write(file, active)),
    onLost: (handler) => loss.onLost(handler),
    close: () => {
      if (closed) return;
      closed = true;
      loss.during(() => native.write(file, false));
      loss.end();
      closeSync(file);
    },
  };
}

const linesOf = (chip: Chip): Lines => ({
  input: (use) => openInput(chip, use),
  output: (use) => openOutput(chip, use),
});

/** GPIO character device, uAPI v2: bias and debounce are the kernel's, each edge has its stamp, one holder a line. */
export function characterBackend(clock: Clock, load = loadNativeLines, root = "/dev"): Backend {
  return {
    name: "character",
    look: async (wanted) => {
      const names = (await readdir(root)).filter((name) => /^gpiochip\d+$/.test(name)).sort();
      const look: ChipLook = { seen: [], refusals: [] };
      if (names.length === 0) return look;
      let native: NativeLines;
      try {
        native = load();
      } catch (error) {
        const cause = new Fault("process.missing", "the GPIO addon is not built: run tools/setup.sh native", {
          cause: error,
        });
        return { ...look, refusals: [cause] };
      }
      for (const path of names.map((name) => join(root, name))) {
        try {
          const { label, name } = native.chip(path);
          look.seen.push(label);
          if (label !== wanted && name !== wanted) continue;
          return { ...look, lines: linesOf({ path, native, clock, staysLit: await keepsOutputs(label) }) };
        } catch (error) {
          look.refusals.push(error);
        }
      }
      return look;
    },
  };
}
