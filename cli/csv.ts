import { readFile } from "node:fs/promises";
import { parse as parseCsv } from "csv-parse/sync";
import { asFault, Fault } from "../contracts/fault.ts";

export type Row = Readonly<Record<string, string>>;

/** `at` counts rows from 0; people count lines from 1, and the head is the first. */
const lineOf = (at: number): number => at + 2;

/** What is wrong in one cell. */
export const wrongCell = (file: string, { at, column }: { at: number; column: string }, sentence: string): Fault =>
  new Fault("message.malformed", `${file} line ${lineOf(at)}, column ${column}: ${sentence}`, { field: column });

/** @throws Fault file.missing, file.unreadable, message.malformed for a file without rows */
export async function readRows(file: string): Promise<Row[]> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT")
      throw new Fault("file.missing", `${file} is not there; check the path`, { cause: error });
    throw new Fault("file.unreadable", `${file} cannot be read; give a readable CSV file`, { cause: error });
  });
  let rows: Row[];
  try {
    rows = parseCsv(text, { columns: true, bom: true, trim: true, skip_empty_lines: true });
  } catch (error) {
    throw new Fault("file.unreadable", `${file} is no CSV with a head line: ${asFault(error).message}`, {
      cause: error,
    });
  }
  if (rows.length === 0)
    throw new Fault("message.malformed", `${file} has no rows below its head line: give one a candidate`);
  return rows;
}

/** The number in a cell, null where it is empty. @throws Fault message.malformed outside `low` to `high` */
export function cellNumber(
  file: string,
  { row, at, column }: { row: Row; at: number; column: string },
  [low, high]: readonly [number, number],
): number | null {
  const text = row[column] ?? "";
  if (text === "") return null;
  const value = Number(text);
  if (!Number.isFinite(value)) throw wrongCell(file, { at, column }, `"${text}" is no number`);
  if (value < low || value > high)
    throw wrongCell(file, { at, column }, `${text} is not on the scale from ${low} to ${high}`);
  return value;
}
