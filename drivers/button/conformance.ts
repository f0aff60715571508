import type { Test } from "tap";
import { Fault } from "../../contracts/fault.ts";
import { systemClock } from "../../runtime/clock.ts";
import { eventually } from "../eventually.ts";
import type { Button } from "../port.ts";

/** One button of a mechanism, and the finger on it. */
export type ButtonBench = {
  open(): Promise<Button>;
  press(): Promise<void>;
  pressAnother(): Promise<void>;
  unplug(): Promise<void>;
  close(): Promise<void>;
};

/** Every button passes this. */
export function buttonConformance(t: Test, newBench: () => Promise<ButtonBench>): void {
  const settle = (): Promise<void> => systemClock.sleep(100);

  void t.test("tells each press once, with the moment it happened, and no other button's", async (t) => {
    const bench = await newBench();
    const button = await bench.open();
    const presses: number[] = [];
    button.onPress(({ atMonotonic }) => presses.push(atMonotonic));
    const before = systemClock.monotonic();
    await bench.press();
    t.ok(await eventually(() => presses.length > 0));
    await bench.pressAnother();
    await settle();
    t.equal(presses.length, 1);
    t.ok((presses[0] ?? 0) >= before && (presses[0] ?? 0) <= systemClock.monotonic());
    button.close();
    await bench.press();
    await settle();
    t.equal(presses.length, 1, "silent once closed");
    await bench.close();
  });

  void t.test("tells once that the hardware went away, and not when it was closed", async (t) => {
    const bench = await newBench();
    const lost: string[] = [];
    const kept = await bench.open();
    kept.onLost(({ code }) => lost.push(code));
    const closed = await bench.open();
    closed.onLost(() => lost.push("told after close"));
    closed.close();
    await bench.unplug();
    await eventually(() => lost.length > 0);
    await settle();
    t.strictSame(lost, ["button.lost"]);
    await t.rejects(bench.open(), Fault);
    await bench.close();
  });
}
