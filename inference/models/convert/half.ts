const table = new Float32Array(65_536);
for (let bits = 0; bits < table.length; bits++) {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const mantissa = bits & 1023;
  if (exponent === 0) table[bits] = sign * mantissa * 2 ** -24;
  else if (exponent === 31) table[bits] = mantissa === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  else table[bits] = sign * (1 + mantissa / 1024) * 2 ** (exponent - 15);
}

/** IEEE 754 half-precision numbers, given by their bits, as numbers. */
export function widen(halves: Uint16Array): Float32Array<ArrayBuffer> {
  const wide = new Float32Array(halves.length);
  for (let at = 0; at < halves.length; at++) wide[at] = table[halves[at] as number] as number;
  return wide;
}

/** An aligned copy of little-endian bytes as 16-bit numbers. */
export function halfBits(bytes: Uint8Array): Uint16Array<ArrayBuffer> {
  const copy = new Uint8Array(bytes.length & ~1);
  copy.set(bytes.subarray(0, copy.length));
  return new Uint16Array(copy.buffer);
}
