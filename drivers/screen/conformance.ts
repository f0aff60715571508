import type { Test } from "tap";
import { Fault } from "../../contracts/fault.ts";
import { eventually } from "../eventually.ts";
import type { Display } from "../port.ts";

/** A display, and the eye before it. */
export type ScreenBench = {
  open(): Promise<Display>;
  /** `light`: from 0 (dark) to 1 (full). */
  look(): Promise<{ light: number; on: boolean }>;
  unplug(): Promise<void>;
  close(): Promise<void>;
};

/** Every display passes this. */
export function screenConformance(t: Test, newBench: () => Promise<ScreenBench>): void {
  void t.test(
    "is as bright as told, can be read at its darkest, and keeps what was told when it is closed",
    async (t) => {
      const bench = await newBench();
      const display = await bench.open();
      await display.setBrightness(1);
      t.ok(await eventually(async () => (await bench.look()).light === 1));
      await display.setBrightness(0.5);
      t.ok(await eventually(async () => Math.abs((await bench.look()).light - 0.5) < 0.1));
      await display.setBrightness(0);
      t.ok(await eventually(async () => (await bench.look()).light < 0.2));
      t.equal((await bench.look()).on, true, "dark is not off");
      await display.setBrightness(7);
      t.ok(await eventually(async () => (await bench.look()).light === 1), "what is too much is all");
      await display.setBrightness(0.5);
      t.ok(await eventually(async () => (await bench.look()).light < 1));
      display.close();
      t.ok(Math.abs((await bench.look()).light - 0.5) < 0.1);
      await bench.close();
    },
  );

  void t.test("goes off and on, with the light it had", async (t) => {
    const bench = await newBench();
    const display = await bench.open();
    await display.setBrightness(1);
    await display.setPower(false);
    t.ok(await eventually(async () => !(await bench.look()).on));
    await display.setPower(true);
    t.ok(await eventually(async () => (await bench.look()).on));
    t.equal((await bench.look()).light, 1);
    display.close();
    await bench.close();
  });

  void t.test("says lost when it goes away, and missing to whoever opens it then", async (t) => {
    const bench = await newBench();
    const display = await bench.open();
    await bench.unplug();
    let code = "";
    await eventually(async () => {
      code = await display.setBrightness(0.5).then(
        () => "",
        (error) => (error instanceof Fault ? error.code : String(error)),
      );
      return code !== "";
    });
    t.equal(code, "screen.lost");
    await t.rejects(bench.open(), { code: "screen.missing" });
    display.close();
    await bench.close();
  });
}
