import { accessSync, closeSync, constants, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { Fault } from "../../contracts/fault.ts";
import { type Millis, millis, seconds } from "../../contracts/units.ts";
import type { Clock } from "../../runtime/clock.ts";
import { errnoOf } from "../errno.ts";
import { Loss } from "../loss.ts";
import { list } from "../sysfs.ts";
import { type Holding, holdingOf, signMillis } from "./holding.ts";
import type { Lamp } from "./lamp.ts";
import type { Colour } from "./looks.ts";

/** A light of the kernel's LED class (Documentation/leds/leds-class): its folder, and what it can. */
export type ClassLed = {
  readonly folder: string;
  readonly full: number;
  /** The order of its colours, where it has more than one (Documentation/leds/leds-class-multicolor). */
  readonly colours: readonly string[] | undefined;
  readonly holding: Holding | undefined;
};

/** How long udev may take to hand over the files that a trigger brings, and how often they are looked at. */
const handOver: Millis = seconds(2);
const handOverStep: Millis = millis(50);
/** How often a light that is not held by signs is asked whether it is still there. */
const presence: Millis = millis(500);

const inWords = (file: string): string => readFileSync(file, "utf8").trim();
/** Without creating it, and at once: each write is one word to the kernel. */
function put(folder: string, file: string, text: string): void {
  const open = openSync(join(folder, file), constants.O_WRONLY | constants.O_TRUNC);
  try {
    writeSync(open, text);
  } finally {
    closeSync(open);
  }
}

const forbidden = (folder: string, cause: unknown): Fault =>
  new Fault("led.permission", `${folder} may not be written: install the udev rules and join group "gpio"`, { cause });

/** Waits until every file can be written. @throws Fault led.permission */
async function writable(folder: string, files: readonly string[], clock: Clock): Promise<void> {
  const end = clock.monotonic() + handOver;
  for (;;) {
    try {
      for (const file of files) accessSync(join(folder, file), constants.W_OK);
      return;
    } catch (error) {
      if (clock.monotonic() >= end) throw forbidden(folder, error);
    }
    await clock.sleep(handOverStep);
  }
}

/** What is there, dark and with its trigger chosen. @throws Fault led.missing, led.permission */
export async function takeLed(folder: string, clock: Clock): Promise<ClassLed> {
  try {
    const full = Number(inWords(join(folder, "max_brightness")));
    const colours = (await list(folder)).includes("multi_index")
      ? inWords(join(folder, "multi_index")).split(/\s+/)
      : undefined;
    const holding = holdingOf(inWords(join(folder, "trigger")));
    // Zero takes away whatever trigger it had.
    put(folder, "brightness", "0");
    put(folder, "trigger", holding?.trigger ?? "none");
    if (holding !== undefined) await writable(folder, holding.files, clock);
    return { folder, full, colours, holding };
  } catch (error) {
    if (error instanceof Fault) throw error;
    if (["EACCES", "EPERM", "EROFS"].includes(errnoOf(error))) throw forbidden(folder, error);
    throw new Fault("led.missing", `there is no light at ${folder}: compare its name with /sys/class/leds`, {
      cause: error,
    });
  }
}

/** Level and intensities for a colour. One lamp for all colours shows the brightest. */
function paintOf({ colours, full }: ClassLed, { red, green, blue }: Colour): { level: number; mixed?: string } {
  const brightest = Math.max(red, green, blue);
  if (colours === undefined || brightest === 0) return { level: Math.round(brightest * full) };
  const shares: Readonly<Record<string, number>> = { red, green, blue };
  // A white or amber part beside the three stays dark.
  return { level: full, mixed: colours.map((name) => Math.round((shares[name] ?? 0) * full)).join(" ") };
}

/** The light as a lamp: held by signs where the kernel can darken it, and asked whether it is there. */
export function lampOf(led: ClassLed, clock: Clock): Lamp {
  const { folder, full, holding } = led;
  let lit = false;
  const write = (file: string, text: string): void => put(folder, file, text);
  const loss = new Loss({
    clock,
    every: holding === undefined ? presence : signMillis,
    ask: () => (lit && holding ? holding.again(write) : accessSync(join(folder, "brightness"))),
    fault: (cause) => new Fault("led.lost", `the light at ${folder} went away`, { cause }),
  });
  const show = (level: number): void => {
    lit = level > 0;
    if (holding === undefined) write("brightness", String(level));
    else if (lit) holding.light(write, level, full);
    else holding.dark(write);
  };
  return {
    paint: ({ colour }) =>
      loss.during(() => {
        const { level, mixed } = paintOf(led, colour);
        if (mixed !== undefined) write("multi_intensity", mixed);
        show(level);
      }),
    onLost: (handler) => loss.onLost(handler),
    close: () => {
      loss.during(() => write("brightness", "0"));
      loss.end();
    },
    ...(holding === undefined ? { staysLit: "load the kernel's module ledtrig-pattern or ledtrig-transient" } : {}),
  };
}
