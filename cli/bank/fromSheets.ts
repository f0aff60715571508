import type { z } from "zod";
import { type Rubric, rubric as rubricSchema } from "../../contracts/rubric.ts";
import { contradictions, type Outline, unanchored } from "../../contracts/rubricChecks.ts";
import { cellName, type Problem, type RawSheet, type Said } from "../../runtime/sheets/cells.ts";
import type { Columns, SheetKind } from "../../runtime/sheets/columns.ts";
import { type Found, isNamed, readTable, type Table } from "../../runtime/sheets/table.ts";
import { helpSheet, sheetKinds } from "./columns.ts";
import { choiceFields, spokenFields, without } from "./questionRows.ts";

type Path = readonly (string | number)[];

/** Which cell a field of the rubric came from, so that what is wrong with the field is said of the cell. */
class Places {
  readonly #cells = new Map<string, string>();
  readonly #fallback: string;

  constructor(fallback: string) {
    this.#fallback = fallback;
  }

  set(path: Path, cell: string): void {
    this.#cells.set(path.join("/"), cell);
  }

  /** The cell of the field, or of the nearest one around it. */
  cellOf(path: Path): string {
    for (let length = path.length; length > 0; length -= 1) {
      const cell = this.#cells.get(path.slice(0, length).join("/"));
      if (cell !== undefined) return cell;
    }
    return this.#fallback;
  }
}

type Tables = { [K in keyof typeof sheetKinds]: Table<(typeof sheetKinds)[K]["columns"]> };

/** The sheets by what they hold. One that is not known is a problem: what stands in it would be lost. */
function pickSheets(given: readonly RawSheet[]): { tables: Tables; problems: Problem[] } {
  const problems: Problem[] = [];
  const known = Object.values(sheetKinds);
  const names = (language: "zh-CN" | "en", between: string): string =>
    known.map(({ name }) => name[language]).join(between);
  const filled = given.filter(({ data }) => data.some((row) => row.some((cell) => cell !== null)));
  for (const { name } of filled)
    if (![...known, helpSheet].some((kind) => isNamed(name, kind)))
      problems.push({
        cell: cellName(name, 0, 0),
        message: {
          "zh-CN": `工作表 ${JSON.stringify(name)} 无法识别；请改名为 ${names("zh-CN", "、")} 之一，或删去`,
          en: `the sheet ${JSON.stringify(name)} is not known; name it one of ${names("en", ", ")}, or delete it`,
        },
      });
  const read = <C extends Columns>(kind: SheetKind<C>): Table<C> => {
    const [sheet, second] = filled.filter(({ name }) => isNamed(name, kind));
    if (second !== undefined) problems.push({ cell: cellName(second.name, 0, 0), message: secondSheet(second.name) });
    return sheet === undefined
      ? { found: [], problems: [], cellOf: () => `${kind.name.en}!A1` }
      : readTable(sheet, kind);
  };
  const tables = {
    rubric: read(sheetKinds.rubric),
    competencies: read(sheetKinds.competencies),
    anchors: read(sheetKinds.anchors),
    questions: read(sheetKinds.questions),
  };
  for (const key of ["competencies", "questions"] as const)
    if (tables[key].found.length === 0 && tables[key].problems.length === 0)
      problems.push({ cell: `${sheetKinds[key].name.en}!A1`, message: missingSheet(sheetKinds[key].name) });
  return { tables, problems: [...problems, ...Object.values(tables).flatMap((one) => one.problems)] };
}

const secondSheet = (name: string): Said => ({
  "zh-CN": `与 ${JSON.stringify(name)} 同类的工作表有两张；请合并`,
  en: `there are two sheets like ${JSON.stringify(name)}; put them together`,
});
const missingSheet = (name: Said): Said => ({
  "zh-CN": `没有工作表“${name["zh-CN"]}”（${name.en}），或其中没有数据；请加上`,
  en: `the sheet "${name.en}" (${name["zh-CN"]}) is missing or has no rows; add it`,
});
const noText: Said = {
  "zh-CN": "中文和英文都为空；请至少填写一种",
  en: "is empty in Chinese and English; write one of them",
};

