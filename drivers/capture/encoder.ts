import type { Stream } from "../../contracts/capture.ts";
import { asFault, Fault } from "../../contracts/fault.ts";
import { type Millis, seconds } from "../../contracts/units.ts";
import type { Clock } from "../../runtime/clock.ts";
import { Chain } from "./chain.ts";
import type { Opening } from "./input.ts";

/** Without data for so long the hardware counts as stalled; a device that is being opened gets more time. */
const patience: Millis = seconds(2);
const openingFactor = 2.5;
const checkMillis = 200;
const standstill: Millis = seconds(1);

const quickly = [
  "-hide_banner",
  "-nostdin",
  "-loglevel",
  "warning",
  "-probesize",
  "32",
  "-analyzeduration",
  "0",
  "-fflags",
  "nobuffer",
];

export type EncoderOptions = { stream: Stream; clock: Clock; signal: AbortSignal; onFirst: () => void };

type Heard = { received: boolean; last: Millis; checked: Millis; patience: Millis };

/** Calls `stalled` when nothing came for too long. */
function watchForStall(heard: Heard, clock: Clock, stalled: () => void): () => void {
  return clock.every(checkMillis, () => {
    const now = clock.monotonic();
    // When it was this process that stood still, what came meanwhile is yet to be read.
    if (now - heard.checked > standstill) heard.last = now;
    heard.checked = now;
    if (now - heard.last > heard.patience * (heard.received ? 1 : openingFactor)) stalled();
  });
}

/**
 * Runs ffmpeg, and what feeds it, on one opening of the hardware until the signal ends it. What it makes leaves it by
 * pipes alone.
 * @throws Fault `mic`/`camera` `.missing`, `.busy`, `.lost`, `.stalled`; process.missing; what a taker throws
 */
export async function runEncoder({ source, outputs, takers }: Opening, options: EncoderOptions): Promise<void> {
  const { stream, clock, signal, onFirst } = options;
  signal.throwIfAborted();
  const chain = Chain.start(source, [...quickly, ...source.input, ...outputs], takers.length);
  const now = clock.monotonic();
  const heard: Heard = { received: false, last: now, checked: now, patience: source.stallAfter ?? patience };
  let failure: unknown;
  const end = (error?: unknown): void => {
    failure ??= error;
    chain.kill(clock);
  };
  chain.hear((chunk, pipe) => {
    if (signal.aborted || failure !== undefined) return;
    heard.last = clock.monotonic();
    if (!heard.received) onFirst();
    heard.received = true;
    try {
      takers[pipe]?.(chunk);
    } catch (error) {
      end(error);
    }
  });
  const stalled = `the ${stream} is open and delivers nothing: it is being reopened`;
  const unwatch = watchForStall(heard, clock, () => end(new Fault(`${stream}.stalled`, stalled)));
  const abort = (): void => end();
  signal.addEventListener("abort", abort, { once: true });
  try {
    await chain.ended;
  } catch (error) {
    const remedy = "ffmpeg cannot be run: is it installed, and setpriv of util-linux?";
    throw new Fault("process.missing", remedy, { cause: error });
  } finally {
    unwatch();
    signal.removeEventListener("abort", abort);
  }
  if (signal.aborted) return;
  if (failure !== undefined) throw asFault(failure, "media.unreadable");
  const ending = chain.end(heard.received);
  if (chain.missing === undefined) throw source.blame(ending);
  throw new Fault("process.missing", `${chain.missing} is not installed`, { cause: ending.complaint });
}
