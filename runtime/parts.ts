import type { Log } from "./log.ts";

/** A running piece: its constructor does nothing, `start` begins, `stop` ends it also after a failed start. */
export interface Part {
  readonly name: string;
  start(signal: AbortSignal): Promise<void>;
  stop(): Promise<void>;
}

export type Running = { stop(): Promise<void> };

/** Starts parts in order. `stop` (and a failed start) stops them in reverse, each whatever the others do. */
export async function startParts(parts: readonly Part[], log: Log): Promise<Running> {
  const controller = new AbortController();
  const begun: Part[] = [];
  const stop = async (): Promise<void> => {
    controller.abort();
    for (const part of begun.splice(0).reverse()) {
      try {
        await part.stop();
      } catch (error) {
        log.error({ err: error, part: part.name }, "a part did not stop cleanly");
      }
    }
  };
  try {
    for (const part of parts) {
      begun.push(part);
      await part.start(controller.signal);
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return { stop };
}

/**
 * Resolves with what asks this process to end: a signal, or (bound) the end of its input, which its parent holds open.
 * Input is let go then, so that nothing but work keeps the process.
 */
export function endOfProcess(options: { bound?: boolean } = {}): Promise<string> {
  return new Promise((settle) => {
    const resolve = (reason: string): void => {
      process.stdin.destroy();
      settle(reason);
    };
    for (const name of ["SIGTERM", "SIGINT"] as const) process.once(name, () => resolve(name));
    if (options.bound) {
      process.stdin.once("end", () => resolve("end of input"));
      process.stdin.once("close", () => resolve("end of input"));
      process.stdin.resume();
    }
  });
}
