import { type Language, languages } from "../../contracts/language.ts";
import { CellFault, cellName, longestCell, type Problem, type RawSheet, type Said, type Value } from "./cells.ts";
import type { Column, Columns, RowOf, SheetKind } from "./columns.ts";

/** A row that was read, and where each of its values stands. */
export type Found<C extends Columns> = { row: RowOf<C>; cellOf: (key: keyof C & string) => string };

/** What of a sheet could be read; `problems` names the rest. `cellOf`: a column's whole extent, for what concerns all rows. */
export type Table<C extends Columns> = {
  found: Found<C>[];
  problems: Problem[];
  cellOf: (key: keyof C & string) => string;
};

/** Case, width, blanks and brackets aside, which people write in many ways. */
export const bareName = (name: string): string =>
  name
    .normalize("NFKC")
    .toLowerCase()
    .replaceAll(/[\s_\-()[\]（）【】:：.·/]/gu, "");

export const isNamed = (name: string, known: { name: Said; also: readonly string[] }): boolean =>
  [known.name["zh-CN"], known.name.en, ...known.also].some((one) => bareName(one) === bareName(name));

const isEmpty = (cell: Value | undefined): boolean =>
  cell === null || cell === undefined || (typeof cell === "string" && cell.trim() === "");

/** The key of the column that has this header in either language, with or without the language in brackets. */
function keyOf(header: string, columns: Columns): string | undefined {
  const named = ({ header: own, also = [] }: Column<unknown>): string[] => [own["zh-CN"], own.en, ...also];
  return Object.keys(columns).find((key) =>
    named(columns[key] as Column<unknown>).some((one) => bareName(one) === bareName(header)),
  );
}

type Head = { row: number; places: Map<string, number>; problems: Problem[] };

/** Which column stands where. A header that is not known is a problem, for what stands below it would be lost. */
function readHead({ name, data }: RawSheet, columns: Columns): Head {
  const row = Math.max(
    0,
    data.findIndex((cells) => cells.some((cell) => !isEmpty(cell))),
  );
  const places = new Map<string, number>();
  const problems: Problem[] = [];
  const width = Math.max(0, ...data.map((cells) => cells.length));
  for (let at = 0; at < width; at += 1) {
    const cell = data[row]?.[at];
    const below = data.slice(row + 1).some((cells) => !isEmpty(cells[at]));
    if (isEmpty(cell) && !below) continue;
    const shown = isEmpty(cell) ? "" : cell instanceof CellFault ? cell.shown : String(cell);
    const key = keyOf(shown, columns);
    if (key === undefined) problems.push(unknownHeader(cellName(name, row, at), shown, columns));
    else if (places.has(key)) problems.push(secondHeader(cellName(name, row, at), shown));
    else places.set(key, at);
  }
  for (const [key, { required, header }] of Object.entries(columns))
    if (required && !places.has(key))
      problems.push({
        cell: cellName(name, row, 0),
        message: {
          "zh-CN": `缺少“${header["zh-CN"]}”列（${header.en}）；请加上`,
          en: `the column "${header.en}" (${header["zh-CN"]}) is missing; add it`,
        },
      });
  return { row, places, problems };
}

const secondHeader = (cell: string, shown: string): Problem => ({
  cell,
  message: {
    "zh-CN": `“${shown}”列出现了两次；请删去一列`,
    en: `the column ${JSON.stringify(shown)} stands twice; delete one`,
  },
});

function unknownHeader(cell: string, shown: string, columns: Columns): Problem {
  const known = (language: Language): string[] => Object.values(columns).map(({ header }) => header[language]);
  return {
    cell,
    message: {
      "zh-CN": `列名 ${JSON.stringify(shown)} 无法识别；请改为以下之一，或删去此列：${known("zh-CN").join("、")}`,
      en: `the column ${JSON.stringify(shown)} is not known; name it as one of these, or delete it: ${known("en").join(", ")}`,
    },
  };
}

