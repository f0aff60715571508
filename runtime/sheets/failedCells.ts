import { CellFault } from "./cells.ts";
import { filesOf } from "./zip.ts";

/** A cell without a value to read: `row` and `column` count from 0. */
export type FailedCell = { sheet: string; row: number; column: number; fault: CellFault };

const entities: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };
const plain = (xml: string): string =>
  xml.replaceAll(/&(?:#(\d+)|#x([\da-f]+)|(\w+));/giu, (whole, decimal, hex, name) => {
    if (name !== undefined) return entities[name] ?? whole;
    return String.fromCodePoint(decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal));
  });

/** The attributes of every element of this name, whatever prefix its namespace has. */
function attributesOf(xml: string, element: string): Record<string, string>[] {
  const found = xml.matchAll(new RegExp(`<(?:\\w+:)?${element}\\s([^>]*)>`, "gu"));
  return [...found].map(([, inside = ""]) => named(inside));
}

const named = (inside: string): Record<string, string> =>
  Object.fromEntries(
    [...inside.matchAll(/([\w:]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/gu)].map(([, name, one, other]) => [
      name,
      plain(one ?? other ?? ""),
    ]),
  );

function placeOf(address: string): { row: number; column: number } | undefined {
  const [, letters, digits] = /^([A-Z]+)(\d+)$/u.exec(address) ?? [];
  if (letters === undefined || digits === undefined) return undefined;
  const column = [...letters].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1;
  return { row: Number(digits) - 1, column };
}

/** What of a cell cannot be read: an error such as #REF!, or a formula that was never computed. */
function faultOf(attributes: Record<string, string>, inside: string): CellFault | undefined {
  const value = /<(?:\w+:)?v(?:\s[^>]*)?>([^<]*)</u.exec(inside)?.[1];
  if (attributes["t"] === "e") return new CellFault(plain(value ?? "#N/A"));
  const formula = /<(?:\w+:)?f(?:\s[^>]*)?(?:\/>|>([^<]*)<)/u.exec(inside);
  if (formula === null || /<(?:\w+:)?(?:v|is)[\s/>]/u.test(inside)) return undefined;
  return new CellFault(`=${plain(formula[1] ?? "")}`);
}

/** Cells that the spreadsheet library passes over as empty, so that what they should say would be lost. */
export function failedCells(workbook: Buffer): FailedCell[] {
  const files = filesOf(workbook);
  const read = (name: string): string => files.get(name)?.() ?? "";
  const targets = new Map(
    attributesOf(read("xl/_rels/workbook.xml.rels"), "Relationship").map(({ Id = "", Target = "" }) => [Id, Target]),
  );
  return attributesOf(read("xl/workbook.xml"), "sheet").flatMap((sheet) => {
    const relation = Object.keys(sheet).find((key) => key.endsWith(":id"));
    const target = targets.get(sheet[relation ?? ""] ?? "") ?? "";
    const xml = read(target.startsWith("/") ? target.slice(1) : `xl/${target}`);
    const cells = xml.matchAll(/<(?:\w+:)?c(?:\s([^>]*?))?(?:\/>|>(.*?)<\/(?:\w+:)?c>)/gsu);
    return [...cells].flatMap(([, inside = "", body = ""]): FailedCell[] => {
      const attributes = named(inside);
      const fault = faultOf(attributes, body);
      const place = placeOf(attributes["r"] ?? "");
      return fault === undefined || place === undefined ? [] : [{ sheet: sheet["name"] ?? "", ...place, fault }];
    });
  });
}
