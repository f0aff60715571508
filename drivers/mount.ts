import type { z } from "zod";
import { Fault } from "../contracts/fault.ts";
import { parse } from "../runtime/parse.ts";
import type { Driver, DriverContext, Kind, Ports } from "./port.ts";
import { drivers, type Mount, type Mounts } from "./registry.ts";

type AnyDriver<K extends Kind> = Driver<K, z.ZodObject>;

/** @throws Fault config.unknown for a mechanism that is not in the registry */
function driverOf<K extends Kind>(kind: K, mount: Mount<K>): AnyDriver<K> {
  const known: Readonly<Record<string, unknown>> = drivers[kind];
  const name = String(mount.driver);
  if (!Object.hasOwn(known, name))
    throw new Fault(
      "config.unknown",
      `there is no ${kind} driver "${name}": use one of ${Object.keys(known).join(", ")}`,
    );
  return known[name] as AnyDriver<K>;
}

/** Opens what is mounted. @throws Fault config.invalid where the options are not the driver's; what the driver throws */
export async function openMount<K extends Kind>(kind: K, mount: Mount<K>, context: DriverContext): Promise<Ports[K]> {
  const driver = driverOf(kind, mount);
  const options = parse(driver.options, mount.options, {
    what: `options of ${kind}/${String(mount.driver)}`,
    otherwise: "config.invalid",
  });
  return driver.open(options, context);
}

/** The mounts with this picture wished of the camera, where its driver takes wishes. */
export function withPicture(
  mounts: Mounts,
  picture: { width: number; height: number; framesPerSecond: number },
): Mounts {
  if (!Object.hasOwn(driverOf("camera", mounts.camera).options.shape, "picture")) return mounts;
  const camera = { ...mounts.camera, options: { ...mounts.camera.options, picture } } as Mount<"camera">;
  return { ...mounts, camera };
}

/**
 * The mounts with `overrides` put into the options of every driver that has an option of that name (`{ "folder":
 * "/tmp/board" }` moves a whole emulated board). @throws Fault config.unknown for a name no mounted driver has
 */
export function withOptions(mounts: Mounts, overrides: Readonly<Record<string, unknown>>): Mounts {
  const unused = new Set(Object.keys(overrides));
  const one = <K extends Kind>(kind: K, mount: Mount<K>): Mount<K> => {
    const shape = driverOf(kind, mount).options.shape;
    const mine = Object.entries(overrides).filter(([key]) => Object.hasOwn(shape, key));
    for (const [key] of mine) unused.delete(key);
    return { ...mount, options: { ...mount.options, ...Object.fromEntries(mine) } };
  };
  const each = <K extends "button" | "led", Name extends string>(
    kind: K,
    named: Readonly<Record<Name, Mount<K>>>,
  ): Record<Name, Mount<K>> =>
    Object.fromEntries(Object.entries<Mount<K>>(named).map(([name, mount]) => [name, one(kind, mount)])) as Record<
      Name,
      Mount<K>
    >;
  const moved: Mounts = {
    mic: one("mic", mounts.mic),
    camera: one("camera", mounts.camera),
    buttons: each("button", mounts.buttons),
    leds: {
      ...each("led", mounts.leds),
      "recording-mic": one("led", mounts.leds["recording-mic"]),
      "recording-camera": one("led", mounts.leds["recording-camera"]),
    },
  };
  const [lost] = unused;
  if (lost !== undefined)
    throw new Fault("config.unknown", `no driver of this board has an option "${lost}"`, { field: lost });
  return moved;
}
