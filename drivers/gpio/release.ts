import { readAttribute } from "../sysfs.ts";

/** Chips of Raspberry Pis, and the modules that drive them. */
const pis = [
  { label: /^pinctrl-bcm2/, module: "pinctrl_bcm2835" },
  { label: /^pinctrl-rp1$/, module: "pinctrl_rp1" },
] as const;

/**
 * What to do that a chip's outputs go dark when they are released; undefined where they do. Raspberry Pi's own kernels keep
 * them as they were, unless told otherwise at boot (raspberrypi/linux pull requests 6117 and 6150, which name the parameter).
 */
export async function keepsOutputs(label: string, sys = "/sys"): Promise<string | undefined> {
  const pi = pis.find((one) => one.label.test(label));
  if (pi === undefined) return undefined;
  const parameter = (name: string): Promise<string | undefined> =>
    readAttribute(sys, "module", pi.module, "parameters", name);
  const [persists, strict] = await Promise.all([parameter("persist_gpio_outputs"), parameter("strict_gpiod")]);
  if (persists !== "Y" && strict !== "N") return undefined;
  return `this kernel keeps the outputs of ${label}: put dtparam=strict_gpiod into config.txt`;
}
