import { inflateRawSync } from "node:zlib";

/** Records of a zip file: their signatures and the places of their fields (PKWARE APPNOTE 6.3.10, 4.3.7, 4.3.12, 4.3.16). */
const end = { signature: 0x06054b50, length: 22, entries: 10, offset: 16 } as const;
const entry = {
  signature: 0x02014b50,
  method: 10,
  packed: 20,
  unpacked: 24,
  name: 28,
  extra: 30,
  comment: 32,
  at: 42,
  length: 46,
} as const;
const local = { name: 26, extra: 28, length: 30 } as const;
const deflated = 8;

/** A part of a workbook that unpacks to more than this is none that a person wrote. */
const largestPart = 256 * 1024 * 1024;

/** The place of each file's entry in the archive's directory. */
function* entriesOf(zip: Buffer): Generator<number> {
  let last = zip.length - end.length;
  while (last >= 0 && zip.readUInt32LE(last) !== end.signature) last -= 1;
  if (last < 0) return;
  let at = zip.readUInt32LE(last + end.offset);
  for (let left = zip.readUInt16LE(last + end.entries); left > 0; left -= 1) {
    if (zip.readUInt32LE(at) !== entry.signature) return;
    yield at;
    const lengths = [entry.name, entry.extra, entry.comment].map((field) => zip.readUInt16LE(at + field));
    at += entry.length + lengths.reduce((sum, one) => sum + one, 0);
  }
}

/** How many bytes the files of a zip archive take unpacked, as its directory says. Throws RangeError where it is cut off. */
export const unpackedSize = (zip: Buffer): number =>
  [...entriesOf(zip)].reduce((sum, at) => sum + zip.readUInt32LE(at + entry.unpacked), 0);

/** The files of a zip archive by name, each unpacked when it is asked for. Throws RangeError where the archive is cut off. */
export function filesOf(zip: Buffer): Map<string, () => string> {
  const files = new Map<string, () => string>();
  for (const at of entriesOf(zip)) {
    const nameEnd = at + entry.length + zip.readUInt16LE(at + entry.name);
    const isDeflated = zip.readUInt16LE(at + entry.method) === deflated;
    const [start, packed] = [zip.readUInt32LE(at + entry.at), zip.readUInt32LE(at + entry.packed)];
    files.set(zip.toString("utf8", at + entry.length, nameEnd), () => {
      const from = start + local.length + zip.readUInt16LE(start + local.name) + zip.readUInt16LE(start + local.extra);
      const bytes = zip.subarray(from, from + packed);
      return (isDeflated ? inflateRawSync(bytes, { maxOutputLength: largestPart }) : bytes).toString("utf8");
    });
  }
  return files;
}
