import t from "tap";
import { seconds } from "../contracts/units.ts";
import { TestClock } from "../test/rigs/agent.ts";
import { ClosedButtons } from "./closed.ts";

function watched() {
  const clock = new TestClock();
  const told: string[] = [];
  const closed = new ClosedButtons({
    clock,
    onChord: (chord) => told.push(chord),
    onStuck: (button) => told.push(`stuck ${button}`),
    onFreed: (button) => told.push(`freed ${button}`),
  });
  return { clock, told, closed };
}

t.test("start and help held together for three seconds are the service chord, once", async (t) => {
  const { clock, told, closed } = watched();
  closed.closes("start");
  await clock.pass(seconds(10));
  closed.closes("help");
  await clock.pass(seconds(2.9));
  t.strictSame(told, []);
  await clock.pass(seconds(20));
  t.strictSame(told, ["service"]);
});

t.test("a chord that is let go in time is none, and begins anew when it is closed again", async (t) => {
  const { clock, told, closed } = watched();
  for (const button of ["start", "help"]) closed.closes(button);
  await clock.pass(seconds(2));
  closed.opens("help");
  closed.closes("help");
  await clock.pass(seconds(2));
  closed.opens("start");
  await clock.pass(seconds(10));
  t.strictSame(told, []);
  closed.closes("start");
  await clock.pass(seconds(3));
  t.strictSame(told, ["service"]);
});

t.test("a button that stays closed for a minute is told as stuck once, and as freed when it opens", async (t) => {
  const { clock, told, closed } = watched();
  closed.closes("A");
  closed.closes("B");
  await clock.pass(seconds(59));
  closed.opens("B");
  await clock.pass(seconds(120));
  t.strictSame(told, ["stuck A"]);
  closed.opens("A");
  closed.opens("A");
  t.strictSame(told, ["stuck A", "freed A"]);
});
