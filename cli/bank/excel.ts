import { basename, extname } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { Fault } from "../../contracts/fault.ts";
import { opaqueId } from "../../contracts/ids.ts";
import { type Language, languages } from "../../contracts/language.ts";
import { promptText } from "../../contracts/prompt.ts";
import { type Question, type Rubric, rubric as rubricSchema } from "../../contracts/rubric.ts";
import { strictly } from "../../contracts/strictly.ts";
import { sha256 } from "../../runtime/canonical.ts";
import { writeDurably } from "../../runtime/durable.ts";
import { parse } from "../../runtime/parse.ts";
import { BadCells } from "../../runtime/sheets/badCells.ts";
import { readWorkbook, sheetsOf, workbookOf } from "../../runtime/sheets/workbook.ts";
import { readBank } from "./file.ts";
import { fromSheets } from "./fromSheets.ts";
import { templateRubric } from "./template.ts";
import { toSheets, withoutColumns } from "./toSheets.ts";

export type Imported = { file: string; rubric: Rubric; keptPrompts: number };

/** The sound of `old` in each question that still says the same. */
function withPromptsOf(rubric: Rubric, old: Rubric): { rubric: Rubric; keptPrompts: number } {
  let keptPrompts = 0;
  const questions = rubric.questions.map((question): Question => {
    const made = old.questions.find(({ id }) => id === question.id)?.prompts;
    const kept = languages.flatMap((language) => {
      const text = promptText(question, language);
      const prompt = made?.[language];
      return prompt === undefined || text === undefined || sha256(text) !== prompt.textHash
        ? []
        : [[language, prompt] as const];
    });
    keptPrompts += kept.length;
    return kept.length === 0 ? question : { ...question, prompts: Object.fromEntries(kept) };
  });
  return { rubric: { ...rubric, questions }, keptPrompts };
}

/**
 * A workbook as a rubric in `out`. `prompts`: a rubric whose sound is taken over where a question says what it said.
 * @throws BadCells where a cell cannot be taken, Fault file.missing, file.unreadable, storage.full, and what `readBank` throws
 */
export async function importBank(
  file: string,
  options: { out: string; prompts?: string | undefined; gapsInAnchors?: boolean; language: Language },
): Promise<Imported> {
  const name = basename(file, extname(file));
  const id = opaqueId.safeParse(name).success ? name : undefined;
  const read = fromSheets(await readWorkbook(file), { id, gapsInAnchors: options.gapsInAnchors ?? false });
  if ("problems" in read) throw new BadCells(file, read.problems, options.language);
  const old = options.prompts === undefined ? undefined : (await readBank(options.prompts)).rubric;
  const taken = old === undefined ? { rubric: read.rubric, keptPrompts: 0 } : withPromptsOf(read.rubric, old);
  await writeDurably(options.out, `${JSON.stringify(taken.rubric, null, 2)}\n`);
  return { file: options.out, ...taken };
}

const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  (Array.isArray(value) && value.length === 0) ||
  (typeof value === "object" && value !== null && Object.keys(value).length === 0);

/** Without what says nothing (`concepts: {}`), and without prompts: what a workbook can hold. */
function tidied(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(tidied);
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).map(([key, field]) => [key, key === "prompts" ? undefined : tidied(field)]);
  return Object.fromEntries(fields.filter(([, field]) => !isEmpty(field)));
}

/** The first field in which two values differ, dotted. */
function difference(left: unknown, right: unknown, path = ""): string {
  if (typeof left !== "object" || typeof right !== "object" || left === null || right === null) return path;
  const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
  for (const key of keys) {
    const [one, other] = [left, right].map((side) => (side as Record<string, unknown>)[key]);
    const step = Array.isArray(left) ? `[${key}]` : path === "" ? key : `.${key}`;
    if (!isDeepStrictEqual(one, other)) return difference(one, other, `${path}${step}`);
  }
  return path;
}

/**
 * The workbook's bytes, which were read back and say the same. Anchors that are missing at some levels are let pass: a
 * workbook is where they are added.
 * @throws Fault config.invalid naming what a workbook cannot hold unchanged, BadCells for a cell too long
 */
export async function workbookFor(rubric: Rubric, file: string, language: Language): Promise<Buffer> {
  const unheld = withoutColumns(rubric);
  if (unheld !== undefined)
    throw new Fault(
      "config.invalid",
      `${file}: ${unheld}: a workbook holds no programs, follow-ups or routes; keep this bank as JSON. Nothing was written`,
      { field: unheld },
    );
  const { sheets, problems } = toSheets(rubric, language);
  if (problems.length > 0) throw new BadCells(file, problems, language);
  const bytes = await workbookOf(sheets);
  const back = fromSheets(await sheetsOf(bytes, file), { gapsInAnchors: true });
  const unlike =
    "problems" in back
      ? `${back.problems[0]?.cell ?? ""}: ${back.problems[0]?.message[language] ?? ""}`
      : difference(tidied(rubric), tidied(back.rubric));
  if (unlike === "") return bytes;
  throw new Fault(
    "config.invalid",
    `${file}: ${unlike}: a workbook cannot hold this unchanged; take out blanks around the text, signs that cannot be printed, and options out of order. Nothing was written`,
    { field: unlike },
  );
}

export type Exported = { file: string; rubric: Rubric; leftOutPrompts: number };

/**
 * A rubric as a workbook in `out`, with headers in `language`. A field that no rubric has is refused: it would be lost.
 * @throws Fault what `readBank` and `workbookFor` throw, storage.full
 */
export async function exportBank(file: string, options: { out: string; language: Language }): Promise<Exported> {
  const { rubric, content } = await readBank(file);
  const own = content.rubric ?? content;
  parse(strictly(rubricSchema), own, { what: file, otherwise: "config.invalid" });
  await writeDurably(options.out, await workbookFor(rubric, file, options.language));
  const prompts = rubric.questions.flatMap((question) => Object.values(question.prompts ?? {}));
  return { file: options.out, rubric, leftOutPrompts: prompts.length };
}

/** A workbook with every column explained and filled once. @throws Fault storage.full */
export async function writeTemplate(options: { out: string; language: Language }): Promise<void> {
  await writeDurably(options.out, await workbookFor(templateRubric, options.out, options.language));
}
