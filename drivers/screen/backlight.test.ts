import { chmod, readFile } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import { systemClock } from "../../runtime/clock.ts";
import { silentLog } from "../../runtime/log.ts";
import { openTree } from "../tree.ts";
import { backlightScreen } from "./backlight.ts";
import { screenConformance } from "./conformance.ts";

const context = { clock: systemClock, log: silentLog() };
const folder = "class/backlight/10-0045";
const plain = { darkest: 0.05, switcher: "wlopm" } as const;

const newTree = async () => {
  const tree = await openTree();
  await tree.write({
    [`${folder}/max_brightness`]: "255\n",
    [`${folder}/brightness`]: "128\n",
    [`${folder}/bl_power`]: "0\n",
  });
  const look = async () => {
    const [brightness, power] = await Promise.all(
      ["brightness", "bl_power"].map((file) => readFile(join(tree.root, folder, file), "utf8")),
    );
    return { light: Number(brightness) / 255, on: Number(power) === 0 };
  };
  return { ...tree, look };
};

screenConformance(t, async () => {
  const { root, look, remove, close } = await newTree();
  return {
    open: () => backlightScreen.open({ ...plain, root }, context),
    look,
    unplug: () => remove(folder),
    close,
  };
});

t.test("switches a named output through the compositor, and leaves the backlight's power alone", async (t) => {
  const { root, look, write, close } = await newTree();
  const path = process.env["PATH"];
  t.teardown(close);
  t.teardown(() => {
    process.env["PATH"] = path;
  });
  process.env["PATH"] = `${join(root, "bin")}:${path}`;
  for (const switcher of ["wlopm", "wlr-randr"] as const) {
    await write({ [`bin/${switcher}`]: `#!/bin/sh\necho "$@" >> "${root}/${switcher}.asked"\n` });
    await chmod(join(root, "bin", switcher), 0o755);
    const display = await backlightScreen.open({ ...plain, root, output: "DSI-1", switcher }, context);
    await display.setPower(false);
    await display.setPower(true);
  }
  t.equal(await readFile(join(root, "wlopm.asked"), "utf8"), "--off DSI-1\n--on DSI-1\n");
  t.equal(await readFile(join(root, "wlr-randr.asked"), "utf8"), "--output DSI-1 --off\n--output DSI-1 --on\n");
  t.equal((await look()).on, true);
});
