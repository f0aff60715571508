import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { Fault } from "../../../contracts/fault.ts";

const blockBytes = 512;
const text = (block: Buffer, at: number, length: number): string =>
  block.toString("utf8", at, at + length).replace(/\0.*$/s, "");

/**
 * One member of a gzipped tar archive (POSIX ustar, as npm packs them; sizes below 8 GiB), read in memory.
 * Throws file.unreadable when the archive or the member is not there.
 */
export async function readTarMember(path: string, member: string): Promise<Buffer> {
  let tar: Buffer;
  try {
    tar = await promisify(gunzip)(await readFile(path));
  } catch (error) {
    throw new Fault("file.unreadable", `${path} is not a readable .tgz archive`, { cause: error });
  }
  for (let at = 0; at + blockBytes <= tar.length; ) {
    const header = tar.subarray(at, at + blockBytes);
    const name = text(header, 0, 100);
    if (name === "") break;
    const prefix = text(header, 345, 155);
    const bytes = Number.parseInt(text(header, 124, 12).trim(), 8);
    if (!Number.isInteger(bytes)) throw new Fault("file.unreadable", `${path} has a damaged header at byte ${at}`);
    const from = at + blockBytes;
    if ((prefix === "" ? name : `${prefix}/${name}`) === member) return tar.subarray(from, from + bytes);
    at = from + Math.ceil(bytes / blockBytes) * blockBytes;
  }
  throw new Fault("file.unreadable", `${path} has no member ${member}`);
}
