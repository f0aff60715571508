import { Fault } from "../../../contracts/fault.ts";

/** Reads little-endian values one behind the other. Reading past the end is the fault model.corrupt. */
export class Reader {
  readonly #bytes: Buffer;
  readonly #path: string;
  #at: number;

  constructor(bytes: Buffer, path: string, from = 0) {
    this.#bytes = bytes;
    this.#path = path;
    this.#at = from;
  }

  /** Where the next value begins, in bytes from the start. */
  get at(): number {
    return this.#at;
  }

  take(length: number): Buffer {
    const end = this.#at + length;
    if (length < 0 || end > this.#bytes.length)
      throw new Fault("model.corrupt", `${this.#path} is cut short at byte ${this.#at}`);
    const part = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return part;
  }

  skip(length: number): void {
    this.take(length);
  }

  /** Unsigned, 8, 16, 32 and 64 bits. */
  u8(): number {
    return this.take(1).readUInt8();
  }
  u16(): number {
    return this.take(2).readUInt16LE();
  }
  u32(): number {
    return this.take(4).readUInt32LE();
  }
  u64(): number {
    return Number(this.take(8).readBigUInt64LE());
  }
  /** Signed, 32 bits. */
  i32(): number {
    return this.take(4).readInt32LE();
  }
  f32(): number {
    return this.take(4).readFloatLE();
  }

  /** The next `count` numbers of 32 bits, as an aligned copy. */
  words(count: number): ArrayBuffer {
    return Uint8Array.from(this.take(4 * count)).buffer;
  }
}
