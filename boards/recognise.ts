import { Fault } from "../contracts/fault.ts";
import type { Board } from "./board.ts";
import { boardNamed, boards } from "./registry.ts";

/** What a running machine says of itself. Absent: the kernel has no such place. */
export type BoardFacts = {
  /** The device tree's `compatible`, the most special first. */
  readonly compatible?: readonly string[];
  readonly dmi?: { readonly vendor: string; readonly product: string };
};

/** A board, and what it was known by. */
export type Recognised = { readonly board: Board; readonly by: string };

const answers = (wanted: string, entry: string): boolean =>
  wanted.endsWith("*") ? entry.startsWith(wanted.slice(0, -1)) : entry === wanted;

function knownBy({ recognisedBy }: Board, { compatible, dmi }: BoardFacts): string | undefined {
  if (recognisedBy === "name") return undefined;
  if ("deviceTree" in recognisedBy) {
    const entry = compatible?.find((one) => recognisedBy.deviceTree.some((wanted) => answers(wanted, one)));
    return entry === undefined ? undefined : `device tree: ${entry}`;
  }
  // Boards with a device tree may have firmware that speaks DMI as well; they are no PCs.
  if (compatible !== undefined || dmi === undefined) return undefined;
  return `DMI: ${dmi.vendor} ${dmi.product}`;
}

function seen({ compatible, dmi }: BoardFacts): string {
  const tree = compatible === undefined ? "no device tree" : `a device tree of ${compatible.join(", ")}`;
  return `${tree} and ${dmi === undefined ? "no DMI" : `DMI of ${dmi.vendor} ${dmi.product}`}`;
}

/** The board this machine is. @throws Fault board.unrecognised with what was seen */
export function recogniseBoard(facts: BoardFacts, known: readonly Board[] = Object.values(boards)): Recognised {
  for (const board of known) {
    const by = knownBy(board, facts);
    if (by !== undefined) return { board, by };
  }
  throw new Fault(
    "board.unrecognised",
    `this machine is no known board (${seen(facts)}): name one of ${known.map(({ name }) => name).join(", ")} as board in agent.json, or add boards/<name>.ts`,
    { field: "board" },
  );
}

/** The board that the configuration names; "auto": the one this machine is. @throws Fault config.unknown, board.unrecognised */
export function boardFor(name: string, facts: BoardFacts): Recognised {
  return name === "auto" ? recogniseBoard(facts) : { board: boardNamed(name), by: "configuration" };
}
