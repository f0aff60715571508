import { once } from "node:events";
import BoardIO from "board-io";
import type { Board, Button, Five, Led, Rgb } from "johnny-five";
import { type Millis, millis } from "../../contracts/units.ts";
import type { InputLine, OutputLine } from "./lines.ts";

/** As many lines as one process holds at once: seven buttons, their service chord and a dozen lights are far from it. */
const pinCount = 64;
/** How long johnny-five's Button waits for a level to stand (fixed in its button.js). */
export const buttonSettle: Millis = millis(7);
/** Of 255: from here on a line without pulse-width modulation is on. */
const threshold = 128;

/** johnny-five's way to our lines: each line that is held is a pin. */
export class LineIo extends BoardIO {
  readonly name = "Candor";
  /** Who reads each pin that is an input. */
  readonly #inputs = new Map<number, ((value: number) => void)[]>();
  readonly #outputs = new Map<number, OutputLine>();

  constructor() {
    super({ quiet: true });
    const { INPUT, OUTPUT } = this.MODES;
    for (let pin = 0; pin < pinCount; pin++)
      this._pins.push({ supportedModes: [INPUT, OUTPUT], mode: INPUT, report: 1, analogChannel: 127 });
  }

  /** @throws RangeError when every pin is taken */
  addInput(line: InputLine): number {
    const pin = this.#freePin();
    const readers: ((value: number) => void)[] = [];
    this.#inputs.set(pin, readers);
    line.onEdge(({ active }) => {
      for (const reader of readers) reader(active ? 1 : 0);
    });
    return pin;
  }

  /** @throws RangeError when every pin is taken */
  addOutput(line: OutputLine): number {
    const pin = this.#freePin();
    this.#outputs.set(pin, line);
    return pin;
  }

  /** An input is read as open once more: that is what ends johnny-five's hold timer. */
  remove(pin: number): void {
    for (const reader of this.#inputs.get(pin)?.splice(0) ?? []) reader(0);
    this.#inputs.delete(pin);
    this.#outputs.delete(pin);
  }

  override pinMode(pin: number, mode: number): void {
    const known = this._pins[pin];
    if (known !== undefined) known.mode = mode;
  }

  override digitalRead(pin: number, callback: (value: number) => void): void {
    this.#inputs.get(pin)?.push(callback);
  }

  override digitalWrite(pin: number, value: number): void {
    this.#outputs.get(pin)?.write(value > 0);
  }

  override analogWrite(pin: number, value: number): void {
    this.#outputs.get(pin)?.write(value >= threshold);
  }

  #freePin(): number {
    for (let pin = 0; pin < pinCount; pin++) if (!this.#inputs.has(pin) && !this.#outputs.has(pin)) return pin;
    throw new RangeError(`this process holds ${pinCount} lines already`);
  }
}

type Workbench = { five: Five; board: Board; io: LineIo };

/** johnny-five's board over our lines. Silent: stdout belongs to a command's answer, and signals to the process. */
async function startWorkbench(): Promise<Workbench> {
  // Only who has such lines pays for loading it.
  const { default: five } = await import("johnny-five");
  const io = new LineIo();
  const board = new five.Board({ io, repl: false, debug: false, sigint: false });
  const ready = once(board, "ready");
  io.emit("connect");
  io.emit("ready");
  await ready;
  return { five, board, io };
}

/** johnny-five keeps its boards for ever, so a process has one. */
let workbench: Promise<Workbench> | undefined;

const theWorkbench = (): Promise<Workbench> => {
  workbench ??= startWorkbench();
  return workbench;
};

/** A component of johnny-five, and the end of what it holds. The lines are closed by who opened them. */
export type Mounted<Component> = { component: Component; unmount(): void };

function mounted<Component extends object>(
  { board, io }: Workbench,
  component: Component,
  pins: readonly number[],
): Mounted<Component> {
  return {
    component,
    unmount: () => {
      for (const pin of pins) io.remove(pin);
      board.register = board.register.filter((one) => one !== component);
    },
  };
}

/** A button on an input line. Its events come when the level has stood for `buttonSettle`. */
export async function mountButton(line: InputLine, holdMillis: Millis): Promise<Mounted<Button>> {
  const bench = await theWorkbench();
  const pin = bench.io.addInput(line);
  return mounted(bench, new bench.five.Button({ board: bench.board, pin, holdtime: holdMillis }), [pin]);
}

/** A light on an output line: on or off. */
export async function mountLed(line: OutputLine): Promise<Mounted<Led>> {
  const bench = await theWorkbench();
  const pin = bench.io.addOutput(line);
  return mounted(bench, new bench.five.Led({ board: bench.board, pin }), [pin]);
}

export type RgbLines = Readonly<Record<"red" | "green" | "blue", OutputLine>>;

/** A light of three output lines, each on from half of its colour's value on. */
export async function mountRgb({ red, green, blue }: RgbLines): Promise<Mounted<Rgb>> {
  const bench = await theWorkbench();
  const pins = [red, green, blue].map((line) => bench.io.addOutput(line));
  return mounted(bench, new bench.five.Led.RGB({ board: bench.board, pins }), pins);
}
