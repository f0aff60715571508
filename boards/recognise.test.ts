import t from "tap";
import type { Board } from "./board.ts";
import { emulated } from "./emulated.ts";
import { boardFor, recogniseBoard } from "./recognise.ts";

const named = (name: string, recognisedBy: Board["recognisedBy"]): Board => ({ ...emulated, name, recognisedBy });
const known = [
  named("tree", { deviceTree: ["maker,board-4", "maker,carrier+module-*"], source: "a test" }),
  named("pc", { dmi: true, source: "a test" }),
  named("handmade", "name"),
];
const dmi = { vendor: "A vendor", product: "A product" };

t.test("a board is known by any entry of its device tree, whole or by its beginning", async (t) => {
  t.strictSame(recogniseBoard({ compatible: ["maker,board-4", "maker,chip"] }, known).by, "device tree: maker,board-4");
  t.equal(recogniseBoard({ compatible: ["maker,carrier+module-0003", "maker,chip"] }, known).board.name, "tree");
  t.throws(() => recogniseBoard({ compatible: ["maker,board-40"] }, known), { code: "board.unrecognised" });
});

t.test("a machine with DMI is a PC, unless it has a device tree", async (t) => {
  t.strictSame(recogniseBoard({ dmi }, known), { board: known[1], by: "DMI: A vendor A product" });
  t.equal(recogniseBoard({ compatible: ["maker,board-4"], dmi }, known).board.name, "tree");
  t.throws(() => recogniseBoard({ compatible: ["other,board"], dmi }, known), { code: "board.unrecognised" });
});

t.test("an unknown machine is refused with what was seen and what to do", async (t) => {
  t.throws(() => recogniseBoard({ compatible: ["other,board"] }, known), {
    code: "board.unrecognised",
    field: "board",
    message: /other,board.*no DMI.*handmade/s,
  });
  t.throws(() => recogniseBoard({}, known), { message: /no device tree and no DMI/ });
});

t.test("a board that is named is taken by its name, whatever the machine", async (t) => {
  t.equal(boardFor("emulated", { dmi }).board.name, "emulated");
  t.throws(() => boardFor("emulatd", {}), { code: "config.unknown", field: "board" });
  t.throws(() => boardFor("auto", {}), { code: "board.unrecognised" });
});
