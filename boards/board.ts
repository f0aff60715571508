import type { Mounts } from "../drivers/registry.ts";

/** A board as data: what is mounted where, and what it is strong enough to run. */
export type Board = {
  readonly name: string;
  readonly summary: string;
  /** How a running machine is known to be this board: a text in its device tree's model, or by name only. */
  readonly recognisedBy: { readonly model: string } | "name";
  readonly mounts: Mounts;
  readonly profile: {
    readonly picture: { readonly width: number; readonly height: number; readonly framesPerSecond: number };
    readonly recogniser: string;
  };
};
