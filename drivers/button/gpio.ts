import { z } from "zod";
import { chipLines, kernelBackends } from "../gpio/backend.ts";
import { buttonOn } from "../gpio/button.ts";
import { backend, chip, line } from "../gpio/options.ts";
import { type Button, type DriverContext, defineDriver } from "../port.ts";

const options = z.strictObject({
  chip,
  line,
  /** The contact pulls the line down to ground, as most are wired. */
  activeLow: z.boolean().default(true),
  /** "none" or "as-is" where the board has its own resistor. Sysfs cannot set one. */
  bias: z.enum(["pull-up", "pull-down", "none", "as-is"]).default("pull-up"),
  /** How long the contact must stand still before it counts; a press is out that long after its last bounce. */
  debounceMillis: z.int().min(0).max(100).default(3),
  holdMillis: z.int().min(100).default(600),
  backend,
});

/** @throws Fault button.missing, button.busy, button.permission */
async function openGpioButton(wanted: z.output<typeof options>, { clock }: DriverContext): Promise<Button> {
  const { holdMillis, backend: choice, ...where } = wanted;
  const use = { kind: "button", ...where } as const;
  const lines = await chipLines(use, choice, kernelBackends(clock));
  const input = lines.input(use);
  try {
    return await buttonOn(input, holdMillis, clock);
  } catch (error) {
    input.close();
    throw error;
  }
}

export const gpioButton = defineDriver({
  kind: "button",
  summary: "A push button on a GPIO line, debounced, with hold",
  options,
  open: openGpioButton,
});
