import type { Test } from "tap";
import { Fault } from "../../contracts/fault.ts";
import { systemClock } from "../../runtime/clock.ts";
import { eventually } from "../eventually.ts";
import type { Button } from "../port.ts";

/** One button of a mechanism, and the finger on it. */
export type ButtonBench = {
  open(): Promise<Button>;
  /** Closes or opens the contact. */
  contact(closed: boolean): Promise<void>;
  pressAnother(): Promise<void>;
  unplug(): Promise<void>;
  close(): Promise<void>;
};

/** A contact chatters within milliseconds: no change waits for the answer to the one before it. */
async function chatter(bench: ButtonBench, changes: readonly boolean[]): Promise<void> {
  await Promise.all(changes.map((closed) => bench.contact(closed)));
}

/** A short press that chatters at both ends. */
async function press(bench: ButtonBench): Promise<void> {
  await chatter(bench, [true, false, true, false, true]);
  await systemClock.sleep(80);
  await chatter(bench, [false, true, false]);
  await systemClock.sleep(50);
}

/** Every button passes this; it is opened with holds of 400 ms. */
export function buttonConformance(t: Test, newBench: () => Promise<ButtonBench>): void {
  const settle = (): Promise<void> => systemClock.sleep(100);

  void t.test("tells each press once, with the moment it happened, and no other button's", async (t) => {
    const bench = await newBench();
    const button = await bench.open();
    const presses: number[] = [];
    button.onPress(({ atMonotonic }) => presses.push(atMonotonic));
    const before = systemClock.monotonic();
    await press(bench);
    t.ok(await eventually(() => presses.length > 0));
    await bench.pressAnother();
    await settle();
    t.equal(presses.length, 1);
    t.ok((presses[0] ?? 0) >= before && (presses[0] ?? 0) <= systemClock.monotonic());
    button.close();
    await press(bench);
    await settle();
    t.equal(presses.length, 1, "silent once closed");
    await bench.close();
  });

  void t.test("tells a hold once while it lasts, and the release after it", async (t) => {
    const bench = await newBench();
    const button = await bench.open();
    const told: string[] = [];
    button.onPress(() => told.push("press"));
    button.onHold(() => told.push("hold"));
    button.onRelease(() => told.push("release"));
    await bench.contact(true);
    t.ok(await eventually(() => told.includes("hold")));
    await systemClock.sleep(500);
    await bench.contact(false);
    t.ok(await eventually(() => told.includes("release")));
    await press(bench);
    await settle();
    t.strictSame(told, ["press", "hold", "release", "press", "release"]);
    button.close();
    await bench.close();
  });

  void t.test("tells once that the hardware went away, and not when it was closed", async (t) => {
    const bench = await newBench();
    const lost: string[] = [];
    // A line of hardware has one holder: the first lets go before the second takes it.
    const closed = await bench.open();
    closed.onLost(() => lost.push("told after close"));
    closed.close();
    const kept = await bench.open();
    kept.onLost(({ code }) => lost.push(code));
    await bench.unplug();
    await eventually(() => lost.length > 0);
    await settle();
    t.strictSame(lost, ["button.lost"]);
    await t.rejects(bench.open(), Fault);
    await bench.close();
  });
}
