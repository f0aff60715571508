import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";
import type { Clock } from "../../runtime/clock.ts";
import { spawnBound, stopProcess } from "../../runtime/subprocess.ts";
import type { Source, SourceEnd } from "../port.ts";

const complaintCharacters = 2000;

/** The end of what a process says on stderr. */
function listen(child: ChildProcess | undefined): () => string {
  let said = "";
  child?.stderr?.on("data", (chunk: Buffer) => {
    said = (said + chunk.toString("utf8")).slice(-complaintCharacters);
  });
  return () => said;
}

/** setpriv's exit code where the program it is to start is not there. */
const notFound = 127;

/** ffmpeg, and before it the program that feeds it, where a source has one. They end together. */
export class Chain {
  readonly #feeder: ChildProcess | undefined;
  readonly #feederName: string;
  readonly #ffmpeg: ChildProcess;
  readonly #complaints: readonly (() => string)[];
  /** Resolves when both are gone and all their pipes are read. @throws Error when one could not be started */
  readonly ended: Promise<unknown>;

  private constructor(ffmpeg: ChildProcess, feeder: ChildProcess | undefined, feederName: string) {
    this.#feeder = feeder;
    this.#feederName = feederName;
    this.#ffmpeg = ffmpeg;
    // The feeder's come first: what ffmpeg says of a pipe that dried up explains nothing.
    this.#complaints = [listen(feeder), listen(ffmpeg)];
    this.ended = this.#end();
  }

  /** `pipes` is how many of ffmpeg's outputs there are: pipe:1, pipe:3, … */
  static start({ feeder: wanted }: Source, args: readonly string[], pipes: number): Chain {
    const feeder = wanted && spawnBound(wanted.program, wanted.args, { stdio: ["ignore", "pipe", "pipe"] });
    const fed = feeder?.stdout ?? null;
    const more = Array.from({ length: pipes - 1 }, () => "pipe" as const);
    // The kernel carries raw pictures from the one to the other: none passes through this process.
    const ffmpeg = spawnBound("ffmpeg", args, { stdio: [fed ?? "ignore", "pipe", "pipe", ...more] });
    // Only ffmpeg holds the pipe's end now, so that the feeder notices when ffmpeg is gone.
    fed?.destroy();
    return new Chain(ffmpeg, feeder, wanted?.program ?? "");
  }

  async #end(): Promise<void> {
    const feeder = this.#feeder;
    const gone = feeder === undefined ? undefined : once(feeder, "close");
    gone?.catch(() => this.#ffmpeg.kill("SIGKILL"));
    // When the feeder goes first ffmpeg reads its pipe to the end, and goes.
    await once(this.#ffmpeg, "close").finally(() => feeder?.kill("SIGKILL"));
    await gone;
  }

  /** `take` gets the bytes of pipe:1 as pipe 0, of pipe:3 as 1. */
  hear(take: (chunk: Buffer, pipe: number) => void): void {
    const pipes = [this.#ffmpeg.stdout, ...this.#ffmpeg.stdio.slice(3)] as (Readable | null)[];
    pipes.forEach((pipe, at) => {
      pipe?.on("data", (chunk: Buffer) => take(chunk, at));
    });
  }

  /** Nothing is lost by it: every byte that matters has left through a pipe. */
  kill(clock: Clock): void {
    for (const child of [this.#feeder, this.#ffmpeg])
      if (child !== undefined) void stopProcess(child, clock, { signal: "SIGKILL" });
  }

  /** The program that is not installed, once `ended`. */
  get missing(): string | undefined {
    if (this.#feeder?.exitCode === notFound) return this.#feederName;
    return this.#ffmpeg.exitCode === notFound ? "ffmpeg" : undefined;
  }

  end(received: boolean): SourceEnd {
    const said = this.#complaints.map((one) => one().trim()).filter((one) => one !== "");
    return { received, complaint: said.join("\n") };
  }
}