/** Reads every row below the headers; a cell that cannot be read is named and left out of its row. */
export function readTable<C extends Columns>(sheet: RawSheet, { columns }: SheetKind<C>): Table<C> {
  const { row: head, places, problems } = readHead(sheet, columns);
  const found: Found<C>[] = [];
  const cellAt = (row: number, key: string): string => cellName(sheet.name, row, places.get(key) ?? 0);
  for (const [at, cells] of sheet.data.entries()) {
    if (at <= head || cells.every(isEmpty)) continue;
    const row: Record<string, unknown> = {};
    for (const [key, place] of places) {
      const cell = cells[place];
      const column = columns[key] as Column<unknown>;
      if (cell === null || cell === undefined || isEmpty(cell)) {
        if (column.required) problems.push({ cell: cellAt(at, key), message: emptyCell(column) });
        continue;
      }
      const read = cell instanceof CellFault ? { wrong: failedCell(cell) } : column.form.read(cell);
      if ("value" in read) row[key] = read.value;
      else problems.push({ cell: cellAt(at, key), message: read.wrong });
    }
    found.push({ row: row as RowOf<C>, cellOf: (key) => cellAt(at, key) });
  }
  return {
    found,
    problems,
    cellOf: (key) => {
      const from = cellAt(head + 1, key);
      const to = cellAt(Math.max(head + 1, sheet.data.length - 1), key);
      return from === to ? from : `${from}:${to.slice(to.lastIndexOf("!") + 1)}`;
    },
  };
}

const failedCell = ({ shown }: CellFault): Said => ({
  "zh-CN": `是 ${shown}，没有可读的值；请改正公式，或直接填写内容`,
  en: `is ${shown} and has no value to read; correct the formula, or type what it should say`,
});

const emptyCell = ({ about }: Column<unknown>): Said => ({
  "zh-CN": `为空；请填写：${about["zh-CN"]}`,
  en: `is empty; fill in: ${about.en}`,
});

/** A sheet to be written: headers, then rows. `widths` in characters. */
export type Written = { name: string; rows: (string | number | null)[][]; widths: number[] };

export type WrittenTable = { sheet: Written; problems: Problem[] };

/** Rows under headers in `language`. A cell that would hold more than Excel takes is a problem. */
export function writeTable<C extends Columns>(
  { name, columns }: SheetKind<C>,
  rows: readonly RowOf<C>[],
  language: Language,
): WrittenTable {
  const all = Object.entries(columns);
  const body = rows.map((row) =>
    all.map(([key, { form }]) => {
      const value = (row as Record<string, unknown>)[key];
      return value === undefined ? null : form.write(value);
    }),
  );
  const problems = body.flatMap((cells, row) =>
    cells.flatMap((cell, at): Problem[] =>
      typeof cell !== "string" || cell.length <= longestCell
        ? []
        : [{ cell: cellName(name[language], row + 1, at), message: tooLong(cell.length) }],
    ),
  );
  const headers = all.map(([, { header }]) => header[language]);
  const widths = all.map(([, { width }], at) => width ?? Math.max(12, (headers[at] ?? "").length + 4));
  return { sheet: { name: name[language], rows: [headers, ...body], widths }, problems };
}

const tooLong = (length: number): Said => ({
  "zh-CN": `有 ${length} 个字符，Excel 的单元格最多 ${longestCell} 个；请缩短或拆分`,
  en: `has ${length} characters and Excel takes ${longestCell} in a cell; shorten or split it`,
});

/** For every column of every sheet: what a person writes there. */
export function writeHelp({ name }: { name: Said }, kinds: readonly SheetKind<Columns>[], language: Language): Written {
  const heads: Said[] = [
    { "zh-CN": "工作表", en: "Sheet" },
    { "zh-CN": "列名（中文）", en: "Column (zh)" },
    { "zh-CN": "列名（英文）", en: "Column (en)" },
    { "zh-CN": "填写说明（中文）", en: "What to write (zh)" },
    { "zh-CN": "填写说明（英文）", en: "What to write (en)" },
  ];
  const rows = kinds.flatMap((kind) =>
    Object.values(kind.columns).map(({ header, about }) => [
      kind.name[language],
      ...languages.map((one) => header[one]),
      ...languages.map((one) => about[one]),
    ]),
  );
  return { name: name[language], rows: [heads.map((one) => one[language]), ...rows], widths: [14, 18, 18, 50, 60] };
}
