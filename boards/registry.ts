import { Fault } from "../contracts/fault.ts";
import { bench } from "./bench.ts";
import type { Board } from "./board.ts";
import { emulated } from "./emulated.ts";

/** Every board. A new one is one file and one line here. */
export const boards = { bench, emulated } as const satisfies Record<string, Board>;

/** @throws Fault config.unknown */
export function boardNamed(name: string): Board {
  const board = (boards as Readonly<Record<string, Board>>)[name];
  if (board === undefined || !Object.hasOwn(boards, name))
    throw new Fault("config.unknown", `there is no board "${name}": use one of ${Object.keys(boards).join(", ")}`, {
      field: "board",
    });
  return board;
}
