import type { CaptureReport } from "../../contracts/capture.ts";
import type { Millis } from "../../contracts/units.ts";
import type { Clock } from "../../runtime/clock.ts";
import type { Source } from "../port.ts";
import type { Recording } from "./recording.ts";

/** One opening of the hardware: what ffmpeg is to make of the source, and who takes what comes out of its pipes. */
export type Opening = {
  source: Source;
  /** ffmpeg arguments after the input: pipe:1 and, where there is a second taker, pipe:3. */
  outputs: readonly string[];
  takers: readonly ((chunk: Buffer) => void)[];
};

export type InputOptions = { clock: Clock; report: (report: CaptureReport) => void };

/** The half of a capture process that knows its stream: sound or pictures. */
export interface Input {
  open(): Promise<Opening>;
  /** From now on what comes goes to this recording; what came before is cut off and given to the one before. */
  keep(recording: Recording | undefined): void;
  /** Resolves when all that was taken until this monotonic moment has come, and is kept where something is recorded. */
  reach(moment: Millis): Promise<void>;
  /** The hardware is lost: what came is cut off and given to the recording. */
  interrupt(): void;
}
