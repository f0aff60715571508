import { realpath } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { Fault } from "../../contracts/fault.ts";
import { codeLimits } from "../../contracts/judge.ts";
import { seconds } from "../../contracts/units.ts";
import { projectRoot } from "../../runtime/paths.ts";
import { run } from "../../runtime/subprocess.ts";
import { type Around, defineJudgeEngine, type Program, type Run } from "./engine.ts";
import { sandboxed, systemCallFilter } from "./python/sandbox.ts";
import { converse } from "./runner.ts";

const interpreter = "/usr/bin/python3";
const remedy = "install it with: apt-get install bubblewrap python3";

/** A line of supervise.py. `began` false: the sandbox was not made, nothing of the program ran. */
const superviseReport = z.object({
  began: z.boolean(),
  exit: z.int(),
  stopped: z.enum(["wall", "output"]).nullable(),
  cpuMillis: z.number(),
  wallMillis: z.number(),
  peakKilobytes: z.number(),
  output: z.string(),
  complaint: z.string(),
});
type SuperviseReport = z.infer<typeof superviseReport>;

/** An exit code as bwrap gives it for an end by a signal: 128 and the signal's number. */
const byProcessorTime = 128 + 24;

/**
 * What the interpreter's last words mean. An error in the program's own syntax comes without a traceback, one in text
 * that the program itself compiled comes with one.
 */
export function endOf(report: SuperviseReport, cpuMillis: number): Run["end"] {
  if (report.stopped !== null) return report.stopped;
  if (report.exit === byProcessorTime || report.cpuMillis > cpuMillis) return "cpu";
  if (report.exit === 0) return "finished";
  const last = report.complaint.trimEnd().split("\n").at(-1) ?? "";
  if (/^MemoryError\b/.test(last)) return "memory";
  const whole = /^Traceback \(most recent call last\):/m.test(report.complaint);
  return /^(SyntaxError|IndentationError|TabError)\b/.test(last) && !whole ? "syntax" : "failed";
}

async function interpreterFile(): Promise<string> {
  try {
    return await realpath(interpreter);
  } catch (error) {
    throw new Fault("judge.unavailable", `${interpreter} is not there; ${remedy}`, { cause: error });
  }
}

async function runPython({ source, inputs, limits }: Program, around: Around): Promise<Run[]> {
  const python = await interpreterFile();
  const cpuMillis = limits.cpuSeconds * 1000;
  const request = {
    argv: sandboxed(python),
    filter: systemCallFilter(process.arch).toString("base64"),
    source,
    inputs,
    limits: {
      cpuMillis,
      wallMillis: limits.wallSeconds * 1000,
      memoryBytes: limits.memoryMegabytes * 1024 * 1024,
      outputBytes: limits.outputKilobytes * 1024,
    },
  };
  const { reports, complaint } = await converse(
    {
      program: interpreter,
      args: ["-I", "-S", "-B", join(projectRoot, "inference/judge/python/supervise.py")],
      request,
      reports: superviseReport,
      count: inputs.length,
      patience: seconds(limits.wallSeconds + 5),
    },
    around,
  );
  const idle = reports.find(({ began }) => !began);
  if (idle !== undefined)
    throw new Fault(
      "judge.unavailable",
      `the sandbox for Python could not be made (${idle.complaint.trim().slice(-200)}); ${remedy}, and allow user namespaces`,
    );
  if (reports.length < inputs.length)
    throw new Fault("judge.broken", `a run of Python ended without a report: ${complaint.slice(-200)}`);
  return reports.map(({ stopped: _stopped, exit: _exit, began: _began, ...report }, at) => ({
    ...report,
    end: endOf(reports[at] as SuperviseReport, cpuMillis),
  }));
}

async function probe(around: Around): Promise<string> {
  const sandbox = await run("bwrap", ["--version"], { signal: around.signal }).catch((error: unknown) => {
    throw new Fault("judge.unavailable", `bwrap is not there; ${remedy}`, { cause: error });
  });
  const source = "import sys\nprint(sys.version.split()[0])";
  const [tried] = await runPython({ source, inputs: [""], limits: codeLimits.parse({}) }, around);
  if (tried?.end !== "finished")
    throw new Fault("judge.unavailable", `Python does not run in its sandbox: ${tried?.complaint.slice(-200)}`);
  return `Python ${tried.output.trim()} in ${sandbox.toString("utf8").trim()}`;
}

export const python = defineJudgeEngine({
  language: "python",
  summary: "Debian's python3 in bubblewrap: own namespaces, read-only files, a filter of system calls",
  probe,
  run: runPython,
});
