import { asFault, type Fault } from "../../contracts/fault.ts";
import { type CodeLanguage, codeLanguages, type JudgeJob, type Judgement } from "../../contracts/judge.ts";
import type { Around } from "./engine.ts";
import { judgeEngines } from "./registry.ts";
import { caseReportOf } from "./verdict.ts";

export type Probed = { engines: Partial<Record<CodeLanguage, string>>; faults: Partial<Record<CodeLanguage, Fault>> };

/** Tries each language once: what is there, and why not what is not. */
export async function probeEngines(around: Around): Promise<Probed> {
  const probed: Probed = { engines: {}, faults: {} };
  for (const language of codeLanguages)
    try {
      probed.engines[language] = await judgeEngines[language].probe(around);
    } catch (error) {
      probed.faults[language] = asFault(error, "judge.unavailable");
    }
  return probed;
}

/**
 * Runs a program on each of its cases, one after the other. `engine`: as its probe named it.
 * @throws Fault judge.unavailable, judge.broken; the program's own failures are verdicts
 */
export async function judge(job: JudgeJob, engine: string, around: Around): Promise<Judgement> {
  const { language, source, limits, cases } = job;
  const runs = await judgeEngines[language].run({ source, limits, inputs: cases.map(({ input }) => input) }, around);
  return {
    language,
    engine,
    cases: cases.flatMap((tried, at) => {
      const run = runs[at];
      return run === undefined ? [] : [caseReportOf(run, tried)];
    }),
  };
}
