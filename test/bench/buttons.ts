import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { boards } from "../../boards/registry.ts";
import { type Millis, millis, seconds } from "../../contracts/units.ts";
import { openButtons } from "../../drivers/buttons.ts";
import { connectEmulator } from "../../drivers/emulator/client.ts";
import { withOptions } from "../../drivers/mount.ts";
import type { Mounts } from "../../drivers/registry.ts";
import { deadline, systemClock } from "../../runtime/clock.ts";
import { silentLog } from "../../runtime/log.ts";
import { projectRoot } from "../../runtime/paths.ts";
import { spawnBound, stopProcess } from "../../runtime/subprocess.ts";
import type { SystemRow } from "./system.ts";

/** A button as a board mounts it, and the finger on its contact. */
export type Finger = {
  mount: Mounts["buttons"][string];
  contact(closed: boolean): Promise<void>;
  presses: number;
  /** How long the contact stays closed, and then open: longer than its mechanism debounces. */
  pause: Millis;
};

/** Milliseconds. `bare` is what moving the contact alone takes, there and back, at the same pace. */
export type PressTimes = { taken: readonly number[]; bare: readonly number[] };

/** For each press the time from just before the contact closes to the agent's handler. @throws what is told of the button, or that a press is not */
export async function timePresses({ mount, contact, presses, pause }: Finger): Promise<PressTimes> {
  const ending = new AbortController();
  let told: (at: number) => void = () => undefined;
  let failed: (error: Error) => void = () => undefined;
  await openButtons(
    { start: mount },
    {
      clock: systemClock,
      log: silentLog(),
      signal: ending.signal,
      onPress: () => told(performance.now()),
      onFault: (_, fault) => failed(fault),
    },
  );
  const [taken, bare]: [number[], number[]] = [[], []];
  try {
    for (let at = 0; at < presses; at++) {
      const arrival = new Promise<number>((resolve, reject) => {
        told = resolve;
        failed = reject;
      });
      const began = performance.now();
      await contact(true);
      const late = (): Error => new Error(`press ${at} was not told`);
      taken.push((await deadline(seconds(10), late, () => arrival)) - began);
      await systemClock.sleep(pause);
      const opened = performance.now();
      await contact(false);
      bare.push(performance.now() - opened);
      await systemClock.sleep(pause);
    }
  } finally {
    ending.abort();
  }
  return { taken, bare };
}

/** The nearest-rank percentile. */
const percentile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.ceil(values.length * share) - 1] ?? Number.NaN;

/** The rows of a mechanism. A limit is of the slowest press in a hundred. */
export function buttonRows(mechanism: string, { taken, bare }: PressTimes, limit: number | null): SystemRow[] {
  const row = (name: string, share: number, of: number | null): SystemRow => ({
    name: `button edge → agent event, ${mechanism}, ${name} of ${taken.length}`,
    measured: percentile(taken, share),
    peer: percentile(bare, share),
    limit: of,
    unit: "ms",
  });
  return [row("p50", 0.5, null), row("p99", 0.99, limit)];
}

/** 500 presses on the emulated board in its own process. About 35 s. */
export async function buttonsBench(presses = 500): Promise<SystemRow[]> {
  const folder = await mkdtemp(join(tmpdir(), "candor-bench-"));
  const program = [join(projectRoot, "cli", "candor.js"), "emulator", "--socket", folder, "--bound"];
  const board = spawnBound(process.execPath, program, { stdio: ["pipe", "ignore", "ignore"] });
  try {
    const hand = await connectEmulator(folder);
    const { start } = withOptions(boards.emulated.mounts, { folder }).buttons;
    if (start === undefined) throw new Error("the emulated board has lost its start button");
    const contact = (closed: boolean): Promise<void> => hand.contact("start", closed);
    const times = await timePresses({ mount: start, contact, presses, pause: millis(30) });
    hand.close();
    return buttonRows("emulated", times, 5);
  } finally {
    await stopProcess(board, systemClock);
    await rm(folder, { recursive: true, force: true });
  }
}
