import type { RecogniserName } from "../contracts/profile.ts";
import type { Mounts } from "../drivers/registry.ts";

/** How a running machine is known to be this board. */
export type Recognition =
  /** One of these stands in the device tree's `compatible`; an entry that ends in `*` stands for all that begin so. */
  | { readonly deviceTree: readonly string[]; readonly source: string }
  /** Any PC: DMI is there (`/sys/class/dmi/id`), and no device tree. */
  | { readonly dmi: true; readonly source: string }
  /** By its name in the configuration only. */
  | "name";

export type Picture = { readonly width: number; readonly height: number; readonly framesPerSecond: number };

/** What runs a model. One that is `untried` was never run on this board: it is named so that the place is known, and refused. */
export type EngineSeat = { readonly provider: string; readonly state: "tried" | "untried"; readonly remedy?: string };

/** What a board may run, best first; `candor board bench` measures which of it the board keeps up with. */
export type Profile = {
  /** The largest first. Without a measurement the last one counts: it is the one that every board bears. */
  readonly pictures: readonly Picture[];
  /** The board's own H.264 encoder as a GStreamer element, where it has one; else x264 on the processor. */
  readonly encoder: "x264" | { readonly gstreamer: string };
  readonly recognisers: readonly RecogniserName[];
  readonly engines: { readonly recogniser: readonly EngineSeat[] };
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
