import t from "tap";
import { millis, seconds } from "../../contracts/units.ts";
import { TestClock } from "../../test/rigs/agent.ts";
import type { Look } from "../port.ts";
import { looks } from "./looks.ts";
import { frameAt, type Painted, playLook } from "./player.ts";

const names = Object.keys(looks) as Look[];
const red = { red: 1, green: 0, blue: 0 };
const dark = { red: 0, green: 0, blue: 0 };

t.test("the recording light is red from its first moment on, and never anything else", async (t) => {
  for (const at of [0, 1, 999, 1000, 86_400_123])
    t.strictSame(frameAt("recording", millis(at)), { colour: red, changesIn: Number.POSITIVE_INFINITY });
});

t.test("no other look is ever red alone", async (t) => {
  for (const name of names.filter((other) => other !== "recording"))
    for (const { colour } of looks[name]) t.notOk(colour.red > 0 && colour.green + colour.blue === 0, name);
});

t.test("the looks that blink differ in rhythm, for lights of one colour", async (t) => {
  const rhythm = (name: Look): string =>
    looks[name].map(({ millis: length, colour }) => `${Math.max(...Object.values(colour)) >= 0.5} ${length}`).join();
  const blinking = names.filter((name) => looks[name].length > 1);
  t.equal(new Set(blinking.map(rhythm)).size, blinking.length);
  t.equal(rhythm("off") === rhythm("recording"), false);
});

t.test("no look flashes more than three times in any second", async (t) => {
  for (const name of names) {
    const cycle = looks[name].reduce((sum, { millis: length }) => sum + length, 0);
    const starts = looks[name].filter(({ colour }) => Math.max(...Object.values(colour)) >= 0.5).length;
    t.ok(looks[name].length === 1 || (starts / cycle) * seconds(1) <= 3, name);
  }
});

t.test("a look begins again when its last frame is over", async (t) => {
  t.strictSame(frameAt("fault", millis(0)), frameAt("fault", millis(500)));
  t.strictSame(frameAt("fault", millis(300)), { colour: dark, changesIn: 200 });
});

t.test("a turning look says how far its point has come, in small steps", async (t) => {
  t.strictSame(frameAt("thinking", millis(400)), { colour: { red: 0, green: 0, blue: 1 }, turn: 0.25, changesIn: 50 });
  t.equal(frameAt("thinking", millis(790)).changesIn, 10);
});

function played() {
  const clock = new TestClock();
  const painted: [number, Painted["colour"]][] = [];
  const player = playLook({ clock, paint: ({ colour }) => painted.push([clock.monotonic() - start, colour]) });
  const start = clock.monotonic();
  return { clock, player, painted };
}

t.test("paints frame after frame, and goes on with the same look as it was", async (t) => {
  const { clock, player, painted } = played();
  player.show("fault");
  await clock.pass(600);
  player.show("fault");
  t.strictSame(
    painted.map(([at]) => at),
    [0, 250, 500],
  );
  player.stop();
  await clock.pass(5000);
  t.equal(painted.length, 4, "dark once, and nothing after it");
  t.strictSame(painted.at(-1)?.[1], dark);
});

t.test("a new look is there at once, and the one before paints no more", async (t) => {
  const { clock, player, painted } = played();
  player.show("help");
  await clock.pass(100);
  player.show("recording");
  await clock.pass(5000);
  t.strictSame(painted.at(-1), [100, red]);
  t.equal(painted.length, 2);
});
