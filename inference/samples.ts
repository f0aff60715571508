import type { Pcm } from "../contracts/ports.ts";

/** Samples by their number since the beginning of a recording; what lies before `from` was forgotten. */
export class SampleBuffer {
  #data = new Float32Array(1 << 15);
  #from = 0;
  #count = 0;

  /** Number of the first sample that is still held. */
  get from(): number {
    return this.#from;
  }

  /** Number after the last sample. */
  get end(): number {
    return this.#from + this.#count;
  }

  append(pcm: Pcm): void {
    if (this.#count + pcm.length > this.#data.length) {
      const larger = new Float32Array(Math.max(this.#data.length * 2, this.#count + pcm.length));
      larger.set(this.#data.subarray(0, this.#count));
      this.#data = larger;
    }
    this.#data.set(pcm, this.#count);
    this.#count += pcm.length;
  }

  /** A copy of the samples from `start` up to `end`, both clamped to what is held. */
  slice(start: number, end: number): Float32Array {
    return this.#data.slice(Math.max(0, start - this.#from), Math.max(0, Math.min(end, this.end) - this.#from));
  }

  /** The samples without a copy: valid until the next `append` or `forget`. */
  view(start: number, end: number): Float32Array {
    return this.#data.subarray(start - this.#from, end - this.#from);
  }

  /** Lets go of what lies before `sample`; moves memory only when much can be won. */
  forget(sample: number): void {
    const count = Math.min(sample, this.end) - this.#from;
    if (count < 1 << 14) return;
    this.#data.copyWithin(0, count, this.#count);
    this.#from += count;
    this.#count -= count;
  }
}

/** Little-endian signed 16-bit samples as numbers in -1 to 1. A trailing odd byte is left out. */
export function fromS16le(bytes: Uint8Array): Float32Array {
  const count = bytes.byteLength >> 1;
  const view = new DataView(bytes.buffer, bytes.byteOffset, count * 2);
  const pcm = new Float32Array(count);
  for (let at = 0; at < count; at++) pcm[at] = view.getInt16(at * 2, true) / 32_768;
  return pcm;
}
