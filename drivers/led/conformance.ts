import type { Test } from "tap";
import { Fault } from "../../contracts/fault.ts";
import { seconds } from "../../contracts/units.ts";
import { systemClock } from "../../runtime/clock.ts";
import { eventually } from "../eventually.ts";
import type { Led, Look } from "../port.ts";

/** One light of a mechanism, and the eye on it. */
export type LedBench = {
  open(): Promise<Led>;
  isLit(): Promise<boolean>;
  unplug(): Promise<void>;
  close(): Promise<void>;
};

/** Every light passes this. One that would outlive its process is never shown a recording: it passes with another look. */
export function ledConformance(t: Test, newBench: () => Promise<LedBench>, look: Look = "recording"): void {
  const settle = (): Promise<void> => systemClock.sleep(100);

  void t.test("is dark until shown, follows what is shown, and is dark again when its holder closes it", async (t) => {
    const bench = await newBench();
    const led = await bench.open();
    t.equal(await bench.isLit(), false);
    led.show(look);
    t.ok(await eventually(() => bench.isLit()));
    led.show("off");
    t.ok(await eventually(async () => !(await bench.isLit())));
    led.show(look);
    t.ok(await eventually(() => bench.isLit()));
    led.close();
    t.ok(await eventually(async () => !(await bench.isLit()), seconds(1)));
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
    t.strictSame(lost, ["led.lost"]);
    await t.rejects(bench.open(), Fault);
    await bench.close();
  });
}
