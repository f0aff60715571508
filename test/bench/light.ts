import { fileURLToPath } from "node:url";
import type { Stream } from "../../contracts/capture.ts";
import { type Millis, millis } from "../../contracts/units.ts";
import { systemClock as clock } from "../../runtime/clock.ts";
import { Rig } from "../device/capture-rig.ts";
import { LightWatch, type LitAnswer } from "../device/recordingLight.ts";
import { type SystemRow, systemLine } from "./system.ts";

/** Of the issue: between light and samples, at both ends, whichever comes first. */
const limit: Millis = millis(50);
const length: Millis = millis(450);

/** The nearest-rank percentile. */
const percentile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.ceil(values.length * share) - 1] ?? Number.NaN;

async function recorded(rig: Rig, stream: Stream, answers: number): Promise<LitAnswer[]> {
  const watch = await LightWatch.open(rig, stream);
  const taken: LitAnswer[] = [];
  // Answers end at any point between two pictures.
  for (let at = 0; at < answers; at++) taken.push(await watch.record(`${stream}-${at}`, length + ((37 * at) % 100)));
  return taken;
}

/** What the board alone takes to answer: the way of a look to its lamp, and back. */
async function bare(rig: Rig): Promise<number> {
  const taken: number[] = [];
  for (let at = 0; at < 50; at++) {
    const asked = clock.monotonic();
    await rig.board.state();
    taken.push(clock.monotonic() - asked);
  }
  return percentile(taken, 0.5);
}

/** Answers on the emulated board, each process its own. About 50 s. */
export async function lightBench(answers = 20): Promise<SystemRow[]> {
  const rig = await Rig.open();
  try {
    const peer = await bare(rig);
    const rows: SystemRow[] = [];
    for (const [stream, what] of [
      ["mic", "sound"],
      ["camera", "pictures"],
    ] as const) {
      const taken = await recorded(rig, stream, answers);
      const row = (name: string, apart: number[]): void => {
        const each = (which: string, share: number, of: number | null): SystemRow => ({
          name: `${name}, ${which} of ${answers}`,
          measured: percentile(apart.map(Math.abs), share),
          peer,
          limit: of,
          unit: "ms",
        });
        rows.push(each("p50", 0.5, null), each("p90", 0.9, limit), each("longest", 1, null));
      };
      row(
        `recording light on ↔ first ${what}`,
        taken.map(({ first, lit }) => lit - first),
      );
      row(
        `last ${what} ↔ recording light off`,
        taken.map(({ last, dark }) => dark - last),
      );
    }
    return rows;
  } finally {
    await rig.stop();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const rows = await lightBench();
  process.stdout.write(`${rows.map(systemLine).join("\n")}\n`);
  process.exitCode = rows.every(({ limit, measured }) => limit === null || measured <= limit) ? 0 : 1;
}
