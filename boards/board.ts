import type { Mounts } from "../drivers/registry.ts";

/** How a running machine is known to be this board. */
export type Recognition =
  /** One of these stands in the device tree's `compatible` (`/proc/device-tree/compatible`, NUL between entries). */
  | { readonly deviceTree: readonly string[] }
  /** Any PC: DMI is there (`/sys/class/dmi/id`), and no device tree. */
  | { readonly dmi: true }
  /** By its name in the configuration only. */
  | "name";

/** What a board is strong enough to run. */
export type Profile = {
  readonly picture: { readonly width: number; readonly height: number; readonly framesPerSecond: number };
  /** The board's own H.264 encoder as a GStreamer element, where it has one; else x264 on the processor. */
  readonly encoder: "x264" | { readonly gstreamer: string };
  readonly recogniser: string;
};

/** From `warnCelsius` on the device is degraded, from `restCelsius` on no new interview begins; one that runs goes on. */
export type Thermal = { readonly warnCelsius: number; readonly restCelsius: number; readonly source: string };

/** A board as data: how it is recognised, what is mounted where, and what it is strong enough to run. */
export type Board = {
  readonly name: string;
  readonly summary: string;
  readonly recognisedBy: Recognition;
  readonly mounts: Mounts;
  readonly profile: Profile;
  readonly thermal?: Thermal;
};
