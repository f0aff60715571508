import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

/** The option of every driver that reads the kernel's files: where they stand. */
export const root = z.string().min(1).default("/sys");

/** A hardware monitor: its folder and its name. */
export type Chip = { readonly folder: string; readonly name: string };

/**
 * The file's text without its newline; undefined where it cannot be read now. A sensor whose block is powered down answers
 * with an error (EAGAIN on Jetson, ENODATA on PCs): it has no reading, and the others have theirs.
 */
export async function readAttribute(...path: readonly string[]): Promise<string | undefined> {
  try {
    return (await readFile(join(...path), "utf8")).trim();
  } catch {
    return undefined;
  }
}

/** The number in the file, divided by `per`; undefined where it holds none. */
export async function readQuantity(path: readonly string[], per: number): Promise<number | undefined> {
  const text = await readAttribute(...path);
  return text !== undefined && /^-?\d+$/.test(text) ? Number(text) / per : undefined;
}

/** The names in a folder in a steady order; none where there is no folder. */
export async function list(...path: readonly string[]): Promise<string[]> {
  try {
    return (await readdir(join(...path))).sort();
  } catch {
    return [];
  }
}

/** Every hardware monitor below `folder` (the kernel's Documentation/hwmon/sysfs-interface). */
export async function chipsIn(folder: string): Promise<Chip[]> {
  const found = await Promise.all(
    (await list(folder)).map(async (entry) => ({
      folder: join(folder, entry),
      name: await readAttribute(folder, entry, "name"),
    })),
  );
  return found.flatMap(({ folder: at, name }) => (name === undefined ? [] : [{ folder: at, name }]));
}

export const chips = (sys: string): Promise<Chip[]> => chipsIn(join(sys, "class", "hwmon"));

/** No board that still answers is colder or hotter: such readings are those of a sensor that is not wired. */
const plausible = (celsius: number): boolean => celsius > -40 && celsius < 130;

/** The hottest thermal zone in degrees (Documentation/driver-api/thermal/sysfs-api: `temp` is in thousandths). */
export async function hottestZone(sys: string): Promise<number | undefined> {
  const folder = join(sys, "class", "thermal");
  const zones = (await list(folder)).filter((name) => /^thermal_zone\d+$/.test(name));
  const read = await Promise.all(zones.map((zone) => readQuantity([folder, zone, "temp"], 1000)));
  const known = read.filter((celsius) => celsius !== undefined && plausible(celsius)) as number[];
  return known.length === 0 ? undefined : Math.max(...known);
}

/** The hottest input of the chips named, in degrees. */
export async function hottestChip(found: readonly Chip[], names: readonly string[]): Promise<number | undefined> {
  const read = await Promise.all(
    found
      .filter(({ name }) => names.includes(name))
      .map(async ({ folder }) => {
        const inputs = (await list(folder)).filter((name) => /^temp\d+_input$/.test(name));
        return Promise.all(inputs.map((input) => readQuantity([folder, input], 1000)));
      }),
  );
  const known = read.flat().filter((celsius) => celsius !== undefined && plausible(celsius)) as number[];
  return known.length === 0 ? undefined : Math.max(...known);
}

/**
 * Whether the kernel slows the processor to cool it: the state of a cooling device is 0 where it does nothing
 * (Documentation/ABI/testing/sysfs-class-thermal). Undefined where no such device is there.
 */
export async function frequencyCapped(sys: string): Promise<boolean | undefined> {
  const folder = join(sys, "class", "thermal");
  const devices = (await list(folder)).filter((name) => /^cooling_device\d+$/.test(name));
  const read = await Promise.all(
    devices.map(async (device) => ({
      type: await readAttribute(folder, device, "type"),
      state: await readQuantity([folder, device, "cur_state"], 1),
    })),
  );
  const slowing = read.filter(({ type }) => /^(Processor|cpufreq-|thermal-cpufreq-|devfreq-)/.test(type ?? ""));
  return slowing.length === 0 ? undefined : slowing.some(({ state }) => (state ?? 0) > 0);
}
