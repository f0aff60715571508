import t from "tap";
import { systemClock } from "../../runtime/clock.ts";
import { eventually } from "../eventually.ts";
import { ledConformance } from "../led/conformance.ts";
import type { Led } from "../port.ts";
import { chipLines } from "./backend.ts";
import { Breadboard } from "./breadboard.ts";
import { ledOn, rgbOn } from "./light.ts";
import type { LineUse, OutputLine } from "./lines.ts";

const use = (line: number): LineUse => ({ kind: "led", chip: "breadboard", line, activeLow: false });
const colours = [10, 11, 12] as const;

async function output(board: Breadboard, line: number): Promise<OutputLine> {
  return (await chipLines(use(line), "auto", [board])).output(use(line));
}

async function openRgb(board: Breadboard): Promise<Led> {
  const [red, green, blue] = await Promise.all(colours.map((line) => output(board, line)));
  if (red === undefined || green === undefined || blue === undefined) throw new Error("three lines were asked for");
  return rgbOn({ red, green, blue }, systemClock);
}

ledConformance(t, async () => {
  const board = new Breadboard(systemClock);
  return {
    open: async () => ledOn(await output(board, 8), systemClock),
    isLit: async () => board.isLit(8),
    unplug: async () => board.unplug(),
    close: async () => undefined,
  };
});

ledConformance(t, async () => {
  const board = new Breadboard(systemClock);
  return {
    open: () => openRgb(board),
    isLit: async () => colours.some((line) => board.isLit(line)),
    unplug: async () => board.unplug(),
    close: async () => undefined,
  };
});

t.test("a light of three lines that loses its chip tells it once and lets all its lines go", async (t) => {
  const board = new Breadboard(systemClock);
  const led = await openRgb(board);
  const lost: string[] = [];
  led.onLost(({ code }) => lost.push(code));
  led.show("recording");
  board.unplug();
  led.show("help");
  t.ok(await eventually(() => lost.length > 0));
  led.show("idle");
  led.close();
  await systemClock.sleep(50);
  t.strictSame(lost, ["led.lost"]);
  t.equal(board.held, 0);
});

t.test("a line that outlives its process shows every look but a recording, and says so", async (t) => {
  const board = new Breadboard(systemClock, "breadboard", "sysfs");
  const led = await ledOn(await output(board, 8), systemClock);
  const lost: string[] = [];
  led.show("listening");
  t.ok(board.isLit(8));
  led.show("recording");
  t.notOk(board.isLit(8));
  led.onLost(({ code }) => lost.push(code));
  await systemClock.sleep(10);
  t.strictSame(lost, ["led.format"]);
  t.equal(board.held, 0);
});
