import type { CaseReport, TestCase, Verdict } from "../../contracts/judge.ts";
import type { Run } from "./engine.ts";

/** Shown to people: so much of an output tells what went wrong. */
const shownCharacters = 2000;

/** The text by which outputs are compared: line ends alike, no blanks at the ends of lines, no empty lines at the end. */
export const comparable = (text: string): string =>
  text
    .split(/\r\n|\r|\n/)
    .map((line) => line.trimEnd())
    .join("\n")
    .trimEnd();

const byEnd: Readonly<Record<Exclude<Run["end"], "finished">, Verdict>> = {
  failed: "runtimeError",
  syntax: "syntaxError",
  cpu: "timeLimit",
  wall: "timeLimit",
  memory: "memoryLimit",
  output: "outputLimit",
};

export function verdictOf(run: Run, { expected }: TestCase): Verdict {
  if (run.end !== "finished") return byEnd[run.end];
  return comparable(run.output) === comparable(expected) ? "accepted" : "wrongAnswer";
}

/** A run as the report of its case. */
export function caseReportOf(run: Run, tried: TestCase): CaseReport {
  return {
    name: tried.name,
    verdict: verdictOf(run, tried),
    cpuMillis: run.cpuMillis,
    wallMillis: run.wallMillis,
    peakKilobytes: run.peakKilobytes,
    output: run.output.slice(0, shownCharacters),
    complaint: run.complaint.slice(-shownCharacters),
  };
}
