import { createReadStream, createWriteStream } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { PassThrough } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createInflateRaw, inflateRawSync } from "node:zlib";
import { Fault } from "../../../contracts/fault.ts";

const endSignature = 0x06054b50;
const entrySignature = 0x02014b50;
const endBytes = 22;
const longestComment = 65_535;

type Entry = { method: number; packedBytes: number; headerAt: number };

const broken = (path: string, why: string): Fault =>
  new Fault("file.unreadable", `${path} is not a readable zip archive: ${why}`);

async function readAt(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await file.read(buffer, 0, length, at);
  return buffer.subarray(0, bytesRead);
}

/** Finds the member in the central directory (PKWARE APPNOTE 4.3.12, 4.3.16; no zip64: wheels stay below 4 GiB). */
async function findEntry(file: FileHandle, path: string, member: string): Promise<Entry> {
  const { size } = await file.stat();
  const tailBytes = Math.min(size, endBytes + longestComment);
  const tail = await readAt(file, size - tailBytes, tailBytes);
  let end = tail.length - endBytes;
  while (end >= 0 && tail.readUInt32LE(end) !== endSignature) end--;
  if (end < 0) throw broken(path, "it has no central directory");
  const directory = await readAt(file, tail.readUInt32LE(end + 16), tail.readUInt32LE(end + 12));
  for (let at = 0; at + 46 <= directory.length && directory.readUInt32LE(at) === entrySignature; ) {
    const nameBytes = directory.readUInt16LE(at + 28);
    if (directory.toString("utf8", at + 46, at + 46 + nameBytes) === member)
      return {
        method: directory.readUInt16LE(at + 10),
        packedBytes: directory.readUInt32LE(at + 20),
        headerAt: directory.readUInt32LE(at + 42),
      };
    at += 46 + nameBytes + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
  }
  throw broken(path, `it has no member ${member}`);
}

type Place = { method: number; start: number; bytes: number };

/** Where the packed bytes of a member stand. Throws file.unreadable. */
async function locate(path: string, member: string): Promise<Place> {
  const file = await open(path, "r");
  try {
    const entry = await findEntry(file, path, member);
    const header = await readAt(file, entry.headerAt, 30);
    if (header.length < 30) throw broken(path, "it is cut short");
    if (entry.method !== 0 && entry.method !== 8) throw broken(path, `${member} is packed by method ${entry.method}`);
    const start = entry.headerAt + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
    return { method: entry.method, start, bytes: entry.packedBytes };
  } finally {
    await file.close();
  }
}

/** Appends one member of the zip archive to the file `to` (stored or deflated members). Throws file.unreadable. */
export async function appendZipMember(path: string, member: string, to: string): Promise<void> {
  const { method, start, bytes } = await locate(path, member);
  const packed = createReadStream(path, { start, end: start + bytes - 1 });
  const unpack = method === 8 ? createInflateRaw() : new PassThrough();
  await pipeline(packed, unpack, createWriteStream(to, { flags: "a" }));
}

/** One member of the zip archive, for members that fit into memory. Throws file.unreadable. */
export async function readZipMember(path: string, member: string): Promise<Buffer> {
  const { method, start, bytes } = await locate(path, member);
  const file = await open(path, "r");
  try {
    const packed = await readAt(file, start, bytes);
    return method === 8 ? inflateRawSync(packed) : packed;
  } finally {
    await file.close();
  }
}
