import { z } from "zod";
import type { Control } from "./formats.ts";

/** What can be set on a camera; what is not named stays as the camera has it. */
export const controls = z.strictObject({
  /** Off: the lens stays where it is. */
  autofocus: z.boolean().optional(),
  /** "auto", or the time in steps of 100 µs. */
  exposure: z.union([z.literal("auto"), z.int().positive()]).optional(),
  /** Holds the frame rate in dim rooms, where automatic exposure would lower it. */
  steadyRate: z.boolean().optional(),
  /** "auto", or kelvin. */
  whiteBalance: z.union([z.literal("auto"), z.int().min(1000).max(15_000)]).optional(),
  /** Of the lamps, which flicker. */
  powerLineHertz: z.union([z.literal(50), z.literal(60), z.literal("auto"), z.literal("off")]).optional(),
});
export type Controls = z.output<typeof controls>;

/** A value for the first of these controls that is offered: newer kernels have given some of them new names. */
type Setting = { readonly names: readonly string[]; readonly value: number };

// The menus' values: V4L2_CID_EXPOSURE_AUTO and V4L2_CID_POWER_LINE_FREQUENCY of include/uapi/linux/v4l2-controls.h.
const manualExposure = 1;
const aperturePriority = 3;
const powerLine = { off: 0, 50: 1, 60: 2, auto: 3 } as const;

const autoExposure = ["auto_exposure", "exposure_auto"];
const exposureTime = ["exposure_time_absolute", "exposure_absolute"];
const autoWhite = ["white_balance_automatic", "white_balance_temperature_auto"];

function exposureSettings(wish: number | "auto"): Setting[] {
  if (wish === "auto") return [{ names: autoExposure, value: aperturePriority }];
  return [
    { names: autoExposure, value: manualExposure },
    { names: exposureTime, value: wish },
  ];
}

function whiteSettings(wish: number | "auto"): Setting[] {
  if (wish === "auto") return [{ names: autoWhite, value: 1 }];
  return [
    { names: autoWhite, value: 0 },
    { names: ["white_balance_temperature"], value: wish },
  ];
}

/** In their order: a value can be set only after its automatic is off. */
function settings({ autofocus, exposure, steadyRate, whiteBalance, powerLineHertz }: Controls): Setting[] {
  return [
    ...(autofocus === undefined
      ? []
      : [{ names: ["focus_automatic_continuous", "focus_auto"], value: Number(autofocus) }]),
    ...(exposure === undefined ? [] : exposureSettings(exposure)),
    ...(steadyRate === undefined
      ? []
      : [{ names: ["exposure_dynamic_framerate", "exposure_auto_priority"], value: Number(!steadyRate) }]),
    ...(whiteBalance === undefined ? [] : whiteSettings(whiteBalance)),
    ...(powerLineHertz === undefined ? [] : [{ names: ["power_line_frequency"], value: powerLine[powerLineHertz] }]),
  ];
}

/** What `--set-ctrl` is to be called with, in this order, and what the camera does not offer. */
export function settle(wish: Controls, offered: readonly Control[]): { set: string[]; absent: string[] } {
  const names = new Set(offered.map(({ name }) => name));
  const found = settings(wish).map(({ names: known, value }) => {
    const name = known.find((one) => names.has(one));
    return name === undefined ? { absent: known[0] ?? "" } : { set: `${name}=${value}` };
  });
  return {
    set: found.flatMap(({ set }) => set ?? []),
    absent: found.flatMap(({ absent }) => absent ?? []),
  };
}
