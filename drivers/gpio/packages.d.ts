// What is used of two packages that come without types.

declare module "board-io" {
  import type { EventEmitter } from "node:events";

  type Pin = { supportedModes: number[]; mode: number; report: number; analogChannel: number };

  interface BoardIO extends EventEmitter {
    readonly _pins: Pin[];
    readonly MODES: Readonly<Record<"INPUT" | "OUTPUT" | "PWM", number>>;
    pinMode(pin: number, mode: number): void;
    digitalWrite(pin: number, value: number): void;
    analogWrite(pin: number, value: number): void;
    digitalRead(pin: number, callback: (value: number) => void): void;
  }
  const boardIO: new (options: { quiet: boolean }) => BoardIO;
  export = boardIO;
}

declare module "johnny-five" {
  import type { EventEmitter } from "node:events";

  export interface Board extends EventEmitter {
    /** Every component that was made on it. */
    register: object[];
  }

  /** Emits "down", "up" and, again and again while it is down, "hold". */
  export type Button = EventEmitter;

  export interface Led {
    on(): this;
    off(): this;
  }

  export interface Rgb {
    /** Each from 0 to 255. */
    color(colour: { red: number; green: number; blue: number }): this;
  }

  export type Five = {
    readonly Board: new (options: { io: object; repl: false; debug: false; sigint: false }) => Board;
    readonly Button: new (options: { board: Board; pin: number; holdtime: number }) => Button;
    readonly Led: (new (options: {
      board: Board;
      pin: number;
    }) => Led) & {
      readonly RGB: new (options: { board: Board; pins: readonly number[] }) => Rgb;
    };
  };
  const five: Five;

  // biome-ignore lint/style/noDefaultExport: that is how Node gives a CommonJS package
  export { five as default };
}
