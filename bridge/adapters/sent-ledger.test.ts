import { readFile } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import { days, hours, minutes, seconds } from "../../contracts/units.ts";
import { movingClock } from "./fakes/clock.ts";
import { SentLedger } from "./sent-ledger.ts";

const rates = [
  { most: 30, within: minutes(1) },
  { most: 1000, within: hours(1) },
];

t.test("forgets what is older than it keeps, at its opening and while it is open", async (t) => {
  const clock = movingClock();
  const path = join(t.testdir(), "sent.jsonl");
  const open = () => SentLedger.open(path, { rates, keep: days(30), clock });
  const first = await open();
  await first.add("a", ["x", "y"], clock.wall());
  clock.pass(days(20));
  await first.add("b", ["x"], clock.wall());
  t.ok(first.has("a", "y"));
  clock.pass(days(11));
  await Promise.all(["c", "d"].map((effect) => first.add(effect, ["x"], clock.wall())));
  t.same([first.has("a", "x"), first.has("b", "x"), first.has("d", "x")], [false, true, true]);
  const effects = async () =>
    (await readFile(path, "utf8"))
      .trimEnd()
      .split("\n")
      .map((line) => (JSON.parse(line) as { effect: string }).effect);
  t.same(await effects(), ["b", "c", "d"]);
  await first.close();
  clock.pass(days(25));
  const second = await open();
  t.same(await effects(), ["c", "d"]);
  await second.add("e", ["x"], clock.wall());
  await second.close();
  t.same(await effects(), ["c", "d", "e"]);
});

t.test("gives a recipient 30 places a minute and 1,000 an hour, and says how long to wait for the next", async (t) => {
  const clock = movingClock();
  const ledger = await SentLedger.open(join(t.testdir(), "sent.jsonl"), { rates, keep: days(30), clock });
  t.teardown(() => ledger.close());
  const begin = clock.wall();
  let at = begin;
  const waits = new Set<number>();
  for (let taken = 0; taken < 1000; ) {
    const wait = ledger.take(["x"], at);
    if (wait === undefined) taken++;
    else waits.add(wait);
    at += wait ?? seconds(1);
  }
  t.same([...waits], [seconds(30)]);
  const wait = ledger.take(["x"], at) ?? 0;
  t.equal(at + wait, begin + hours(1));
  t.equal(ledger.take(["y"], at), undefined);
  t.equal(ledger.take(["x"], at + wait), undefined);
});
