import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import { systemClock } from "../../runtime/clock.ts";
import { errnoError } from "../errno.ts";
import { type Backend, chipLines } from "./backend.ts";
import { Breadboard } from "./breadboard.ts";
import { characterBackend, loadNativeLines } from "./character.ts";
import { lineFault } from "./lines.ts";
import { chipCalled, sysfsBackend, sysfsChips } from "./sysfs.ts";

const use = { kind: "button", chip: "pinctrl-bcm2711", line: 17, activeLow: true } as const;

/** A class folder as the kernel lays it out: a chip is called by its base, its character device stands under `device`. */
async function classFolder(
  root: string,
  chips: Readonly<Record<string, { base: number; name: string }>>,
): Promise<void> {
  for (const [label, { base, name }] of Object.entries(chips)) {
    const folder = join(root, `gpiochip${base}`);
    await mkdir(join(folder, "device", name), { recursive: true });
    await writeFile(join(folder, "label"), `${label}\n`);
    await writeFile(join(folder, "base"), `${base}\n`);
    await writeFile(join(folder, "ngpio"), "58\n");
  }
  await writeFile(join(root, "export"), "");
}

for (const base of [0, 399, 512, 571])
  t.test(`a chip whose lines begin at ${base} is found by its label`, async (t) => {
    const root = t.testdir();
    await classFolder(root, {
      "raspberrypi-exp-gpio": { base: base + 58, name: "gpiochip1" },
      "pinctrl-bcm2711": { base, name: "gpiochip0" },
    });
    const chips = await sysfsChips(root);
    t.equal(chipCalled("pinctrl-bcm2711", chips)?.base, base);
    t.equal(chipCalled("gpiochip0", chips)?.base, base, "and by the name of its character device");
    t.equal(chipCalled("gpiochip1", chips)?.base, base + 58);
    t.equal(chipCalled("pinctrl-rp1", chips), undefined);
  });

t.test("the character device is taken where it has the chip, else sysfs, or the one that is asked for", async (t) => {
  const both = [new Breadboard(systemClock, use.chip), new Breadboard(systemClock, use.chip, "sysfs")] as const;
  /** Which of the two a line is held on after it was asked for. */
  const holderOf = async (choice: "auto" | "character" | "sysfs", backends: readonly Backend[]): Promise<string> => {
    const line = (await chipLines(use, choice, backends)).output(use);
    line.write(true);
    const holder = both.find((one) => one.isLit(use.line))?.name ?? "none";
    line.close();
    return holder;
  };
  t.equal(await holderOf("auto", both), "character");
  t.equal(await holderOf("sysfs", both), "sysfs");
  t.equal(await holderOf("character", both), "character");
  const other = new Breadboard(systemClock, "another-chip");
  t.equal(await holderOf("auto", [other, both[1]]), "sysfs");
  await t.rejects(chipLines(use, "character", [other, both[1]]), {
    code: "button.missing",
    message: /no GPIO chip pinctrl-bcm2711 is found by the character backend, there are another-chip/,
  });
});

t.test("a kernel without any GPIO says so for the kind that uses it", async (t) => {
  const nowhere = join(t.testdir(), "nowhere");
  const bare = [characterBackend(systemClock, undefined, t.testdir()), sysfsBackend(systemClock, nowhere)];
  await t.rejects(chipLines(use, "auto", bare), { code: "button.missing", message: /this kernel offers none/ });
  await t.rejects(chipLines({ ...use, kind: "led" }, "sysfs", bare), {
    code: "led.missing",
    message: /use a kernel with its GPIO driver/,
  });
});

t.test("an addon that is not built is named, and does not keep sysfs from being used", async (t) => {
  const root = t.testdir({ gpiochip0: "", "sys-class": {} });
  await classFolder(join(root, "sys-class"), { "pinctrl-bcm2711": { base: 512, name: "gpiochip0" } });
  const unbuilt = characterBackend(
    systemClock,
    () => {
      throw errnoError("MODULE_NOT_FOUND");
    },
    root,
  );
  await t.rejects(chipLines(use, "auto", [unbuilt]), { code: "button.missing", message: /run tools\/setup.sh native/ });
  await t.resolves(chipLines(use, "auto", [unbuilt, sysfsBackend(systemClock, join(root, "sys-class"))]));
});

t.test("chips that may not be opened are a matter of permission", async (t) => {
  const root = t.testdir({ gpiochip0: "" });
  const refused = characterBackend(
    systemClock,
    () => {
      const chip = (): never => {
        throw errnoError("EACCES");
      };
      return { ...loadNativeLines(), chip };
    },
    root,
  );
  await t.rejects(chipLines(use, "auto", [refused]), { code: "button.permission", message: /group/ });
});

t.test("what the kernel refuses is a fault of the kind that uses the line, with a remedy", async (t) => {
  const codeOf = (errno: string, kind: "button" | "led" = "button"): string =>
    lineFault({ ...use, kind }, errnoError(errno)).code;
  t.equal(codeOf("EBUSY"), "button.busy");
  t.equal(codeOf("EBUSY", "led"), "led.busy");
  t.equal(codeOf("EACCES"), "button.permission");
  t.equal(codeOf("EPERM", "led"), "led.permission");
  for (const errno of ["ENOENT", "ENODEV", "EINVAL"]) t.equal(codeOf(errno), "button.missing");
  t.match(lineFault(use, errnoError("EBUSY")).message, /line 17 of pinctrl-bcm2711 is held already/);
});
