import type { Said } from "../../runtime/sheets/cells.ts";
import { type QuestionRow, sheetKinds } from "./columns.ts";

type Key = keyof QuestionRow & string;
export type Fields = { fields: Record<string, unknown>; problems: { key: Key; message: Said }[] };

/** The same without what is undefined. */
export const without = <T extends Record<string, unknown>>(
  fields: T,
): Partial<{ [K in keyof T]: Exclude<T[K], undefined> }> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;

const letters = ["A", "B", "C", "D"] as const;
const choiceOnly: readonly Key[] = [
  ...letters.flatMap((letter): Key[] => [`option${letter}Zh`, `option${letter}En`]),
  "correct",
];
const spokenOnly: readonly Key[] = [
  "structure",
  "specifics",
  "referencesZh",
  "referencesEn",
  "conceptsZh",
  "conceptsEn",
];

/** Cells that this kind of question has no use for: what they say would be lost. */
function misplaced(row: QuestionRow, keys: readonly Key[]): Fields["problems"] {
  const columns: Record<string, { header: Said }> = sheetKinds.questions.columns;
  return keys
    .filter((key) => row[key] !== undefined)
    .map((key) => {
      const header = columns[key]?.header ?? { "zh-CN": key, en: key };
      return {
        key,
        message: {
          "zh-CN": `${row.kind === "choice" ? "选择题" : "口述题"}没有“${header["zh-CN"]}”；请清空，或更改题型`,
          en: `a ${row.kind} question has no "${header.en}"; clear it, or change the kind`,
        },
      };
    });
}

const byLanguage = (zh: unknown, en: unknown): Record<string, unknown> | undefined =>
  zh === undefined && en === undefined ? undefined : without({ "zh-CN": zh, en });

export function spokenFields(row: QuestionRow): Fields {
  const { structure, specifics } = row;
  const reference = byLanguage(row.referencesZh, row.referencesEn);
  const concepts = byLanguage(row.conceptsZh, row.conceptsEn);
  return { fields: without({ reference, concepts, structure, specifics }), problems: misplaced(row, choiceOnly) };
}

export function choiceFields(row: QuestionRow): Fields {
  const options = letters.flatMap((id) => {
    const text = byLanguage(row[`option${id}Zh`], row[`option${id}En`]);
    return text === undefined ? [] : [{ id, text }];
  });
  const problems = misplaced(row, spokenOnly);
  if (options.length < 2)
    problems.push({
      key: "optionAZh",
      message: {
        "zh-CN": `选择题有 ${options.length} 个选项；请至少填写两个`,
        en: `the choice question has ${options.length} options; write two or more`,
      },
    });
  if (row.correct === undefined)
    problems.push({
      key: "correct",
      message: {
        "zh-CN": "没有可用的正确答案；请填写选项字母，例如 B",
        en: "has no right option; write its letter, such as B",
      },
    });
  return { fields: without({ options, correct: row.correct }), problems };
}
