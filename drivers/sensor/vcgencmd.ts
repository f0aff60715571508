import { z } from "zod";
import { asFault, Fault } from "../../contracts/fault.ts";
import { run } from "../../runtime/subprocess.ts";
import { defineDriver, type Readings, type Sensor } from "../port.ts";

const options = z.strictObject({ program: z.string().min(1).default("vcgencmd") });

/**
 * The low bits say what holds now; bits 16 to 19 say what held since the boot and are of no use to whoever judges now.
 * Source: Raspberry Pi documentation, "vcgencmd", get_throttled.
 */
const reasons = [
  { bit: 0, reason: "underVoltage" },
  { bit: 1, reason: "frequencyCapped" },
  { bit: 2, reason: "throttled" },
  { bit: 3, reason: "softTemperatureLimit" },
] as const;

/** `temp=48.3'C` */
export function parseTemperature(said: string): number | undefined {
  const [, celsius] = /^temp=(-?\d+(?:\.\d+)?)'C$/.exec(said.trim()) ?? [];
  return celsius === undefined ? undefined : Number(celsius);
}

/** `throttled=0x50005` */
export function parseThrottled(said: string): string[] | undefined {
  const [, bits] = /^throttled=(0x[0-9a-f]+)$/i.exec(said.trim()) ?? [];
  if (bits === undefined) return undefined;
  return reasons.filter(({ bit }) => (Number(bits) >> bit) & 1).map(({ reason }) => reason);
}

/** `EXT5V_V volt(24)=5.15096000V`: what feeds a Pi 5, as its power chip measures it. Older boards measure no supply. */
export function parseSupply(said: string): number | undefined {
  const [, volts] = /\bEXT5V_V volt\(\d+\)=(\d+(?:\.\d+)?)V/.exec(said) ?? [];
  return volts === undefined ? undefined : Number(volts);
}

/** The firmware's answer. */
async function asked(program: string, ...words: string[]): Promise<string> {
  return (await run(program, words)).toString("utf8");
}

async function look(program: string): Promise<Readings> {
  const [temperatureCelsius, throttled, supplyVolts] = await Promise.all([
    asked(program, "measure_temp").then(parseTemperature),
    asked(program, "get_throttled").then(parseThrottled),
    // `measure_volts` tells the core's voltage, which says nothing of the supply.
    asked(program, "pmic_read_adc", "EXT5V_V").then(parseSupply, () => undefined),
  ]);
  if (temperatureCelsius === undefined && throttled === undefined)
    throw new Fault("sensor.missing", `${program} tells neither temperature nor throttling: is this a Raspberry Pi?`);
  return {
    ...(temperatureCelsius === undefined ? {} : { temperatureCelsius }),
    ...(throttled === undefined ? {} : { throttled }),
    ...(supplyVolts === undefined ? {} : { supplyVolts }),
  };
}

/** @throws Fault sensor.missing, sensor.permission */
async function openVcgencmd(program: string): Promise<Sensor> {
  try {
    await look(program);
  } catch (error) {
    const { code } = asFault(error);
    if (code === "sensor.missing") throw error;
    if (code === "process.missing")
      throw new Fault("sensor.missing", `${program} is not here: install raspi-utils`, { cause: error });
    throw new Fault("sensor.permission", `${program} may not ask the firmware: put the user into the group "video"`, {
      cause: error,
    });
  }
  const read = async (): Promise<Readings> => {
    try {
      return await look(program);
    } catch (error) {
      throw new Fault("sensor.lost", `${program} tells no more how the board is`, { cause: error });
    }
  };
  return { read, close: () => undefined };
}

export const vcgencmdSensor = defineDriver({
  kind: "sensor",
  summary: "Temperature, throttling and (Pi 5) supply as a Raspberry Pi's firmware tells them",
  options,
  open: ({ program }) => openVcgencmd(program),
});
