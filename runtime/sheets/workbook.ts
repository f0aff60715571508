import { readFile } from "node:fs/promises";
import readExcel from "read-excel-file/node";
import writeExcel from "write-excel-file/node";
import { Fault } from "../../contracts/fault.ts";
import type { RawSheet, Value } from "./cells.ts";
import { failedCells } from "./failedCells.ts";
import type { Written } from "./table.ts";

/** Every sheet of an .xlsx file, blanks kept. @throws Fault file.missing, file.unreadable */
export async function readWorkbook(file: string): Promise<RawSheet[]> {
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT")
      throw new Fault("file.missing", `${file} is not there; check the path`, { cause: error });
    throw new Fault("file.unreadable", `${file} cannot be read; give a readable .xlsx file`, { cause: error });
  });
  return sheetsOf(bytes, file);
}

/** @throws Fault file.unreadable; `what` is said in its sentence */
export async function sheetsOf(bytes: Buffer, what: string): Promise<RawSheet[]> {
  try {
    const sheets = await readExcel(bytes, { trim: false });
    const read = sheets.map(({ sheet, data }) => ({ name: sheet, data: data as unknown as Value[][] }));
    for (const { sheet, row, column, fault } of failedCells(bytes)) {
      const data = read.find(({ name }) => name === sheet)?.data ?? [];
      while (data.length <= row) data.push([]);
      const cells = data[row] ?? [];
      while (cells.length < column) cells.push(null);
      cells[column] = fault;
    }
    return read;
  } catch (error) {
    throw new Fault("file.unreadable", `${what} is no .xlsx workbook; open it in Excel or WPS and save it as .xlsx`, {
      cause: error,
    });
  }
}

/** An .xlsx file: heads bold and in view while one scrolls, long texts wrapped. */
export function workbookOf(sheets: readonly Written[]): Promise<Buffer> {
  return writeExcel(
    sheets.map(({ name, rows, widths }) => ({
      sheet: name,
      stickyRowsCount: 1,
      columns: widths.map((width) => ({ width })),
      data: rows.map((row, at) =>
        row.map((value) => {
          if (value === null) return null;
          if (typeof value === "number") return { value, type: Number, alignVertical: "top" as const };
          const look = at === 0 ? { fontWeight: "bold" as const, backgroundColor: "#DDE7F3" } : { wrap: true };
          return { value, type: String, alignVertical: "top" as const, ...look };
        }),
      ),
    })),
  ).toBuffer();
}
