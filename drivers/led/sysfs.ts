import { join } from "node:path";
import { z } from "zod";
import { lampOf, takeLed } from "../light/class.ts";
import { lightOf } from "../light/lamp.ts";
import { type DriverContext, defineDriver, type Led } from "../port.ts";
import { root } from "../sysfs.ts";

const options = z.strictObject({
  root,
  /** The folder below class/leds ("candor:status"). */
  name: z.string().regex(/^[^/]+$/),
});

/** @throws Fault led.missing, led.permission */
async function openSysfsLed({ root: sys, name }: z.output<typeof options>, { clock }: DriverContext): Promise<Led> {
  return lightOf(lampOf(await takeLed(join(sys, "class", "leds", name), clock), clock), clock);
}

export const sysfsLed = defineDriver({
  kind: "led",
  summary:
    "A light of the kernel's LED class; shows a recording where a kernel trigger darkens it when its process dies",
  options,
  open: openSysfsLed,
});
