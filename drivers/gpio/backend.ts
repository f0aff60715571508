import { Fault } from "../../contracts/fault.ts";
import type { Clock } from "../../runtime/clock.ts";
import { errnoOf } from "../errno.ts";
import { characterBackend } from "./character.ts";
import { type Lines, type LineUse, lineFault } from "./lines.ts";
import { sysfsBackend } from "./sysfs.ts";

/** What a backend knows of the chips: the wanted one's lines, the labels it saw, and what it was refused. */
export type ChipLook = { lines?: Lines; seen: string[]; refusals: unknown[] };

/** A way to the kernel's lines. */
export interface Backend {
  readonly name: "character" | "sysfs";
  /** Looks for a chip by label or name. Never throws for what is not there. */
  look(chip: string): Promise<ChipLook>;
}

/** The character device first: it tells edges with their moments, and releases a line when its holder dies. */
export const kernelBackends = (clock: Clock): readonly Backend[] => [characterBackend(clock), sysfsBackend(clock)];

export type BackendChoice = "auto" | Backend["name"];

/** The lines of a chip through the first backend that has it. @throws Fault missing or permission, of the using kind */
export async function chipLines(use: LineUse, choice: BackendChoice, backends: readonly Backend[]): Promise<Lines> {
  const looks: ChipLook[] = [];
  for (const backend of backends.filter(({ name }) => choice === "auto" || choice === name)) {
    const look = await backend.look(use.chip);
    if (look.lines !== undefined) return look.lines;
    looks.push(look);
  }
  const refusals = looks.flatMap((look) => look.refusals);
  const forbidden = refusals.find((refusal) => ["EACCES", "EPERM"].includes(errnoOf(refusal)));
  if (forbidden !== undefined) throw lineFault(use, forbidden);
  const seen = [...new Set(looks.flatMap((look) => look.seen))];
  const there = seen.length === 0 ? "this kernel offers none" : `there are ${seen.join(", ")}`;
  const how = choice === "auto" ? "" : ` by the ${choice} backend`;
  const unbuilt = refusals.find((refusal) => refusal instanceof Fault);
  const remedy =
    unbuilt?.message ??
    "correct the chip's label, or use a kernel with its GPIO driver and /dev/gpiochip* or /sys/class/gpio";
  throw new Fault(`${use.kind}.missing`, `no GPIO chip ${use.chip} is found${how}, ${there}: ${remedy}`, {
    cause: refusals[0],
  });
}
