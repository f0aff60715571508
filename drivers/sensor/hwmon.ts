import { z } from "zod";
import { Fault } from "../../contracts/fault.ts";
import { defineDriver, type Readings, type Sensor } from "../port.ts";
import { type Chip, chips, frequencyCapped, hottestChip, hottestZone, list, readQuantity, root } from "../sysfs.ts";

/** Where a processor's temperature stands on a PC without a thermal zone for it. */
const processors = ["coretemp", "k10temp", "cpu_thermal"];

const input = (of: RegExp) => z.strictObject({ chip: z.string().min(1), input: z.string().regex(of) });
const options = z.strictObject({
  root,
  /** The voltage that feeds the board, where a chip measures it: its name, and `in0` to `in9`. */
  supply: input(/^in\d+$/).optional(),
});
type Options = z.output<typeof options>;

/** `rpi_volt` (drivers/hwmon/raspberrypi-hwmon.c) is a Pi's own alarm of a weak supply; other chips' alarms mean other rails. */
async function underVoltage(found: readonly Chip[]): Promise<boolean | undefined> {
  const pi = found.find(({ name }) => name === "rpi_volt");
  const alarm = pi === undefined ? undefined : await readQuantity([pi.folder, "in0_lcrit_alarm"], 1);
  return alarm === undefined ? undefined : alarm === 1;
}

async function fan(found: readonly Chip[]): Promise<number | undefined> {
  for (const { folder } of found)
    for (const name of await list(folder)) if (/^fan\d+_input$/.test(name)) return readQuantity([folder, name], 1);
  return undefined;
}

async function voltage(found: readonly Chip[], supply: Options["supply"]): Promise<number | undefined> {
  const chip = found.find(({ name }) => name === supply?.chip);
  return chip === undefined ? undefined : readQuantity([chip.folder, `${supply?.input}_input`], 1000);
}

/** What is known, and nothing else. */
async function look({ root: sys, supply }: Options): Promise<Readings> {
  const found = await chips(sys);
  const temperatureCelsius = (await hottestZone(sys)) ?? (await hottestChip(found, processors));
  const [capped, weak, supplyVolts, fanRpm] = await Promise.all([
    frequencyCapped(sys),
    underVoltage(found),
    voltage(found, supply),
    fan(found),
  ]);
  const throttled = [...(weak ? ["underVoltage"] : []), ...(capped ? ["frequencyCapped"] : [])];
  return {
    ...(temperatureCelsius === undefined ? {} : { temperatureCelsius }),
    ...(capped === undefined && weak === undefined ? {} : { throttled }),
    ...(supplyVolts === undefined ? {} : { supplyVolts }),
    ...(fanRpm === undefined ? {} : { fanRpm }),
  };
}

const silent = (readings: Readings): boolean => Object.keys(readings).length === 0;

/** @throws Fault sensor.missing */
async function openHwmon(given: Options): Promise<Sensor> {
  if (silent(await look(given)))
    throw new Fault("sensor.missing", "the kernel knows no sensor of this board: load its hwmon or thermal module");
  return {
    read: async () => {
      const readings = await look(given);
      if (silent(readings)) throw new Fault("sensor.lost", "the kernel's sensors of this board went away");
      return readings;
    },
    close: () => undefined,
  };
}

export const hwmonSensor = defineDriver({
  kind: "sensor",
  summary: "Temperature, throttling, fan and supply as the kernel's hwmon and thermal classes tell them",
  options,
  open: (given) => openHwmon(given),
});
