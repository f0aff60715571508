import { once } from "node:events";
import type { Readable } from "node:stream";
import type { Stream } from "../../contracts/capture.ts";
import { asFault, Fault } from "../../contracts/fault.ts";
import { type Millis, seconds } from "../../contracts/units.ts";
import type { Clock } from "../../runtime/clock.ts";
import { spawnBound, stopProcess } from "../../runtime/subprocess.ts";
import type { Opening } from "./input.ts";

/** Without data for so long the hardware counts as stalled; a device that is being opened gets more time. */
const patience: Millis = seconds(2);
const patienceAtOpening: Millis = seconds(5);
const checkMillis = 200;
const complaintCharacters = 2000;

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

/**
 * Runs ffmpeg on one opening of the hardware until the signal ends it. What it makes leaves it by pipes alone.
 * @throws Fault `mic`/`camera` `.missing`, `.busy`, `.lost`, `.stalled`; process.missing; what a taker throws
 */
export async function runEncoder({ source, outputs, takers }: Opening, options: EncoderOptions): Promise<void> {
  const { stream, clock, signal, onFirst } = options;
  signal.throwIfAborted();
  const child = spawnBound("ffmpeg", [...quickly, ...source.input, ...outputs], {
    stdio: ["ignore", "pipe", "pipe", ...takers.slice(1).map(() => "pipe" as const)],
  });
  const ended = once(child, "close");
  const heard = { received: false, last: clock.monotonic(), complaint: "" };
  let failure: unknown;
  const end = (error?: unknown): void => {
    failure ??= error;
    // Nothing is lost by it: every byte that matters has left through a pipe.
    void stopProcess(child, clock, { signal: "SIGKILL" });
  };
  child.stderr?.on("data", (chunk: Buffer) => {
    heard.complaint = (heard.complaint + chunk.toString("utf8")).slice(-complaintCharacters);
  });
  takers.forEach((take, at) => {
    const pipe = child.stdio[at === 0 ? 1 : at + 2] as Readable;
    pipe.on("data", (chunk: Buffer) => {
      if (signal.aborted || failure !== undefined) return;
      heard.last = clock.monotonic();
      if (!heard.received) onFirst();
      heard.received = true;
      try {
        take(chunk);
      } catch (error) {
        end(error);
      }
    });
  });
  const unwatch = clock.every(checkMillis, () => {
    if (clock.monotonic() - heard.last > (heard.received ? patience : patienceAtOpening))
      end(new Fault(`${stream}.stalled`, `the ${stream} is open and delivers nothing: it is being reopened`));
  });
  const abort = (): void => end();
  signal.addEventListener("abort", abort, { once: true });
  try {
    await ended;
  } catch (error) {
    throw new Fault("process.missing", "ffmpeg cannot be run: is it installed, and setpriv of util-linux?", {
      cause: error,
    });
  } finally {
    unwatch();
    signal.removeEventListener("abort", abort);
  }
  if (signal.aborted) return;
  if (failure !== undefined) throw asFault(failure, "media.unreadable");
  if (child.exitCode === 127) throw new Fault("process.missing", "ffmpeg is not installed", { cause: heard.complaint });
  throw source.blame(heard);
}
