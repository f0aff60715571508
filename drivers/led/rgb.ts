import { z } from "zod";
import { chipLines, kernelBackends } from "../gpio/backend.ts";
import { rgbOn } from "../gpio/light.ts";
import type { OutputLine } from "../gpio/lines.ts";
import { backend, chip, line } from "../gpio/options.ts";
import { type DriverContext, defineDriver, type Led } from "../port.ts";

const options = z.strictObject({
  chip,
  /** A line for each colour. */
  lines: z.strictObject({ red: line, green: line, blue: line }),
  /** The colours are lit while their lines are low: a common anode. */
  activeLow: z.boolean().default(false),
  backend,
});

/** @throws Fault led.missing, led.busy, led.permission */
async function openRgbLed(wanted: z.output<typeof options>, { clock }: DriverContext): Promise<Led> {
  const { chip: label, lines: numbers, activeLow, backend: choice } = wanted;
  const use = (colour: keyof typeof numbers) =>
    ({ kind: "led", chip: label, line: numbers[colour], activeLow }) as const;
  const lines = await chipLines(use("red"), choice, kernelBackends(clock));
  const held: OutputLine[] = [];
  const hold = (colour: keyof typeof numbers): OutputLine => {
    const line = lines.output(use(colour));
    held.push(line);
    return line;
  };
  try {
    return await rgbOn({ red: hold("red"), green: hold("green"), blue: hold("blue") }, clock);
  } catch (error) {
    for (const line of held) line.close();
    throw error;
  }
}

export const rgbLed = defineDriver({
  kind: "led",
  summary: "A light of three colours on three GPIO lines, each on or off",
  options,
  open: openRgbLed,
});