/** Weights that sum to 1 are shares: so a spreadsheet gives what it shows as percent. */
function percentOf(weights: readonly (number | undefined)[]): (weight: number | undefined) => number {
  const sum = weights.reduce<number>((total, one) => total + (one ?? Number.NaN), 0);
  const shares = weights.length > 1 && Math.abs(sum - 1) < 1e-6;
  return (weight) => (weight === undefined ? Number.NaN : shares ? Number((weight * 100).toFixed(8)) : weight);
}

type Draft = { rubric: Record<string, unknown>; outline: Outline; places: Places; problems: Problem[] };

function competenciesOf(
  { competencies, anchors }: Tables,
  places: Places,
  problems: Problem[],
): Outline["competencies"] {
  const percent = percentOf(competencies.found.map(({ row }) => row.weight));
  places.set(["competencies"], competencies.cellOf("weight"));
  const byId = new Map<string, Record<string, unknown>>();
  const list = competencies.found.map(({ row, cellOf }, at) => {
    const { id = "", nameZh, nameEn } = row;
    places.set(["competencies", at], cellOf("id"));
    places.set(["competencies", at, "weight"], cellOf("weight"));
    if (nameZh === undefined && nameEn === undefined) problems.push({ cell: cellOf("nameZh"), message: noText });
    const own: Record<string, unknown> = {};
    if (!byId.has(id)) byId.set(id, own);
    return { id, weight: percent(row.weight), name: without({ "zh-CN": nameZh, en: nameEn }), anchors: own };
  });
  for (const { row, cellOf } of anchors.found) {
    const { competency, level, textZh, textEn } = row;
    if (textZh === undefined && textEn === undefined) problems.push({ cell: cellOf("textZh"), message: noText });
    if (competency === undefined || level === undefined) continue;
    const own = byId.get(competency);
    const at = list.findIndex(({ id }) => id === competency);
    if (own === undefined) problems.push({ cell: cellOf("competency"), message: strangeCompetency(competency) });
    else if (Object.hasOwn(own, level))
      problems.push({ cell: cellOf("level"), message: secondLevel(competency, level) });
    else {
      own[level] = without({ "zh-CN": textZh, en: textEn });
      places.set(["competencies", at, "anchors"], cellOf("competency"));
      places.set(["competencies", at, "anchors", level], cellOf("level"));
    }
  }
  return list.map(({ anchors: own, ...one }) => (Object.keys(own).length === 0 ? one : { ...one, anchors: own }));
}

const strangeCompetency = (id: string): Said => ({
  "zh-CN": `能力项 ${JSON.stringify(id)} 不存在；请改为“能力项”表中的编号`,
  en: `there is no competency ${JSON.stringify(id)}; write an id of the sheet Competencies`,
});
const secondLevel = (id: string, level: string): Said => ({
  "zh-CN": `${JSON.stringify(id)} 的 ${level} 级写了两次；请删去一行`,
  en: `level ${level} of ${JSON.stringify(id)} stands twice; delete one of the rows`,
});

type QuestionsFound = Found<typeof sheetKinds.questions.columns>;

function questionOf({ row, cellOf }: QuestionsFound, problems: Problem[]): Outline["questions"][number] {
  const { id = "", kind, textZh, textEn, roles, difficulty, tags, competencies, limit } = row;
  if (textZh === undefined && textEn === undefined) problems.push({ cell: cellOf("textZh"), message: noText });
  const own = kind === "choice" ? choiceFields(row) : spokenFields(row);
  if (kind !== undefined) for (const { key, message } of own.problems) problems.push({ cell: cellOf(key), message });
  const text = without({ "zh-CN": textZh, en: textEn });
  const base = without({ competencies, difficulty, roles, tags, answerLimitSeconds: limit });
  return { id, ...without({ kind }), text, ...base, ...own.fields } as Outline["questions"][number];
}

