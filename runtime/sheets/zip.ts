import { inflateRawSync } from "node:zlib";

/** Records of a zip file: their signatures and the places of their fields (PKWARE APPNOTE 6.3.10, 4.3.7, 4.3.12, 4.3.16). */
const end = { signature: 0x06054b50, length: 22, entries: 10, offset: 16 } as const;
const entry = {
  signature: 0x02014b50,
  method: 10,
  packed: 20,
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

/** The files of a zip archive by name, each unpacked when it is asked for. Throws RangeError where the archive is cut off. */
export function filesOf(zip: Buffer): Map<string, () => string> {
  const files = new Map<string, () => string>();
  let last = zip.length - end.length;
  while (last >= 0 && zip.readUInt32LE(last) !== end.signature) last -= 1;
  if (last < 0) return files;
  let at = zip.readUInt32LE(last + end.offset);
  for (let left = zip.readUInt16LE(last + end.entries); left > 0; left -= 1) {
    if (zip.readUInt32LE(at) !== entry.signature) break;
    const [name, extra, comment] = [entry.name, entry.extra, entry.comment].map((field) =>
      zip.readUInt16LE(at + field),
    );
    const nameEnd = at + entry.length + (name ?? 0);
    const isDeflated = zip.readUInt16LE(at + entry.method) === deflated;
    const [start, packed] = [zip.readUInt32LE(at + entry.at), zip.readUInt32LE(at + entry.packed)];
    files.set(zip.toString("utf8", at + entry.length, nameEnd), () => {
      const from = start + local.length + zip.readUInt16LE(start + local.name) + zip.readUInt16LE(start + local.extra);
      const bytes = zip.subarray(from, from + packed);
      return (isDeflated ? inflateRawSync(bytes, { maxOutputLength: largestPart }) : bytes).toString("utf8");
    });
    at = nameEnd + (extra ?? 0) + (comment ?? 0);
  }
  return files;
}
