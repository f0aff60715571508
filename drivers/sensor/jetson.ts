import { join } from "node:path";
import { z } from "zod";
import { Fault } from "../../contracts/fault.ts";
import { defineDriver, type Readings, type Sensor } from "../port.ts";
import { chipsIn, frequencyCapped, hottestZone, list, readAttribute, readQuantity, root } from "../sysfs.ts";

const options = z.strictObject({
  root,
  /** The rail whose voltage feeds the module, as its INA3221 labels it (`in1_label`); on Orin modules "VDD_IN". */
  supplyRail: z.string().min(1).default("VDD_IN"),
});
type Options = z.output<typeof options>;

/** Millivolts of the rail with this label (kernel Documentation/hwmon/ina3221: `inN_label`, `inN_input`). */
async function rail(sys: string, label: string): Promise<number | undefined> {
  const driver = join(sys, "bus", "i2c", "drivers", "ina3221");
  for (const device of await list(driver))
    for (const { folder } of await chipsIn(join(driver, device, "hwmon")))
      for (const name of await list(folder)) {
        const [, channel] = /^(in\d+)_label$/.exec(name) ?? [];
        if (channel !== undefined && (await readAttribute(folder, name)) === label)
          return readQuantity([folder, `${channel}_input`], 1000);
      }
  return undefined;
}

async function look({ root: sys, supplyRail }: Options): Promise<Readings> {
  const [temperatureCelsius, capped, supplyVolts] = await Promise.all([
    hottestZone(sys),
    frequencyCapped(sys),
    rail(sys, supplyRail),
  ]);
  return {
    ...(temperatureCelsius === undefined ? {} : { temperatureCelsius }),
    ...(capped === undefined ? {} : { throttled: capped ? ["frequencyCapped"] : [] }),
    ...(supplyVolts === undefined ? {} : { supplyVolts }),
  };
}

/** Every Jetson has a thermal zone; without one this is none. @throws Fault sensor.missing */
async function openJetson(given: Options): Promise<Sensor> {
  if ((await look(given)).temperatureCelsius === undefined)
    throw new Fault(
      "sensor.missing",
      "this board has no thermal zone that answers: is it a Jetson with its own kernel?",
    );
  return {
    read: async () => {
      const readings = await look(given);
      if (readings.temperatureCelsius === undefined) throw new Fault("sensor.lost", "the thermal zones answer no more");
      return readings;
    },
    close: () => undefined,
  };
}

export const jetsonSensor = defineDriver({
  kind: "sensor",
  summary: "A Jetson's thermal zones, its processor's throttling, and its supply through the INA3221",
  options,
  open: (given) => openJetson(given),
});
