import type { EpochMillis, Millis } from "../../contracts/units.ts";

/** A `struct input_event` that says something of a key; "lost" where the kernel's queue ran over and states are unknown. */
export type KeyEvent = { readonly code: number; readonly value: number; readonly atWall: EpochMillis };
export type InputEvent = KeyEvent | "lost";

/** Bytes of a word of the kernel's: its two time words, and with them the event, are half as long on 32-bit machines. */
export const wordBytes: 4 | 8 = ["arm", "ia32", "mips", "mipsel"].includes(process.arch) ? 4 : 8;
export const eventBytes = (word: 4 | 8): number => 2 * word + 8;

const types = { synchronise: 0, key: 1 } as const;
const synchroniseDropped = 3;

const timeWord = (bytes: Buffer, at: number, word: 4 | 8): number =>
  word === 8 ? Number(bytes.readBigInt64LE(at)) : bytes.readUInt32LE(at);

/** The events of keys in what the kernel gave, which is whole events (Documentation/input/input.rst). */
export function parseEvents(bytes: Buffer, word: 4 | 8 = wordBytes): InputEvent[] {
  const events: InputEvent[] = [];
  const size = eventBytes(word);
  for (let at = 0; at + size <= bytes.length; at += size) {
    const type = bytes.readUInt16LE(at + 2 * word);
    const code = bytes.readUInt16LE(at + 2 * word + 2);
    if (type === types.synchronise && code === synchroniseDropped) events.push("lost");
    if (type !== types.key) continue;
    const atWall = timeWord(bytes, at, word) * 1000 + timeWord(bytes, at + word, word) / 1000;
    events.push({ code, value: bytes.readInt32LE(at + 2 * word + 4), atWall });
  }
  return events;
}

/** The oldest that an event can be when it is read: what is older was stamped before the wall clock was set. */
const oldest: Millis = 2000;

/** The monotonic moment of a stamp by the wall clock; that of arrival where the wall clock moved in between. */
export function monotonicOf(atWall: EpochMillis, arrival: { wall: EpochMillis; monotonic: Millis }): Millis {
  const age = arrival.wall - atWall;
  return age > 0 && age <= oldest ? arrival.monotonic - age : arrival.monotonic;
}
