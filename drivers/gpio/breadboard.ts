import type { Clock } from "../../runtime/clock.ts";
import { errnoError } from "../errno.ts";
import type { Loss } from "../loss.ts";
import type { Backend, ChipLook } from "./backend.ts";
import {
  type Edge,
  type InputLine,
  type InputUse,
  type LineUse,
  lineFault,
  lineLoss,
  type OutputLine,
} from "./lines.ts";

/** For tests: a chip in memory, in the place of the kernel. It does not debounce: every contact is an edge. */
export class Breadboard implements Backend {
  readonly name: Backend["name"];
  readonly #label: string;
  readonly #clock: Clock;
  readonly #held = new Set<number>();
  readonly #lit = new Map<number, boolean>();
  readonly #edges = new Map<number, (edge: Edge) => void>();
  #there = true;

  constructor(clock: Clock, label = "breadboard", name: Backend["name"] = "character") {
    this.#clock = clock;
    this.#label = label;
    this.name = name;
  }

  async look(chip: string): Promise<ChipLook> {
    if (!this.#there) return { seen: [], refusals: [errnoError("ENOENT")] };
    const look: ChipLook = { seen: [this.#label], refusals: [] };
    if (chip !== this.#label) return look;
    return { ...look, lines: { input: (use) => this.#input(use), output: (use) => this.#output(use) } };
  }

  /** Closes or opens the contact on a line. */
  contact(line: number, active: boolean, atMonotonic = this.#clock.monotonic()): void {
    this.#edges.get(line)?.({ active, atMonotonic });
  }

  isLit(line: number): boolean {
    return this.#lit.get(line) ?? false;
  }

  /** How many lines have a holder. */
  get held(): number {
    return this.#held.size;
  }

  unplug(): void {
    this.#there = false;
  }

  #ask(): void {
    if (!this.#there) throw errnoError("ENODEV");
  }

  #hold(use: LineUse): { loss: Loss; release: () => void } {
    if (this.#held.has(use.line)) throw lineFault(use, errnoError("EBUSY"));
    this.#held.add(use.line);
    const loss = lineLoss(use, this.#clock, () => this.#ask());
    const release = (): void => {
      loss.end();
      this.#held.delete(use.line);
    };
    return { loss, release };
  }

  #input(use: InputUse): InputLine {
    const { loss, release } = this.#hold(use);
    const handlers: ((edge: Edge) => void)[] = [];
    this.#edges.set(use.line, (edge) => {
      for (const handler of handlers) handler(edge);
    });
    return {
      onEdge: (handler) => handlers.push(handler),
      onLost: (handler) => loss.onLost(handler),
      close: () => {
        this.#edges.delete(use.line);
        release();
      },
    };
  }

  #output(use: LineUse): OutputLine {
    const { loss, release } = this.#hold(use);
    const write = (active: boolean): void =>
      loss.during(() => {
        this.#ask();
        this.#lit.set(use.line, active);
      });
    write(false);
    return {
      write,
      ...(this.name === "sysfs" ? { staysLit: "use a line that is let go" } : {}),
      onLost: (handler) => loss.onLost(handler),
      close: () => {
        write(false);
        release();
      },
    };
  }
}
