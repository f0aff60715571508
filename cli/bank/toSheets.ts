import type { Language, Localized } from "../../contracts/language.ts";
import type { ChoiceQuestion, Rubric, SpokenQuestion } from "../../contracts/rubric.ts";
import type { Problem } from "../../runtime/sheets/cells.ts";
import { type Written, writeHelp, writeTable } from "../../runtime/sheets/table.ts";
import { helpSheet, type QuestionRow, sheetKinds } from "./columns.ts";

const filled = <T>(list: T[] | undefined): T[] | undefined =>
  list === undefined || list.length === 0 ? undefined : list;

type OptionColumns = { [K in keyof QuestionRow as K extends `option${string}` ? K : never]: QuestionRow[K] };

function optionsOf({ options }: ChoiceQuestion): OptionColumns {
  const pairs = options.flatMap(({ id, text }) => [
    [`option${id}Zh`, text["zh-CN"]],
    [`option${id}En`, text.en],
  ]);
  return Object.fromEntries(pairs) as OptionColumns;
}

/** What a workbook has no columns for: programs, follow-ups, routes. */
export function withoutColumns({ route, questions }: Rubric): string | undefined {
  if (route !== undefined) return "route";
  const at = questions.findIndex((one) => one.kind === "code" || one.followUps !== undefined);
  if (at < 0) return undefined;
  return `questions[${at}].${questions[at]?.kind === "code" ? "kind" : "followUps"}`;
}

function questionRow(question: SpokenQuestion | ChoiceQuestion): QuestionRow {
  const { id, kind, text, roles, difficulty, tags, competencies, answerLimitSeconds } = question;
  const base: QuestionRow = {
    id,
    kind,
    textZh: text["zh-CN"],
    textEn: text.en,
    roles,
    difficulty,
    tags,
    competencies,
    limit: answerLimitSeconds,
  };
  if (question.kind === "choice") return { ...base, ...optionsOf(question), correct: question.correct };
  return {
    ...base,
    structure: question.structure,
    specifics: question.specifics,
    referencesZh: filled(question.reference?.["zh-CN"]),
    referencesEn: filled(question.reference?.en),
    conceptsZh: filled(question.concepts?.["zh-CN"]),
    conceptsEn: filled(question.concepts?.en),
  };
}

const anchorRows = ({ competencies }: Rubric) =>
  competencies.flatMap(({ id, anchors = {} }) =>
    Object.entries(anchors).map(([level, text]: [string, Localized]) => ({
      competency: id,
      level,
      textZh: text["zh-CN"],
      textEn: text.en,
    })),
  );

/** The rubric as sheets with headers in `language`, and one that explains them. Prompts are sound and stay out, and what `withoutColumns` names. */
export function toSheets(rubric: Rubric, language: Language): { sheets: Written[]; problems: Problem[] } {
  const { id, version, scale } = rubric;
  const competencies = rubric.competencies.map(({ id: own, weight, name }) => ({
    id: own,
    weight,
    nameZh: name["zh-CN"],
    nameEn: name.en,
  }));
  const tables = [
    writeTable(sheetKinds.rubric, [{ id, version, scale }], language),
    writeTable(sheetKinds.competencies, competencies, language),
    writeTable(sheetKinds.anchors, anchorRows(rubric), language),
    writeTable(sheetKinds.questions, rubric.questions.filter((one) => one.kind !== "code").map(questionRow), language),
  ];
  return {
    sheets: [...tables.map((one) => one.sheet), writeHelp(helpSheet, Object.values(sheetKinds), language)],
    problems: tables.flatMap((one) => one.problems),
  };
}
