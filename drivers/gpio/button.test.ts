import t from "tap";
import { millis } from "../../contracts/units.ts";
import { systemClock } from "../../runtime/clock.ts";
import { buttonConformance } from "../button/conformance.ts";
import { eventually } from "../eventually.ts";
import type { Button } from "../port.ts";
import { chipLines } from "./backend.ts";
import { Breadboard } from "./breadboard.ts";
import { buttonOn } from "./button.ts";
import type { InputUse } from "./lines.ts";

const start = 4;
const help = 5;
const chip = "breadboard";
const use: InputUse = {
  kind: "button",
  chip,
  line: start,
  activeLow: true,
  bias: "pull-up",
  debounceMillis: millis(0),
};

async function openOn(board: Breadboard, line = start): Promise<Button> {
  const lines = await chipLines({ ...use, line }, "auto", [board]);
  return buttonOn(lines.input({ ...use, line }), millis(400), systemClock);
}

buttonConformance(t, async () => {
  const board = new Breadboard(systemClock);
  const other = await openOn(board, help);
  return {
    open: () => openOn(board),
    contact: async (closed) => board.contact(start, closed),
    pressAnother: async () => {
      board.contact(help, true);
      await systemClock.sleep(20);
      board.contact(help, false);
    },
    unplug: async () => board.unplug(),
    close: async () => other.close(),
  };
});

t.test("a press has the moment of the line's edge, not the one at which it is told", async (t) => {
  const board = new Breadboard(systemClock);
  const button = await openOn(board);
  const told: number[] = [];
  button.onPress(({ atMonotonic }) => told.push(atMonotonic));
  button.onRelease(({ atMonotonic }) => told.push(atMonotonic));
  board.contact(start, true, millis(1000.25));
  t.strictSame(told, [1000.25], "a line tells what lasted: its edge is the press");
  board.contact(start, false, millis(1100.5));
  t.ok(await eventually(() => told.length === 2));
  t.strictSame(told, [1000.25, 1100.5]);
  button.close();
});

t.test("tells each press that came and went while the process was busy", async (t) => {
  const board = new Breadboard(systemClock);
  const button = await openOn(board);
  const told: string[] = [];
  button.onPress(({ atMonotonic }) => told.push(`press ${atMonotonic}`));
  button.onRelease(({ atMonotonic }) => told.push(`release ${atMonotonic}`));
  board.contact(start, true, millis(200));
  board.contact(start, false, millis(260));
  board.contact(start, true, millis(300));
  board.contact(start, false, millis(380));
  t.ok(await eventually(() => told.length === 4));
  t.strictSame(told, ["press 200", "release 260", "press 300", "release 380"]);
  button.close();
});

t.test("tells a release and a press that came while the process was busy", async (t) => {
  const board = new Breadboard(systemClock);
  const button = await openOn(board);
  const told: string[] = [];
  button.onPress(({ atMonotonic }) => told.push(`press ${atMonotonic}`));
  button.onRelease(({ atMonotonic }) => told.push(`release ${atMonotonic}`));
  board.contact(start, true, millis(100));
  t.ok(await eventually(() => told.length === 1));
  board.contact(start, false, millis(160));
  board.contact(start, true, millis(220));
  t.ok(await eventually(() => told.length === 3));
  t.strictSame(told, ["press 100", "release 160", "press 220"]);
  button.close();
});

t.test("chatter at either end of a press is no second press, and no second release", async (t) => {
  const board = new Breadboard(systemClock);
  const button = await openOn(board);
  const told: string[] = [];
  button.onPress(({ atMonotonic }) => told.push(`press ${atMonotonic}`));
  button.onRelease(({ atMonotonic }) => told.push(`release ${atMonotonic}`));
  for (const [closed, at] of [
    [true, 100],
    [false, 102],
    [true, 105],
  ] as const)
    board.contact(start, closed, millis(at));
  await systemClock.sleep(50);
  for (const [closed, at] of [
    [false, 200],
    [true, 203],
    [false, 206],
  ] as const)
    board.contact(start, closed, millis(at));
  t.ok(await eventually(() => told.length === 2));
  await systemClock.sleep(50);
  t.strictSame(told, ["press 100", "release 206"]);
  button.close();
});

t.test("a button that is closed while it is pressed tells no hold and lets its line go", async (t) => {
  const board = new Breadboard(systemClock);
  const button = await openOn(board);
  const told: string[] = [];
  button.onPress(() => told.push("press"));
  button.onHold(() => told.push("hold"));
  button.onRelease(() => told.push("release"));
  board.contact(start, true);
  t.ok(await eventually(() => told.includes("press")));
  await t.rejects(openOn(board), { code: "button.busy" }, "a line has one holder");
  button.close();
  await systemClock.sleep(500);
  t.strictSame(told, ["press"]);
  (await openOn(board)).close();
});
