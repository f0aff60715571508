import { z } from "zod";
import { opaqueId } from "./ids.ts";

/**
 * Between whoever has code judged and the judge process: JSON lines over its Unix socket; the asker connects.
 * A program reads its case from standard input and writes its answer to standard output.
 */

export const codeLanguages = ["python", "javascript"] as const;
export const codeLanguage = z.enum(codeLanguages);
export type CodeLanguage = z.infer<typeof codeLanguage>;

/** What one run of a program may use. One process and one thread; no network; no file can be written. */
export const codeLimits = z.object({
  /** Time on a core. */
  cpuSeconds: z.number().min(0.1).max(10).default(2),
  /** Time on the clock: bounds a program that sleeps; so long that a busy board counts against nobody. */
  wallSeconds: z.number().min(0.1).max(60).default(10),
  /** Address space in Python, the whole heap in JavaScript. */
  memoryMegabytes: z.int().min(32).max(512).default(128),
  outputKilobytes: z.int().min(1).max(1024).default(64),
});
export type CodeLimits = z.infer<typeof codeLimits>;

/** In characters: several times the longest program that someone writes in an interview. */
export const longestSource = 32_768;
export const codeSource = z.string().max(longestSource);

/** Code as a candidate hands it in. */
export const writtenCode = z.object({ language: codeLanguage, source: codeSource });
export type WrittenCode = z.infer<typeof writtenCode>;

export const testCase = z.object({
  name: z.string().min(1).max(200),
  /** Given on standard input. */
  input: z.string().max(262_144).default(""),
  /** Compared with standard output; blanks at the ends of lines and empty lines at the end do not count. */
  expected: z.string().max(262_144),
});
export type TestCase = z.infer<typeof testCase>;

export const verdict = z.enum([
  "accepted",
  "wrongAnswer",
  "timeLimit",
  "memoryLimit",
  "outputLimit",
  /** It ended with an error, or was stopped at something that is not allowed. */
  "runtimeError",
  /** It is no program of its language: nothing of it ran. */
  "syntaxError",
]);
export type Verdict = z.infer<typeof verdict>;

export const caseReport = z.looseObject({
  name: z.string(),
  verdict,
  cpuMillis: z.number().min(0),
  wallMillis: z.number().min(0),
  /** Highest memory held at once; null where it was not learnt (the process was killed from outside). */
  peakKilobytes: z.number().min(0).nullable(),
  /** What it wrote, clipped. */
  output: z.string(),
  /** The end of what it said on standard error, clipped. */
  complaint: z.string(),
});
export type CaseReport = z.infer<typeof caseReport>;

/** What became of a program: a report for each case, in the order of the cases. */
export const judgement = z.looseObject({
  language: codeLanguage,
  /** The engine with its version: "Python 3.11.2 in bubblewrap 0.8.0". */
  engine: z.string(),
  cases: z.array(caseReport),
});
export type Judgement = z.infer<typeof judgement>;

export const mostCases = 50;

/** A program and what it is tried with. */
export const judgeJob = z.object({
  ...writtenCode.shape,
  cases: z.array(testCase).min(1).max(mostCases),
  limits: codeLimits.default(codeLimits.parse({})),
});
export type JudgeJob = z.infer<typeof judgeJob>;

export const judgeRequest = z.discriminatedUnion("do", [
  /** Answered by `judged`, or by a `fault` that names the job. The same id again while it is judged changes nothing. */
  z.looseObject({ do: z.literal("judge"), jobId: opaqueId, ...judgeJob.shape }),
  /** Stops the job; no answer comes. */
  z.looseObject({ do: z.literal("forget"), jobId: opaqueId }),
]);
export type JudgeRequest = z.infer<typeof judgeRequest>;

export const judgeReport = z.discriminatedUnion("report", [
  /** Which engines are there; sent on connect. */
  z.looseObject({ report: z.literal("ready"), engines: z.record(z.string(), z.string()) }),
  z.looseObject({ report: z.literal("judged"), jobId: opaqueId, judgement }),
  /** `jobId` absent: an engine is missing, or a request was none. */
  z.looseObject({
    report: z.literal("fault"),
    jobId: opaqueId.optional(),
    fault: z.string(),
    part: z.string(),
    message: z.string(),
  }),
  /** Alive, and jobs that wait. */
  z.looseObject({ report: z.literal("meter"), waiting: z.int().min(0) }),
]);
export type JudgeReport = z.infer<typeof judgeReport>;

/** The file that `candor judge FILE` reads. */
export const judgeFile = z.strictObject({
  ...judgeJob.shape,
  /** Relative to the file; instead of `source`. */
  source: codeSource.optional(),
  sourceFile: z.string().optional(),
});
export type JudgeFile = z.infer<typeof judgeFile>;
