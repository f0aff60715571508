import type { CodeLanguage, JudgeJob } from "../../contracts/judge.ts";
import type { Clock } from "../../runtime/clock.ts";

/** How one run of a program ended, before its output was compared with anything. */
export type Run = {
  end: "finished" | "failed" | "syntax" | "cpu" | "wall" | "memory" | "output";
  cpuMillis: number;
  wallMillis: number;
  peakKilobytes: number | null;
  output: string;
  complaint: string;
};

/** What an engine is given: the program and what it reads, never what is expected of it. */
export type Program = Pick<JudgeJob, "source" | "limits"> & { inputs: readonly string[] };
export type Around = { clock: Clock; signal: AbortSignal };

/** A language that code can be judged in. */
export type JudgeEngine<L extends CodeLanguage = CodeLanguage> = {
  language: L;
  summary: string;
  /** What it is, with versions; tried by a run. @throws Fault judge.unavailable, with the remedy */
  probe: (around: Around) => Promise<string>;
  /** Runs the program once for each input, in order. @throws Fault judge.unavailable, judge.broken */
  run: (program: Program, around: Around) => Promise<Run[]>;
};

export const defineJudgeEngine = <L extends CodeLanguage>(engine: JudgeEngine<L>): JudgeEngine<L> => engine;