function draftOf(tables: Tables, fallbackId: string | undefined): Draft {
  const places = new Places(tables.rubric.cellOf("id"));
  const problems: Problem[] = [];
  const [first, second] = tables.rubric.found;
  if (second !== undefined) problems.push({ cell: second.cellOf("id"), message: secondRubric });
  const { id = fallbackId, version = 1, scale } = first?.row ?? {};
  if (id === undefined && tables.rubric.problems.length === 0)
    problems.push({ cell: first?.cellOf("id") ?? tables.rubric.cellOf("id"), message: noId });
  const competencies = competenciesOf(tables, places, problems);
  const questions = tables.questions.found.map((found, at) => {
    places.set(["questions", at], found.cellOf("id"));
    places.set(["questions", at, "competencies"], found.cellOf("competencies"));
    places.set(["questions", at, "correct"], found.cellOf("correct"));
    const question = questionOf(found, problems);
    for (const [language, key] of [
      ["zh-CN", "conceptsZh"],
      ["en", "conceptsEn"],
    ] as const)
      places.set(["questions", at, "concepts", language], found.cellOf(key));
    return question;
  });
  const rubric = { ...without({ id }), version, ...without({ scale }), competencies, questions };
  return { rubric, outline: { scale, competencies, questions }, places, problems };
}

const secondRubric: Said = {
  "zh-CN": "一个文件只放一套标准；请删去这一行",
  en: "a file holds one rubric; delete this row",
};
const noId: Said = {
  "zh-CN": "没有编号，文件名也不能作编号；请填写英文编号，例如 sales",
  en: "there is no id, and the file's name is none; write one in ASCII, such as sales",
};

/** Concepts that name a competency the rubric does not have would be found and count for nobody. */
function strayConcepts({ outline, places }: Draft, { questions }: Tables): Problem[] {
  const known = new Set(outline.competencies.map(({ id }) => id));
  return questions.found.flatMap(({ row }, at) =>
    (
      [
        ["zh-CN", row.conceptsZh],
        ["en", row.conceptsEn],
      ] as const
    ).flatMap(([language, list = []]) =>
      list.flatMap((one): Problem[] =>
        Array.isArray(one) || one.competency === undefined || known.has(one.competency)
          ? []
          : [
              {
                cell: places.cellOf(["questions", at, "concepts", language]),
                message: strangeCompetency(one.competency),
              },
            ],
      ),
    ),
  );
}

/** Where the same is wrong in the same cell, it is said once. */
const once = (problems: readonly Problem[]): Problem[] =>
  problems.filter(
    (one, at) => problems.findIndex(({ cell, message }) => cell === one.cell && message.en === one.message.en) === at,
  );

/** By sheet and row, as a person goes through the file. */
function inOrder(problems: readonly Problem[], given: readonly RawSheet[]): Problem[] {
  const sheetOf = ({ cell }: Problem): number =>
    given.findIndex(({ name }) => cellName(name, 0, 0).split("!")[0] === cell.split("!")[0]);
  const rowOf = ({ cell }: Problem): number => Number(/!\D+(\d+)/u.exec(cell)?.[1] ?? 0);
  return [...problems].sort((a, b) => sheetOf(a) - sheetOf(b) || rowOf(a) - rowOf(b));
}

/**
 * The rubric that the sheets hold, or all that is wrong with them, cell by cell. `id`: where the sheets give none.
 * `gapsInAnchors`: levels of the scale may lack an anchor.
 */
export function fromSheets(
  given: readonly RawSheet[],
  { id, gapsInAnchors = false }: { id?: string | undefined; gapsInAnchors?: boolean } = {},
): { rubric: Rubric } | { problems: Problem[] } {
  const { tables, problems } = pickSheets(given);
  const draft = draftOf(tables, id);
  const crossed = [...contradictions(draft.outline), ...(gapsInAnchors ? [] : unanchored(draft.outline))].map(
    ({ path, message }): Problem => ({
      cell: draft.places.cellOf(path),
      message: { "zh-CN": message["zh-CN"] ?? message.en, en: message.en },
    }),
  );
  const unread = new Set(problems.map(({ cell }) => cell));
  const drafted = draft.problems.filter(({ cell }) => !unread.has(cell));
  const all = once([...problems, ...drafted, ...crossed, ...strayConcepts(draft, tables)]);
  if (all.length > 0) return { problems: inOrder(all, given) };
  const parsed = rubricSchema.safeParse(draft.rubric);
  if (parsed.success) return { rubric: parsed.data };
  return { problems: parsed.error.issues.map((issue) => leftOver(issue, draft.places)) };
}

const leftOver = ({ path, message }: z.core.$ZodIssue, places: Places): Problem => ({
  cell: places.cellOf(path.map((step) => (typeof step === "number" ? step : String(step)))),
  message: { "zh-CN": `不合要求：${message}`, en: message },
});
