import { chmod, stat } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import { z } from "zod";
import { asFault, Fault } from "../../contracts/fault.ts";
import { readIfThere, writeDurably } from "../../runtime/durable.ts";
import { type Connection, defineAdapter, type Outcome, type Shipment } from "./adapter.ts";
import { commonPlacement, place, refused, resultData, type Scalar } from "./placement.ts";

/** `json`: the whole CloudEvent · `csv`: one line of the main figures under a header, for spreadsheets and old imports. */
export const dropFormat = z.enum(["json", "csv"]).default("json");

export const fileDropOptions = z.strictObject({
  /** Must be there: a folder made here could stand under the mount point of a share that is away. */
  folder: z.string().refine(isAbsolute, "an absolute path, such as /srv/candor/results"),
  format: dropFormat,
});
type DropOptions = z.output<typeof fileDropOptions>;

/** The file's name is the effect key: `t/s/scorecard/1` → `t~s~scorecard~1.json`. No id holds a `~` (contracts/ids.ts). */
export const dropName = (effectKey: string, format: DropOptions["format"]): string =>
  `${effectKey.split("/").map(encodeURIComponent).join("~")}.${format}`;

/** RFC 4180; a text that a spreadsheet would run as a formula gets an apostrophe (OWASP, "CSV injection"). */
function cell(value: Scalar | undefined): string {
  if (value === undefined) return "";
  const text = typeof value === "string" && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A byte order mark stands first, without which Excel takes Chinese for the system's old code page. */
function asCsv(effectKey: string, body: string): { text: string; unplaced: readonly string[] } {
  const { values, unplaced } = place(resultData(body), commonPlacement);
  const columns = Object.keys(commonPlacement);
  const line = [effectKey, ...columns.map((column) => values[column])].map(cell).join(",");
  return { text: `\u{feff}${["effectKey", ...columns].join(",")}\r\n${line}\r\n`, unplaced };
}

/** What stands in the file, with the fields that have no column. @throws Fault message.malformed */
export const dropText = (
  { effectKey, body }: Shipment,
  format: DropOptions["format"],
): { text: string; unplaced: readonly string[] } =>
  format === "csv" ? asCsv(effectKey, body) : { text: body, unplaced: [] };

/** Another try where the folder is away: it could be a share that is not mounted yet. */
export async function missingFolder(folder: string): Promise<Outcome | undefined> {
  const cause = await stat(folder).then(
    (there) => (there.isDirectory() ? undefined : "it is no folder"),
    (error: unknown) => error,
  );
  if (cause === undefined) return undefined;
  return {
    outcome: "again",
    fault: new Fault("delivery.failed", `there is no folder ${folder}: make it, or mount the share`, { cause }),
  };
}

async function drop(
  path: string,
  { folder, text, write }: { folder: string; text: string; write: typeof writeDurably },
): Promise<Outcome> {
  const missing = await missingFolder(folder);
  if (missing !== undefined) return missing;
  const known = await readIfThere(path);
  if (known !== undefined && known !== text)
    return refused(`another content stands at ${path}: move that file away, then replay the delivery`);
  if (known === undefined) await write(path, text);
  // Written for its owner only; the one who fetches it is of the folder's group.
  await chmod(path, 0o640);
  return { outcome: "done" };
}

/** `write` is the disk's side, so that a disk in trouble can be tried. */
export function openFileDrop({ folder, format }: DropOptions, write: typeof writeDurably = writeDurably): Connection {
  return {
    close: () => undefined,
    deliver: async ({ effectKey, body }, signal): Promise<Outcome> => {
      signal.throwIfAborted();
      try {
        const { text, unplaced } = dropText({ effectKey, body }, format);
        const outcome = await drop(join(folder, dropName(effectKey, format)), { folder, text, write });
        return outcome.outcome === "done" && unplaced.length > 0 ? { ...outcome, unplaced } : outcome;
      } catch (error) {
        const fault = asFault(error, "delivery.failed");
        return fault.retryable ? { outcome: "again", fault } : refused(fault.message, error);
      }
    },
  };
}

/** A file for each result in a folder that another system reads, on this machine or on a mounted share. */
export const fileDrop = defineAdapter({
  name: "file-drop",
  summary: "Writes each result as a JSON or CSV file into a folder",
  guarantee:
    "Exactly one file for a result while the reader leaves it in place; a file that the reader took away before this process could note the delivery is written once more, under the same name.",
  takes: ["result", "status", "start", "help"],
  options: fileDropOptions,
  open: (options) => openFileDrop(options),
});
