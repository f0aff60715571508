import { Fault } from "../../contracts/fault.ts";
import type { Millis } from "../../contracts/units.ts";

/**
 * Just enough of ISO 14496-12 to cut a fragmented MP4 as it comes out of a pipe: the initialisation (ftyp + moov) and
 * each fragment (moof + mdat) with its time and whether it begins with a key frame.
 */
export type Fragment = { bytes: Buffer; start: Millis; duration: Millis; key: boolean };
export type Cut = { initialisation: Buffer } | { fragment: Fragment };

/** A box is at most a second of pictures; more is not a box. */
const largestBox = 16 * 1024 * 1024;
const headerBytes = 8;
/** sample_is_non_sync_sample of a sample's flags (8.8.3.1). */
const notKey = 0x1_0000;

/** The body of the first box along `path` below `box`. */
function inside(box: Buffer, path: readonly string[]): Buffer {
  const [wanted, ...deeper] = path;
  if (wanted === undefined) return box;
  for (let at = 0; at + headerBytes <= box.length; ) {
    const size = box.readUInt32BE(at);
    if (size < headerBytes) break;
    if (box.toString("latin1", at + 4, at + 8) === wanted)
      return inside(box.subarray(at + headerBytes, at + size), deeper);
    at += size;
  }
  throw new Fault("media.unreadable", `the encoder's MP4 has no ${wanted} where one belongs`);
}

/** Units a second of the first track's times: mdhd (8.4.2). */
function timescale(moov: Buffer): number {
  const mdhd = inside(moov, ["trak", "mdia", "mdhd"]);
  return mdhd.readUInt32BE(mdhd[0] === 1 ? 20 : 12);
}

/** Values of tfhd (8.8.7) that hold for every sample of the fragment that has none of its own. */
function defaults(tfhd: Buffer): { duration: number; flags: number } {
  const flags = tfhd.readUInt32BE(0) & 0xff_ffff;
  let at = 8 + (flags & 0x1 ? 8 : 0) + (flags & 0x2 ? 4 : 0);
  const next = (present: number): number => {
    if ((flags & present) === 0) return 0;
    at += 4;
    return tfhd.readUInt32BE(at - 4);
  };
  const duration = next(0x8);
  next(0x10);
  return { duration, flags: next(0x20) };
}

/** Length and first flags of the samples of trun (8.8.8). */
function samples(trun: Buffer, usual: { duration: number; flags: number }): { duration: number; key: boolean } {
  const flags = trun.readUInt32BE(0) & 0xff_ffff;
  const count = trun.readUInt32BE(4);
  let at = 8 + (flags & 0x1 ? 4 : 0);
  let first = usual.flags;
  if (flags & 0x4) {
    first = trun.readUInt32BE(at);
    at += 4;
  }
  const stride = [0x100, 0x200, 0x400, 0x800].reduce((bytes, field) => bytes + (flags & field ? 4 : 0), 0);
  let duration = 0;
  for (let sample = 0; sample < count; sample++)
    duration += flags & 0x100 ? trun.readUInt32BE(at + sample * stride) : usual.duration;
  if (flags & 0x400 && !(flags & 0x4))
    first = trun.readUInt32BE(at + (flags & 0x100 ? 4 : 0) + (flags & 0x200 ? 4 : 0));
  return { duration, key: (first & notKey) === 0 };
}

function fragmentOf(moof: Buffer, mdat: Buffer, scale: number): Fragment {
  const traf = inside(moof.subarray(headerBytes), ["traf"]);
  const tfdt = inside(traf, ["tfdt"]);
  const start = tfdt[0] === 1 ? Number(tfdt.readBigUInt64BE(4)) : tfdt.readUInt32BE(4);
  const { duration, key } = samples(inside(traf, ["trun"]), defaults(inside(traf, ["tfhd"])));
  return {
    bytes: Buffer.concat([moof, mdat]),
    start: (start * 1000) / scale,
    duration: (duration * 1000) / scale,
    key,
  };
}

/** Takes the encoder's bytes as they come. @throws Fault media.unreadable when they are no fragmented MP4 */
export class Fragments {
  #rest: Buffer = Buffer.alloc(0);
  #head: Buffer[] = [];
  #scale = 0;
  #moof: Buffer | undefined;

  push(chunk: Buffer): Cut[] {
    const cuts: Cut[] = [];
    let rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    while (rest.length >= headerBytes) {
      const size = rest.readUInt32BE(0);
      if (size < headerBytes || size > largestBox)
        throw new Fault("media.unreadable", "the encoder's output is no MP4");
      if (rest.length < size) break;
      const cut = this.#box(rest.toString("latin1", 4, 8), rest.subarray(0, size));
      if (cut !== undefined) cuts.push(cut);
      rest = rest.subarray(size);
    }
    this.#rest = rest;
    return cuts;
  }

  #box(type: string, box: Buffer): Cut | undefined {
    if (type === "ftyp") this.#head = [box];
    if (type === "moof") this.#moof = box;
    if (type === "moov") {
      this.#scale = timescale(box.subarray(headerBytes));
      return { initialisation: Buffer.concat([...this.#head, box]) };
    }
    if (type !== "mdat") return undefined;
    if (this.#moof === undefined || this.#scale === 0)
      throw new Fault("media.unreadable", "the encoder's MP4 gives pictures before its heads");
    return { fragment: fragmentOf(this.#moof, box, this.#scale) };
  }
}
