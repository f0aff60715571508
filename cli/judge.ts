import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { Command } from "commander";
import { Fault } from "../contracts/fault.ts";
import { type JudgeJob, type Judgement, judgeFile, judgeJob, type Verdict } from "../contracts/judge.ts";
import type { Language } from "../contracts/language.ts";
import { judge } from "../inference/judge/judge.ts";
import { judgeEngines } from "../inference/judge/registry.ts";
import { main } from "../inference/judge/worker.ts";
import { verdictWords } from "../inference/scoring/code.ts";
import { systemClock } from "../runtime/clock.ts";
import { createLog } from "../runtime/log.ts";
import { parse, parseJson } from "../runtime/parse.ts";
import { terminalLanguage } from "./demo/catalogue.ts";

type Options = { socket?: string; bound?: boolean; json?: boolean };

async function readText(path: string, named: string): Promise<string> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT")
      throw new Fault("file.missing", `${named} is not there; check the path`, { cause: error });
    throw new Fault("file.unreadable", `${named} cannot be read; give a readable file`, { cause: error });
  });
  return text.replace(/^\uFEFF/u, "");
}

/** The job that a file names. @throws Fault file.missing, file.unreadable, message.malformed */
async function readJob(file: string): Promise<JudgeJob> {
  const { source, sourceFile, ...rest } = parseJson(judgeFile, await readText(file, file), { what: file });
  if ((source === undefined) === (sourceFile === undefined))
    throw new Fault("message.malformed", `${file}: give the program as source or as sourceFile, one of the two`, {
      field: "source",
    });
  const text = source ?? (await readText(resolve(dirname(file), sourceFile ?? ""), `sourceFile: ${sourceFile}`));
  return parse(judgeJob, { ...rest, source: text }, { what: file });
}

/**
 * Judges a file of a program and its cases.
 * @throws Fault file.missing, file.unreadable, message.malformed, judge.unavailable, judge.broken
 */
export async function judgeOneFile(file: string): Promise<Judgement> {
  const job = await readJob(file);
  const around = { clock: systemClock, signal: new AbortController().signal };
  const engine = await judgeEngines[job.language].probe(around);
  return judge(job, engine, around);
}

const heads: Record<Language, readonly string[]> = {
  "zh-CN": ["用例", "结果", "处理器 ms", "用时 ms", "内存 MB"],
  en: ["case", "verdict", "cpu ms", "wall ms", "memory MB"],
};

/** Columns a terminal gives a text: two for each Chinese character and full-width mark. */
const widthOf = (text: string): number =>
  [...text].reduce((sum, one) => sum + (/[\u1100-\u115f\u2e80-\uffdc]/u.test(one) ? 2 : 1), 0);

/** Columns with blanks between, as wide as their widest cell. */
function columns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => widthOf(row[at] ?? ""))));
  return rows
    .map((row) =>
      row
        .map((cell, at) => cell + " ".repeat((widths[at] ?? 0) - widthOf(cell)))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function table({ engine, cases }: Judgement, language: Language): string {
  const word = (verdict: Verdict) => `${verdict} (${verdictWords[verdict][language]})`;
  const rows = cases.map((one) => [
    one.name,
    word(one.verdict),
    one.cpuMillis.toFixed(0),
    one.wallMillis.toFixed(0),
    one.peakKilobytes === null ? "–" : (one.peakKilobytes / 1024).toFixed(1),
  ]);
  const accepted = cases.filter((one) => one.verdict === "accepted").length;
  const complaint = cases.find((one) => one.complaint !== "")?.complaint.trimEnd();
  return [
    engine,
    columns([heads[language], ...rows]),
    language === "en" ? `${accepted} of ${cases.length} accepted` : `${cases.length} 个用例通过 ${accepted} 个`,
    ...(complaint === undefined ? [] : ["", complaint]),
  ].join("\n");
}

/** `candor judge FILE`, and `candor judge --socket PATH`: the process that runs candidates' code. */
export function judgeCommand(): Command {
  return new Command("judge")
    .description("judge a program by its test cases, or serve the judge to the agent over a Unix socket")
    .argument("[file]", "JSON with language, source (or sourceFile), cases [{ name, input, expected }] and limits")
    .option("--json", "print one JSON value: { language, engine, cases: [{ name, verdict, cpuMillis, … }] }")
    .option("--socket <path>", "path of the Unix socket to serve")
    .option("--bound", "with --socket: end when standard input ends")
    .action(async (file: string | undefined, { socket, bound, json }: Options) => {
      if ((file === undefined) === (socket === undefined))
        throw new Fault("use.invalid", "give a file to judge, or --socket to serve: one of the two", { field: "file" });
      if (socket !== undefined) {
        await main({ socket, bound: bound ?? false, log: createLog({ name: "judge" }) });
        return;
      }
      const judgement = await judgeOneFile(resolve(file ?? ""));
      const text = json ? JSON.stringify(judgement) : table(judgement, terminalLanguage(process.env));
      process.stdout.write(`${text}\n`);
    });
}
