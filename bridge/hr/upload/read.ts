import { parse as parseCsv } from "csv-parse/sync";
import { Fault } from "../../../contracts/fault.ts";
import type { Language } from "../../../contracts/language.ts";
import type { RawSheet } from "../../../runtime/sheets/cells.ts";
import { writeHelp, writeTable } from "../../../runtime/sheets/table.ts";
import { sheetsOf, workbookOf } from "../../../runtime/sheets/workbook.ts";
import { unpackedSize } from "../../../runtime/sheets/zip.ts";
import { exampleRow, orderSheet } from "./sheet.ts";

const utc = "+00:00";
/** A workbook is a zip archive (PKWARE APPNOTE 4.3.7). */
const isWorkbook = (bytes: Buffer): boolean => bytes.length > 4 && bytes.readUInt32LE(0) === 0x04034b50;

/** UTF-8, or else GB 18030, in which Excel saves CSV on a Chinese system. @throws Fault file.unreadable */
function textOf(bytes: Buffer): string {
  for (const encoding of ["utf-8", "gb18030"])
    try {
      return new TextDecoder(encoding, { fatal: true }).decode(bytes);
    } catch {
      // Not this encoding: the next one.
    }
  throw new Fault("file.unreadable", "the file is neither UTF-8 nor GB 18030: save it as CSV UTF-8 or as .xlsx");
}

function csvSheet(bytes: Buffer): RawSheet {
  try {
    const rows = parseCsv(textOf(bytes), { bom: true, relax_column_count: true }) as string[][];
    return { name: "CSV", data: rows };
  } catch (error) {
    if (error instanceof Fault) throw error;
    // Without its cause's text, which may quote a row.
    const { code, lines } = error as { code?: string; lines?: number };
    throw new Fault(
      "file.unreadable",
      `the CSV breaks off at line ${lines ?? 1} (${code ?? "unreadable"}): check its quotes`,
    );
  }
}

/** A workbook that unpacks to more is none that a person wrote. */
const largestWorkbook = 64 * 1024 * 1024;

function sizeOf(bytes: Buffer): number {
  try {
    return unpackedSize(bytes);
  } catch (error) {
    throw new Fault("file.unreadable", "the .xlsx file is cut off: save it again", { cause: error });
  }
}

/** The sheets of an upload, whichever of the two it is. @throws Fault file.unreadable, message.tooLarge */
export async function readUpload(bytes: Buffer): Promise<RawSheet[]> {
  if (!isWorkbook(bytes)) return [csvSheet(bytes)];
  if (sizeOf(bytes) > largestWorkbook)
    throw new Fault("message.tooLarge", "the .xlsx file unpacks to more than 64 MiB: send fewer rows");
  return sheetsOf(bytes, "the file");
}

const quoted = (cell: string | number | null): string => {
  const text = cell === null ? "" : String(cell);
  return /[",\r\n]/u.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

/** An upload with one row to be overwritten. As CSV with a byte order mark, without which Excel spoils Chinese. */
export async function templateOf(format: "xlsx" | "csv", language: Language): Promise<Buffer> {
  const kind = orderSheet(utc);
  const { sheet } = writeTable(kind, [exampleRow(language)], language);
  if (format === "csv")
    return Buffer.from(`\u{feff}${sheet.rows.map((row) => row.map(quoted).join(",")).join("\r\n")}\r\n`);
  const help = writeHelp({ name: { "zh-CN": "说明", en: "Help" } }, [kind], language);
  return workbookOf([sheet, help]);
}
