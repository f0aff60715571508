import { z } from "zod";
import { chipLines, kernelBackends } from "../gpio/backend.ts";
import { ledOn } from "../gpio/light.ts";
import { backend, chip, line } from "../gpio/options.ts";
import { type DriverContext, defineDriver, type Led } from "../port.ts";

const options = z.strictObject({
  chip,
  line,
  /** The light is lit while the line is low: it hangs between the line and the supply. */
  activeLow: z.boolean().default(false),
  backend,
});

/** @throws Fault led.missing, led.busy, led.permission */
async function openGpioLed(wanted: z.output<typeof options>, { clock }: DriverContext): Promise<Led> {
  const { backend: choice, ...where } = wanted;
  const use = { kind: "led", ...where } as const;
  const output = (await chipLines(use, choice, kernelBackends(clock))).output(use);
  try {
    return await ledOn(output, clock);
  } catch (error) {
    output.close();
    throw error;
  }
}

export const gpioLed = defineDriver({
  kind: "led",
  summary: "A light of one colour on a GPIO line",
  options,
  open: openGpioLed,
});
