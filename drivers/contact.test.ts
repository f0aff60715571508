import t from "tap";
import { TestClock } from "../test/rigs/agent.ts";
import { Contact } from "./contact.ts";

function told(options: { holdMillis: number; chatterMillis?: number }) {
  const clock = new TestClock();
  const contact = new Contact({ clock, ...options });
  const list: string[] = [];
  contact.onPress(({ atMonotonic }) => list.push(`press ${atMonotonic}`));
  contact.onHold(() => list.push("hold"));
  contact.onRelease(() => list.push("release"));
  return { clock, contact, list };
}

t.test("a chattering contact is one press at its first closing, and one release", async (t) => {
  const { clock, contact, list } = told({ holdMillis: 600 });
  for (const [closed, at] of [
    [true, 1000],
    [false, 1001],
    [true, 1003],
    [false, 1004],
    [true, 1007],
  ] as const)
    contact.change(closed, at);
  await clock.pass(100);
  t.strictSame(list, ["press 1000"]);
  contact.change(false, 1100);
  contact.change(true, 1101);
  contact.change(false, 1102);
  await clock.pass(100);
  t.strictSame(list, ["press 1000", "release"]);
});

t.test("a tap that is over within the chatter is a press and a release", async (t) => {
  const { clock, contact, list } = told({ holdMillis: 600 });
  contact.change(true, 1000);
  contact.change(false, 1010);
  await clock.pass(100);
  t.strictSame(list, ["press 1000", "release"]);
});

t.test("two presses that a busy process hears of at once are two", async (t) => {
  const { clock, contact, list } = told({ holdMillis: 600 });
  for (const [closed, at] of [
    [true, 1000],
    [false, 1002],
    [true, 1004],
    [false, 1080],
    [true, 1200],
    [false, 1290],
    [true, 1291],
    [false, 1293],
  ] as const)
    contact.change(closed, at);
  await clock.pass(100);
  t.strictSame(list, ["press 1000", "release", "press 1200", "release"]);
});

t.test("what lasts is a hold, told once; what ends before is none", async (t) => {
  const { clock, contact, list } = told({ holdMillis: 600, chatterMillis: 0 });
  contact.change(true, 1);
  await clock.pass(500);
  contact.change(false, 2);
  await clock.pass(500);
  contact.change(true, 3);
  await clock.pass(2000);
  contact.change(false, 4);
  t.strictSame(list, ["press 1", "release", "press 3", "hold", "release"]);
  contact.end();
  contact.change(true, 5);
  t.equal(list.length, 5, "silent once ended");
});
