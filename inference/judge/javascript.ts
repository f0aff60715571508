import { join } from "node:path";
import { z } from "zod";
import { Fault } from "../../contracts/fault.ts";
import { codeLimits } from "../../contracts/judge.ts";
import { seconds } from "../../contracts/units.ts";
import { projectRoot } from "../../runtime/paths.ts";
import { type Around, defineJudgeEngine, type Program, type Run } from "./engine.ts";
import { type ChildReport, childReady, childReport } from "./javascript/messages.ts";
import { converse } from "./runner.ts";

/** As package.json has it. */
const library = "QuickJS (quickjs-emscripten 0.32.0)";

/** A run that was killed from outside: what it used beyond the limit is not known. */
const killed = (end: Run["end"], { limits }: Program): Run => ({
  end,
  cpuMillis: 0,
  wallMillis: end === "wall" ? limits.wallSeconds * 1000 : 0,
  peakKilobytes: null,
  output: "",
  complaint: "",
});

/** The runs that one process of the library gets through: all, or those up to the one that it did not survive. */
async function stretch(program: Program, around: Around): Promise<Run[]> {
  const { source, inputs, limits } = program;
  const { reports, overdue, complaint } = await converse(
    {
      program: process.execPath,
      args: ["--max-old-space-size=96", join(projectRoot, "dist/inference/judge/javascript/child.js")],
      request: {
        source,
        inputs,
        limits: {
          cpuMillis: limits.cpuSeconds * 1000,
          wallMillis: limits.wallSeconds * 1000,
          memoryBytes: limits.memoryMegabytes * 1024 * 1024,
          outputBytes: limits.outputKilobytes * 1024,
        },
      },
      reports: z.union([childReady, childReport]),
      count: inputs.length + 1,
      patience: seconds(limits.wallSeconds + 5),
    },
    around,
  );
  const [ready, ...rest] = reports;
  if (ready === undefined)
    throw new Fault("judge.unavailable", `JavaScript could not be started: ${complaint.trim().slice(-200)}`);
  const runs = rest.filter((one): one is ChildReport => "end" in one);
  return runs.length === inputs.length ? runs : [...runs, killed(overdue ? "wall" : "failed", program)];
}

async function runJavascript(program: Program, around: Around): Promise<Run[]> {
  const runs: Run[] = [];
  while (runs.length < program.inputs.length)
    runs.push(...(await stretch({ ...program, inputs: program.inputs.slice(runs.length) }, around)));
  return runs;
}

async function probe(around: Around): Promise<string> {
  const program: Program = { source: "print(input)", inputs: ["works"], limits: codeLimits.parse({}) };
  const [tried] = await runJavascript(program, around);
  if (tried?.end !== "finished" || tried.output !== "works\n")
    throw new Fault("judge.unavailable", `JavaScript does not run: ${tried?.complaint.slice(-200)}`);
  return library;
}

export const javascript = defineJudgeEngine({
  language: "javascript",
  summary: "QuickJS in WebAssembly with a capped memory, in a process of its own: neither files nor network exist",
  probe,
  run: runJavascript,
});
