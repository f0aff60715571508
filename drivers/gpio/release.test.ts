import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t, { type Test } from "tap";
import { keepsOutputs } from "./release.ts";

function kernel(t: Test, module: string, parameters: Readonly<Record<string, string>>): string {
  const sys = t.testdir();
  const folder = join(sys, "module", module, "parameters");
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(parameters)) writeFileSync(join(folder, name), `${text}\n`);
  return sys;
}

t.test("a Raspberry Pi's kernel that keeps outputs is told of, with the line that ends it", async (t) => {
  const pi4 = kernel(t, "pinctrl_bcm2835", { persist_gpio_outputs: "Y" });
  t.match(await keepsOutputs("pinctrl-bcm2711", pi4), /strict_gpiod/);
  const pi5 = kernel(t, "pinctrl_rp1", { persist_gpio_outputs: "Y" });
  t.match(await keepsOutputs("pinctrl-rp1", pi5), /strict_gpiod/);
  const early = kernel(t, "pinctrl_bcm2835", { strict_gpiod: "N" });
  t.match(await keepsOutputs("pinctrl-bcm2835", early), /strict_gpiod/);
});

t.test("other chips and kernels let outputs go", async (t) => {
  t.equal(
    await keepsOutputs("pinctrl-bcm2711", kernel(t, "pinctrl_bcm2835", { persist_gpio_outputs: "N" })),
    undefined,
  );
  t.equal(await keepsOutputs("pinctrl-bcm2711", kernel(t, "pinctrl_bcm2835", {})), undefined);
  t.equal(await keepsOutputs("candor-sim", kernel(t, "pinctrl_bcm2835", { persist_gpio_outputs: "Y" })), undefined);
});
