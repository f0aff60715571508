import { removeDurably, writeDurably } from "../runtime/durable.ts";
import type { Log } from "../runtime/log.ts";
import { endOfProcess, type Part, startParts } from "../runtime/parts.ts";

export type ProcessOptions = {
  parts: readonly Part[];
  log: Log;
  /** Written when all parts have started, removed at start and at a clean stop. */
  readyFile: string;
  ready: () => object;
  /** Ends with its standard input. */
  bound: boolean;
};

/** A part that is open already and only has to be closed at the end. */
export const closing = (name: string, stop: () => Promise<void>): Part => ({
  name,
  start: async () => undefined,
  stop,
});

/** Runs a process of the centre until it is asked to end; bad input and forgotten promises never end it. */
export async function runProcess({ parts, log, readyFile, ready, bound }: ProcessOptions): Promise<void> {
  process.on("unhandledRejection", (error) => log.error({ err: error }, "a failure nobody waited for"));
  await removeDurably(readyFile);
  const running = await startParts(parts, log);
  await writeDurably(readyFile, `${JSON.stringify({ pid: process.pid, ...ready() })}\n`);
  log.info("ready");
  const reason = await endOfProcess({ bound });
  log.info({ reason }, "ending");
  await removeDurably(readyFile);
  await running.stop();
}
