import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../runtime/clock.ts";
import { silentLog } from "../../runtime/log.ts";
import { projectRoot } from "../../runtime/paths.ts";
import type { DriverContext } from "../port.ts";
import { connectEmulator, type Emulator } from "./client.ts";
import { EmulatedBoard } from "./main.ts";

/** An emulated board inside a test's own process, for the conformance of what is mounted on it. */
export type BoardBench = {
  folder: string;
  hand: Emulator;
  context: DriverContext;
  /** The whole board goes away. */
  unplug(): Promise<void>;
  /** And is back; whoever was connected has to connect again. */
  plug(): Promise<void>;
  close(): Promise<void>;
};

export async function openBoardBench(): Promise<BoardBench> {
  const folder = await mkdtemp(join(tmpdir(), "candor-board-"));
  const context: DriverContext = { clock: systemClock, log: silentLog() };
  const face = join(projectRoot, "test/fixtures/face/astronaut.jpg");
  const board = new EmulatedBoard({ folder, face, ...context });
  await board.start();
  const hand = await connectEmulator(folder);
  const unplug = (): Promise<void> => board.stop();
  const close = async (): Promise<void> => {
    hand.close();
    await board.stop();
    await rm(folder, { recursive: true, force: true });
  };
  const plug = (): Promise<void> => board.start();
  return { folder, hand, context, unplug, plug, close };
}
