import { betweenLines, betweenWords, type CellFault, escaped, type Said, splitCell, type Value } from "./cells.ts";

export type Read<T> = { value: T } | { wrong: Said };

export type Filled = Exclude<Value, null | CellFault>;

/** How a value stands in a cell. Methods, so that forms of different values stand in one list. */
export interface Form<T> {
  /** `cell` says something: empty ones and those that failed are not asked about. */
  read(cell: Filled): Read<T>;
  write(value: T): string | number;
}

export const wrong = (zh: string, en: string): { wrong: Said } => ({ wrong: { "zh-CN": zh, en } });

/** What stands in a cell as text; numbers as they are written, so that an id may be 101. */
function plain(cell: Filled): Read<string> {
  if (cell instanceof Date)
    return wrong(
      "这里是日期；请把单元格格式改为文本，再重新输入",
      "is a date; format the cell as text and type it again",
    );
  return { value: typeof cell === "boolean" ? String(cell).toUpperCase() : String(cell).trim() };
}

export const ofText = <T>(read: (text: string) => Read<T>, write: (value: T) => string): Form<T> => ({
  read: (cell) => {
    const text = plain(cell);
    return "wrong" in text ? text : read(text.value);
  },
  write,
});

export const text: Form<string> = ofText(
  (value) => ({ value }),
  (value) => value,
);

/** A text that is held to a length and a pattern. */
export const patterned = (pattern: RegExp, said: Said): Form<string> =>
  ofText(
    (value) => (pattern.test(value) ? { value } : { wrong: said }),
    (value) => value,
  );

type Range = { least: number; most: number; whole?: boolean; above?: boolean };

/** A number, typed as one or as text, also with a percent sign. `above`: more than `least`. */
export const number = ({ least, most, whole = false, above = false }: Range): Form<number> => ({
  read: (cell) => {
    const value = typeof cell === "number" ? cell : Number.parseFloat(String(cell));
    const written = typeof cell === "number" || /^\s*[+-]?\d+(?:\.\d+)?\s*[%％]?\s*$/u.test(String(cell));
    const inside = (above ? value > least : value >= least) && value <= most;
    if (written && inside && (!whole || Number.isInteger(value))) return { value };
    const [kindZh, kindEn] = whole ? ["整数", "whole number"] : ["数字", "number"];
    const [fromZh, fromEn] = above ? [`大于 ${least}`, `above ${least}`] : [`不小于 ${least}`, `from ${least}`];
    const shown = JSON.stringify(cell instanceof Date ? cell.toISOString().slice(0, 10) : cell);
    return wrong(
      `${shown} 不合适；请填写${fromZh}、不大于 ${most} 的${kindZh}`,
      `is ${shown}; give a ${kindEn} ${fromEn} up to ${most}`,
    );
  },
  write: (value) => value,
});

/** Words with any common separator between; "|" is written. */
export const words: Form<string[]> = ofText(
  (cell) => ({ value: splitCell(cell, betweenWords) }),
  (value) => value.map((one) => escaped(one, betweenWords)).join(" | "),
);

/** Sentences, one a line. */
export const lines: Form<string[]> = ofText(
  (cell) => ({ value: splitCell(cell, betweenLines) }),
  (value) => value.map((one) => escaped(one, betweenLines)).join("\n"),
);

const numbersIn = (cell: string): number[] => splitCell(cell, betweenWords).map(Number);

/** Levels from lowest to highest. */
export const levels: Form<number[]> = ofText(
  (cell) => {
    const value = numbersIn(cell);
    return value.length >= 2 &&
      value.every((one, at) => Number.isFinite(one) && (at === 0 || one > (value[at - 1] ?? 0)))
      ? { value }
      : wrong(
          "请从低到高写出至少两个等级，例如 1 | 2 | 3 | 4 | 5",
          "write two levels or more from lowest to highest, such as 1 | 2 | 3 | 4 | 5",
        );
  },
  (value) => value.join(" | "),
);

/** A closed list: the value, and the words that people may write for it; the first one is written. */
export type Choice<T extends string> = { [K in T]: readonly [string, ...string[]] };

const bare = (word: string): string =>
  word
    .normalize("NFKC")
    .toLowerCase()
    .replaceAll(/[\s_\-–—→>.]/gu, "");

function chosen<T extends string>(choice: Choice<T>, word: string): T | undefined {
  const keys = Object.keys(choice) as T[];
  return keys.find((key) => [key, ...choice[key]].some((one) => bare(one) === bare(word)));
}

const unknownWord = (word: string, choice: Choice<string>): { wrong: Said } =>
  wrong(
    `${JSON.stringify(word)} 无法识别；可以填写：${Object.values(choice)
      .map((all) => all.join("/"))
      .join("、")}`,
    `is ${JSON.stringify(word)}; write one of ${Object.keys(choice).join(", ")}`,
  );

export const oneOf = <T extends string>(choice: Choice<T>): Form<T> =>
  ofText(
    (cell): Read<T> => {
      const value = chosen(choice, cell);
      return value === undefined ? unknownWord(cell, choice) : { value };
    },
    (value) => value,
  );

export const manyOf = <T extends string>(choice: Choice<T>): Form<T[]> =>
  ofText(
    (cell): Read<T[]> => {
      const given = splitCell(cell, betweenWords);
      const unknown = given.find((word) => chosen(choice, word) === undefined);
      if (unknown !== undefined) return unknownWord(unknown, choice);
      return { value: given.map((word) => chosen(choice, word)).filter((one) => one !== undefined) };
    },
    (value) => value.join(" | "),
  );
