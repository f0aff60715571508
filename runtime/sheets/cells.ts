import type { Localized } from "../../contracts/language.ts";

/** A sentence in both languages. */
export type Said = Required<{ [L in keyof Localized]: string }>;

/** What is wrong in a cell ("Questions!D7") or a range of them, with its remedy. */
export type Problem = { cell: string; message: Said };

/** Stands in a cell that shows an error ("#REF!") or a formula that was never computed ("=B2+1"). */
export class CellFault {
  readonly shown: string;

  constructor(shown: string) {
    this.shown = shown;
  }
}

/** What a cell holds, as a spreadsheet gives it. */
export type Value = string | number | boolean | Date | CellFault | null;

/** A sheet as it stands in a file: rows from the first, with their empty cells. */
export type RawSheet = { name: string; data: readonly (readonly Value[])[] };

/** "A" for 0, "AA" for 26. */
export function columnName(column: number): string {
  const rest = column % 26;
  const before = (column - rest) / 26;
  return `${before === 0 ? "" : columnName(before - 1)}${String.fromCharCode(65 + rest)}`;
}

/** `row` and `column` count from 0. A name with blanks or signs stands in quotes, as in a formula. */
export function cellName(sheet: string, row: number, column: number): string {
  const name = /^[\p{L}\p{N}_]+$/u.test(sheet) ? sheet : `'${sheet.replaceAll("'", "''")}'`;
  return `${name}!${columnName(column)}${row + 1}`;
}

/** A cell with more characters is refused by Excel (Excel specifications and limits). */
export const longestCell = 32_767;

/** What may stand between the words of a list: people write lists in many ways. */
export const betweenWords = "|｜,，、;；\n";
export const betweenLines = "\n";
export const afterName = ":：";

/** A character of a cell; `literal`: written with a backslash before it, it separates nothing and is not trimmed. */
type Mark = { char: string; literal: boolean };
const controls: Record<string, string> = { n: "\n", r: "\r", t: "\t" };

/** A cell's text as characters: `\n`, `\r`, `\t` as in JSON; a backslash before any other character keeps it from separating. */
export function marksOf(text: string): Mark[] {
  const marks: Mark[] = [];
  const chars = [...text];
  for (let at = 0; at < chars.length; at += 1) {
    const char = chars[at] as string;
    const next = chars[at + 1];
    if (char !== "\\" || next === undefined) marks.push({ char, literal: false });
    else {
      marks.push({ char: controls[next] ?? next, literal: true });
      at += 1;
    }
  }
  return marks;
}

const separates = (mark: Mark, separators: string): boolean => !mark.literal && separators.includes(mark.char);

/** Where the first separator stands, -1 without one. */
export const separatorAt = (marks: readonly Mark[], separators: string): number =>
  marks.findIndex((mark) => separates(mark, separators));

export function splitMarks(marks: readonly Mark[], separators: string): Mark[][] {
  const parts: Mark[][] = [[]];
  for (const mark of marks) {
    if (separates(mark, separators)) parts.push([]);
    else parts.at(-1)?.push(mark);
  }
  return parts;
}

/** The text of the characters, without the blanks around it. */
export function textOf(marks: readonly Mark[]): string {
  const blank = (mark: Mark): boolean => !mark.literal && /\s/u.test(mark.char);
  const from = marks.findIndex((mark) => !blank(mark));
  const to = marks.findLastIndex((mark) => !blank(mark));
  return from < 0
    ? ""
    : marks
        .slice(from, to + 1)
        .map(({ char }) => char)
        .join("");
}

/** The parts of a list that say something. */
export const splitCell = (text: string, separators: string): string[] =>
  splitMarks(marksOf(text), separators)
    .map(textOf)
    .filter((part) => part !== "");

/** The text so that `splitCell` with these separators gives it back as one part. */
export function escaped(text: string, separators: string): string {
  const chars = [...text];
  return chars
    .map((char, at) => {
      const control = Object.keys(controls).find((key) => controls[key] === char);
      if (control !== undefined) return `\\${control}`;
      const outermost = (at === 0 || at === chars.length - 1) && /\s/u.test(char);
      return char === "\\" || separators.includes(char) || outermost ? `\\${char}` : char;
    })
    .join("");
}
