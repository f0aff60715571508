import { access, constants, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { Fault } from "../../contracts/fault.ts";
import { run } from "../../runtime/subprocess.ts";
import { type Display, defineDriver } from "../port.ts";
import { list, root } from "../sysfs.ts";

const options = z.strictObject({
  root,
  /** The folder below class/backlight; the first one where none is named. */
  name: z.string().min(1).optional(),
  /** The share of its full light at which the display can just be read. */
  darkest: z.number().min(0).max(1).default(0.05),
  /** The compositor's name of the output ("DSI-1", "HDMI-A-1"): it is switched through the compositor then. */
  output: z.string().min(1).optional(),
  /** Either asks the compositor of this user's session; which of them works is the compositor's choice. */
  switcher: z.enum(["wlopm", "wlr-randr"]).default("wlopm"),
});
type Options = z.output<typeof options>;

/** `bl_power` takes what the framebuffer's blanking takes: FB_BLANK_UNBLANK, FB_BLANK_POWERDOWN (Documentation/ABI/stable/sysfs-class-backlight). */
const power = { on: "0", off: "4" } as const;

const remedy = (folder: string): string =>
  `${folder} may not be written: install the udev rules and join group "video"`;

/** Without creating it: a backlight that went away must not be taken for one that is forbidden. */
async function put(folder: string, file: string, value: string): Promise<void> {
  try {
    await writeFile(join(folder, file), value, { flag: constants.O_WRONLY | constants.O_TRUNC });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "EACCES" || code === "EPERM" || code === "EROFS")
      throw new Fault("screen.permission", remedy(folder), { cause: error });
    throw new Fault("screen.lost", "the display's backlight went away", { cause: error });
  }
}

async function switchOutput({ output, switcher }: Options, on: boolean): Promise<void> {
  const name = output ?? "";
  const words = switcher === "wlopm" ? [on ? "--on" : "--off", name] : ["--output", name, on ? "--on" : "--off"];
  try {
    await run(switcher, words);
  } catch (error) {
    throw new Fault("screen.missing", `${switcher} cannot switch ${name}: is it installed, and the session there?`, {
      cause: error,
    });
  }
}

/** The light's full value. @throws Fault screen.missing, screen.permission */
async function fullLight(folder: string): Promise<number> {
  let full: number;
  try {
    full = Number((await readFile(join(folder, "max_brightness"), "utf8")).trim());
  } catch (error) {
    throw new Fault("screen.missing", "there is no such backlight: see /sys/class/backlight", { cause: error });
  }
  if (!Number.isInteger(full) || full < 1) throw new Fault("screen.missing", "the backlight has no brightness to set");
  try {
    await access(join(folder, "brightness"), constants.W_OK);
  } catch (error) {
    throw new Fault("screen.permission", remedy(folder), { cause: error });
  }
  return full;
}

/** @throws Fault screen.missing, screen.permission */
async function openBacklight(given: Options): Promise<Display> {
  const all = join(given.root, "class", "backlight");
  const name = given.name ?? (await list(all))[0];
  if (name === undefined) throw new Fault("screen.missing", "this board's display has no backlight that can be set");
  const folder = join(all, name);
  const full = await fullLight(folder);
  return {
    setBrightness: (share) => {
      const light = given.darkest + (1 - given.darkest) * Math.max(0, Math.min(1, share));
      return put(folder, "brightness", String(Math.max(1, Math.round(full * light))));
    },
    setPower: (on) =>
      given.output === undefined ? put(folder, "bl_power", on ? power.on : power.off) : switchOutput(given, on),
    close: () => undefined,
  };
}

export const backlightScreen = defineDriver({
  kind: "screen",
  summary: "A display with a backlight of the kernel's; its power there, or through the compositor",
  options,
  open: (given) => openBacklight(given),
});
