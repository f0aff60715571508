import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";
import type { Stream } from "../../contracts/capture.ts";
import { asFault, Fault } from "../../contracts/fault.ts";
import { type Millis, seconds } from "../../contracts/units.ts";
import type { Clock } from "../../runtime/clock.ts";
import { spawnBound, stopProcess } from "../../runtime/subprocess.ts";
import type { Source } from "../port.ts";
import type { Opening } from "./input.ts";

/** Without data for so long the hardware counts as stalled; a device that is being opened gets more time. */
const patience: Millis = seconds(2);
const openingFactor = 2.5;
const checkMillis = 200;
const standstill: Millis = seconds(1);
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

type Heard = { received: boolean; last: Millis; checked: Millis; complaint: string; patience: Millis };

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

/** Its complaints are kept for the blame; `take` gets the bytes of pipe:1 as pipe 0, of pipe:3 as 1. */
function hearPipes(child: ChildProcess, heard: Heard, take: (chunk: Buffer, pipe: number) => void): void {
  child.stderr?.on("data", (chunk: Buffer) => {
    heard.complaint = (heard.complaint + chunk.toString("utf8")).slice(-complaintCharacters);
  });
  const pipes = [child.stdout, ...child.stdio.slice(3)] as (Readable | null)[];
  pipes.forEach((pipe, at) => {
    pipe?.on("data", (chunk: Buffer) => take(chunk, at));
  });
}

/**
 * Runs ffmpeg on one opening of the hardware until the signal ends it. What it makes leaves it by pipes alone.
 * @throws Fault `mic`/`camera` `.missing`, `.busy`, `.lost`, `.stalled`; process.missing; what a taker throws
 */
export async function runEncoder({ source, outputs, takers }: Opening, options: EncoderOptions): Promise<void> {
  const { stream, clock, signal, onFirst } = options;
  signal.throwIfAborted();
  const stdio = ["ignore", "pipe", "pipe", ...takers.slice(1).map(() => "pipe" as const)] as const;
  const child = spawnBound("ffmpeg", [...quickly, ...source.input, ...outputs], { stdio: [...stdio] });
  const ended = once(child, "close");
  const opened = clock.monotonic();
  const heard: Heard = {
    received: false,
    last: opened,
    checked: opened,
    complaint: "",
    patience: source.stallAfter ?? patience,
  };
  let failure: unknown;
  const end = (error?: unknown): void => {
    failure ??= error;
    // Nothing is lost by it: every byte that matters has left through a pipe.
    void stopProcess(child, clock, { signal: "SIGKILL" });
  };
  hearPipes(child, heard, (chunk, pipe) => {
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
    await ended;
  } catch (error) {
    const remedy = "ffmpeg cannot be run: is it installed, and setpriv of util-linux?";
    throw new Fault("process.missing", remedy, { cause: error });
  } finally {
    unwatch();
    signal.removeEventListener("abort", abort);
  }
  if (signal.aborted) return;
  if (failure !== undefined) throw asFault(failure, "media.unreadable");
  throw blame(source, { child, heard });
}

function blame(source: Source, { child, heard }: { child: ChildProcess; heard: Heard }): Fault {
  if (child.exitCode !== 127) return source.blame(heard);
  return new Fault("process.missing", "ffmpeg is not installed", { cause: heard.complaint });
}
