import type { Board } from "../../boards/board.ts";
import { type Chosen, chosenProfile } from "../../boards/profile.ts";
import { boardFor } from "../../boards/recognise.ts";
import { readBoardFacts, readBoardProfile } from "../../provisioning/board.ts";
import { configFolder } from "../../runtime/config.ts";

/** The board of this machine, what it was known by, and what runs on it. */
export type Resolved = { readonly board: Board; readonly by: string; readonly profile: Chosen };
export type Places = { root?: string; configFolder?: string };

/**
 * The one way from the configuration's `board` to a board: agent, capture, inference and `candor board` all take it.
 * @throws Fault board.unrecognised, config.unknown, config.invalid
 */
export async function resolveBoard(name: string, places: Places = {}): Promise<Resolved> {
  // A board that is named needs no look at the machine.
  const { board, by } = boardFor(name, name === "auto" ? await readBoardFacts(places.root) : {});
  const measured = await readBoardProfile(places.configFolder ?? configFolder());
  return { board, by, profile: chosenProfile(board, measured) };
}
