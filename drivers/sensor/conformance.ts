import type { Test } from "tap";
import { Fault } from "../../contracts/fault.ts";
import { eventually } from "../eventually.ts";
import type { Readings, Sensor } from "../port.ts";

/** The sensors of a board, and the weather they are in. */
export type SensorBench = {
  open(): Promise<Sensor>;
  /** Makes the board be so, as far as the mechanism can know it. */
  set(readings: Required<Omit<Readings, "fanRpm">>): Promise<void>;
  unplug(): Promise<void>;
  close(): Promise<void>;
};

/** Every sensor passes this; `knows` names the readings that its mechanism has. */
export function sensorConformance(
  t: Test,
  knows: readonly Exclude<keyof Readings, "fanRpm">[],
  newBench: () => Promise<SensorBench>,
): void {
  const calm = { temperatureCelsius: 41.5, throttled: [], supplyVolts: 5.08 };
  const hot = { temperatureCelsius: 83.25, throttled: ["frequencyCapped"], supplyVolts: 4.62 };
  const known = (readings: Readings): Readings =>
    Object.fromEntries(Object.entries(readings).filter(([name]) => (knows as readonly string[]).includes(name)));

  void t.test("tells how the board is, each time anew, and leaves out what it does not know", async (t) => {
    const bench = await newBench();
    await bench.set(calm);
    const sensor = await bench.open();
    t.strictSame(await sensor.read(), known(calm));
    await bench.set(hot);
    await eventually(async () => (await sensor.read()).temperatureCelsius !== calm.temperatureCelsius);
    t.strictSame(await sensor.read(), known(hot));
    sensor.close();
    await bench.close();
  });

  void t.test("says lost when it goes away, and missing to whoever opens it then", async (t) => {
    const bench = await newBench();
    await bench.set(calm);
    const sensor = await bench.open();
    await bench.unplug();
    let code = "";
    await eventually(async () => {
      code = await sensor.read().then(
        () => "",
        (error) => (error instanceof Fault ? error.code : String(error)),
      );
      return code !== "";
    });
    t.equal(code, "sensor.lost");
    await t.rejects(bench.open(), { code: "sensor.missing" });
    sensor.close();
    await bench.close();
  });
}
