import { readFile } from "node:fs/promises";
import { type Command, Option } from "commander";
import { Fault } from "../../contracts/fault.ts";
import { inLanguage, type Language, languages } from "../../contracts/language.ts";
import { type Resume, resume as resumeSchema } from "../../contracts/resume.ts";
import { type ChosenQuestions, chooseQuestions } from "../../inference/scoring/choosing.ts";
import { systemClock } from "../../runtime/clock.ts";
import { writeDurably } from "../../runtime/durable.ts";
import { parseJson } from "../../runtime/parse.ts";
import { terminalLanguage } from "../demo/catalogue.ts";
import { type Bank, readBank } from "./file.ts";

type Options = {
  resume: string;
  count: number;
  role?: string;
  on?: string;
  out?: string;
  language: Language;
  json?: boolean;
};

async function readResume(file: string): Promise<Resume> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT")
      throw new Fault("file.missing", `${file} is not there; check the path`, { cause: error });
    throw new Fault("file.unreadable", `${file} cannot be read; give a readable CV as JSON Resume`, { cause: error });
  });
  return parseJson(resumeSchema, text.replace(/^\uFEFF/u, ""), { what: file, otherwise: "config.invalid" });
}

/** The bank with the chosen questions alone, all else as the file has it. */
function withOnly({ content }: Bank, { questions }: ChosenQuestions): object {
  const bare = content.rubric === undefined;
  const holder = (bare ? content : content.rubric) as { questions: { id: string }[] };
  const kept = holder.questions.filter(({ id }) => questions.some(({ questionId }) => questionId === id));
  return { ...holder, questions: kept };
}

/**
 * Questions of a rubric for a CV; written to `out` as a rubric of these alone, where it is given.
 * @throws Fault file.missing, file.unreadable, config.invalid naming the field, storage.full, and what `readBank` throws
 */
export async function chooseFor(
  file: string,
  options: Pick<Options, "resume" | "count" | "role" | "on" | "out">,
): Promise<ChosenQuestions & { on: string; bank: Bank }> {
  const bank = await readBank(file);
  const resume = await readResume(options.resume);
  const on = options.on ?? new Date(systemClock.wall()).toISOString().slice(0, 10);
  const { count, role } = options;
  const chosen = chooseQuestions({ rubric: bank.rubric, resume, count, today: on, role });
  if (options.out !== undefined)
    await writeDurably(options.out, `${JSON.stringify(withOnly(bank, chosen), null, 2)}\n`);
  return { ...chosen, on, bank };
}

function printed({ bank: { rubric }, ...chosen }: ChosenQuestions & { bank: Bank }, language: Language): string {
  const zh = language === "zh-CN";
  const lines = [
    zh
      ? `简历显示约 ${chosen.years} 年工作经验，合适的难度为 ${chosen.level}`
      : `The CV shows about ${chosen.years} years of work, which call for difficulty ${chosen.level}`,
  ];
  for (const [at, { questionId, reasons }] of chosen.questions.entries()) {
    const question = rubric.questions.find(({ id }) => id === questionId);
    lines.push(`${at + 1}. ${questionId}: ${question === undefined ? "" : inLanguage(question.text, language)}`);
    for (const reason of reasons) lines.push(`   - ${reason[language]}`);
  }
  const names = rubric.competencies
    .filter(({ id }) => chosen.uncovered.includes(id))
    .map(({ name }) => inLanguage(name, language));
  if (names.length > 0)
    lines.push(
      zh
        ? `注意：没有题目考查 ${names.join("、")}；请增大 --count 或补充题库`
        : `Note: no chosen question covers ${names.join(", ")}; raise --count or add to the bank`,
    );
  return `${lines.join("\n")}\n`;
}

async function run(file: string, options: Options): Promise<void> {
  const chosen = await chooseFor(file, options);
  const { bank: _, ...rest } = chosen;
  process.stdout.write(options.json ? `${JSON.stringify(rest)}\n` : printed(chosen, options.language));
}

function wholeCount(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= 100) return count;
  throw new Fault("use.invalid", `--count: ${text} is no whole number from 1 to 100`, { field: "count" });
}

function day(text: string): string {
  if (/^\d{4}-\d{2}-\d{2}$/u.test(text) && !Number.isNaN(Date.parse(text))) return text;
  throw new Fault("use.invalid", `--on: ${text} is no date; write it as 2026-03-31`, { field: "on" });
}

/** `candor bank choose RUBRIC --resume FILE`. */
export function addChooseCommand(bank: Command): void {
  bank
    .command("choose")
    .description("choose questions for a CV by its skills, roles and years, with the reasons for each")
    .argument("<rubric>", "a rubric, or a file with a field `rubric`")
    .requiredOption("--resume <file>", "the CV as JSON Resume")
    .option("--count <number>", "how many questions", wholeCount, 5)
    .option("--role <title>", "the position to be filled (default: what the CV calls its owner)")
    .option("--on <date>", "up to when work that goes on is counted (default: today)", day)
    .option("--out <file>", "write a rubric of these questions alone")
    .addOption(
      new Option("--language <language>", "of the reasons")
        .choices([...languages])
        .default(terminalLanguage(process.env)),
    )
    .option(
      "--json",
      "print one JSON value: { on, years, level, questions: [{ questionId, difficulty, skills, reasons }], uncovered }",
    )
    .action(run);
}
