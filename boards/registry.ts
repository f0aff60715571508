import { Fault } from "../contracts/fault.ts";
import { bench } from "./bench.ts";
import type { Board } from "./board.ts";
import { emulated } from "./emulated.ts";
import { genericX86 } from "./generic-x86.ts";
import { jetsonOrinNano } from "./jetson-orin-nano.ts";
import { raspberryPi4 } from "./raspberry-pi-4.ts";
import { raspberryPi5 } from "./raspberry-pi-5.ts";

/** Every board. A new one is one file and one line here. */
export const boards = {
  "raspberry-pi-4": raspberryPi4,
  "raspberry-pi-5": raspberryPi5,
  "jetson-orin-nano": jetsonOrinNano,
  "generic-x86": genericX86,
  emulated,
  bench,
} as const satisfies Record<string, Board>;

/** @throws Fault config.unknown */
export function boardNamed(name: string): Board {
  const board = (boards as Readonly<Record<string, Board>>)[name];
  if (board === undefined || !Object.hasOwn(boards, name))
    throw new Fault("config.unknown", `there is no board "${name}": use one of ${Object.keys(boards).join(", ")}`, {
      field: "board",
    });
  return board;
}
