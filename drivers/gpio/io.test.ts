import t from "tap";
import { systemClock } from "../../runtime/clock.ts";
import { Breadboard } from "./breadboard.ts";
import { LineIo, mountLed, mountRgb } from "./io.ts";
import type { Lines, LineUse } from "./lines.ts";

const use = (line: number): LineUse => ({ kind: "led", chip: "breadboard", line, activeLow: false });

async function board(): Promise<{ board: Breadboard; lines: Lines }> {
  const board = new Breadboard(systemClock);
  const { lines } = await board.look("breadboard");
  if (lines === undefined) throw new Error("the breadboard has lost its lines");
  return { board, lines };
}

t.test("johnny-five's Led switches the line it is mounted on", async (t) => {
  const { board: bench, lines } = await board();
  const [one, other] = [lines.output(use(1)), lines.output(use(2))];
  const [led, second] = [await mountLed(one), await mountLed(other)];
  led.component.on();
  t.strictSame([bench.isLit(1), bench.isLit(2)], [true, false]);
  second.component.on();
  led.component.off();
  t.strictSame([bench.isLit(1), bench.isLit(2)], [false, true]);
  for (const mounted of [led, second]) mounted.unmount();
  for (const line of [one, other]) line.close();
});

t.test("a colour of Led.RGB lights the lines of which it has half or more", async (t) => {
  const { board: bench, lines } = await board();
  const [red, green, blue] = [lines.output(use(1)), lines.output(use(2)), lines.output(use(3))];
  const { component, unmount } = await mountRgb({ red, green, blue });
  const lit = (): boolean[] => [bench.isLit(1), bench.isLit(2), bench.isLit(3)];
  t.strictSame(lit(), [false, false, false], "dark until a colour is set");
  component.color({ red: 255, green: 127, blue: 0 });
  t.strictSame(lit(), [true, false, false]);
  component.color({ red: 0, green: 128, blue: 200 });
  t.strictSame(lit(), [false, true, true]);
  component.color({ red: 0, green: 0, blue: 0 });
  t.strictSame(lit(), [false, false, false]);
  component.color({ red: 0, green: 0, blue: 255 });
  t.strictSame(lit(), [false, false, true], "also after it was dark");
  unmount();
  component.color({ red: 255, green: 255, blue: 255 });
  t.strictSame(lit(), [false, false, true], "no longer once unmounted");
});

t.test("pins that are given back are given again, and there is an end to them", async (t) => {
  const { lines } = await board();
  const io = new LineIo();
  const line = lines.output(use(1));
  const pins = Array.from({ length: 64 }, () => io.addOutput(line));
  t.equal(new Set(pins).size, 64);
  t.throws(() => io.addOutput(line), RangeError);
  io.remove(17);
  t.equal(io.addOutput(line), 17);
  line.close();
});

t.test("says nothing on stdout", async (t) => {
  const written: unknown[] = [];
  const write = process.stdout.write;
  process.stdout.write = ((chunk: unknown) => written.push(chunk) > 0) as typeof write;
  const io = new LineIo();
  io.pinMode(1, 0);
  io.analogWrite(1, 3);
  io.digitalWrite(2, 1);
  process.stdout.write = write;
  t.strictSame(written, []);
});
