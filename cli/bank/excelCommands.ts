import { type Command, Option } from "commander";
import { Fault } from "../../contracts/fault.ts";
import { type Language, languages } from "../../contracts/language.ts";
import type { Rubric } from "../../contracts/rubric.ts";
import { BadCells } from "../../runtime/sheets/badCells.ts";
import type { Said } from "../../runtime/sheets/cells.ts";
import { terminalLanguage } from "../demo/catalogue.ts";
import { exportBank, importBank, writeTemplate } from "./excel.ts";

type Options = { out: string; language: Language; prompts?: string; gapsInAnchors?: boolean; json?: boolean };

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

type Count = { roles: string[] | null; difficulty: number | null; questions: number };

/** How many questions there are for each set of roles and each difficulty, as HR plans a bank by them. */
function counted(questions: Rubric["questions"]): Count[] {
  const counts = new Map<string, Count>();
  for (const { roles = null, difficulty = null } of questions) {
    const key = JSON.stringify([roles, difficulty]);
    counts.set(key, { roles, difficulty, questions: (counts.get(key)?.questions ?? 0) + 1 });
  }
  const nameOf = ({ roles }: Count): string => (roles ?? []).join(" / ");
  return [...counts.values()].sort(
    (a, b) => nameOf(a).localeCompare(nameOf(b), "zh-CN") || (a.difficulty ?? 0) - (b.difficulty ?? 0),
  );
}

function summary(rubric: Rubric): { line: Said; counts: string[] } {
  const competencies = rubric.competencies.length;
  const questions = rubric.questions.length;
  return {
    line: {
      "zh-CN": `${rubric.id}，第 ${rubric.version} 版：${competencies} 个能力项，${questions} 道题`,
      en: `${rubric.id}, version ${rubric.version}: ${competencies} competencies, ${questions} questions`,
    },
    counts: counted(rubric.questions).map(
      ({ roles, difficulty, questions: count }) => `  ${(roles ?? ["*"]).join(" / ")}  ${difficulty ?? "-"}  ${count}`,
    ),
  };
}

async function runImport(file: string, { out, prompts, gapsInAnchors, language, json }: Options): Promise<void> {
  try {
    const { rubric, keptPrompts } = await importBank(file, {
      out,
      prompts,
      gapsInAnchors: gapsInAnchors === true,
      language,
    });
    if (json)
      return print(JSON.stringify({ file: out, id: rubric.id, keptPrompts, counts: counted(rubric.questions) }));
    const { line, counts } = summary(rubric);
    print(`${out}: ${line[language]}`);
    print(language === "en" ? "  role  difficulty  questions" : "  岗位  难度  题数");
    for (const one of counts) print(one);
  } catch (error) {
    if (json && error instanceof BadCells) print(JSON.stringify({ problems: error.problems }));
    throw error;
  }
}

async function runExport(file: string, { out, language, json }: Options): Promise<void> {
  const { rubric, leftOutPrompts } = await exportBank(file, { out, language });
  if (json) return print(JSON.stringify({ file: out, id: rubric.id, leftOutPrompts }));
  print(`${out}: ${summary(rubric).line[language]}`);
  if (leftOutPrompts > 0)
    process.stderr.write(
      language === "en"
        ? `candor: ${leftOutPrompts} prompts are sound and stay in ${file}; take them over with import --prompts ${file}\n`
        : `candor: ${leftOutPrompts} 段读题录音留在 ${file} 中；导入时用 --prompts ${file} 取回\n`,
    );
}

async function runTemplate({ out, language, json }: Options): Promise<void> {
  await writeTemplate({ out, language });
  print(json ? JSON.stringify({ file: out }) : out);
}

const languageOption = (says: string): Option =>
  new Option("--language <language>", says).choices([...languages]).default(terminalLanguage(process.env));

/** Excel files are written under their own name only: a rubric overwritten by a workbook would be lost. */
function workbookName(path: string): string {
  if (/\.xlsx$/iu.test(path)) return path;
  throw new Fault("use.invalid", `--out: ${path} does not end in .xlsx; name an Excel file`, { field: "out" });
}

/** `candor bank import`, `export` and `template`. */
export function addExcelCommands(bank: Command): void {
  bank
    .command("import")
    .description("make a rubric of an Excel workbook; what is wrong is said cell by cell, and then nothing is written")
    .argument("<file>", "the .xlsx file: sheets Competencies, Anchors, Questions, as `candor bank template` makes them")
    .requiredOption("-o, --out <file>", "the rubric to write, as JSON")
    .option("--prompts <rubric>", "take prompts over from this rubric where a question says what it said")
    .option("--gaps-in-anchors", "let pass that a competency with anchors lacks one at a level of the scale")
    .addOption(languageOption("in which cells are complained of"))
    .option("--json", "print one JSON value: { file, id, keptPrompts, counts }, or { problems: [{ cell, message }] }")
    .action(runImport);
  bank
    .command("export")
    .description("write a rubric as an Excel workbook, which imports as the same rubric (prompts aside)")
    .argument("<rubric>", "a rubric, or a file with a field `rubric`")
    .requiredOption("-o, --out <file>", "the .xlsx file to write", workbookName)
    .addOption(languageOption("of the headers"))
    .option("--json", "print one JSON value: { file, id, leftOutPrompts }")
    .action(runExport);
  bank
    .command("template")
    .description("write an Excel workbook to fill in: every column explained and filled once")
    .option("-o, --out <file>", "the .xlsx file to write", workbookName, "candor-bank.xlsx")
    .addOption(languageOption("of the headers"))
    .option("--json", "print one JSON value: { file }")
    .action(runTemplate);
}
