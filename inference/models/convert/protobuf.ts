/**
 * The little of protocol buffers that ONNX needs to be written: varints, 32-bit floats and length-delimited fields.
 * A message is a list of buffers, so that weights are never copied while they are framed.
 * https://protobuf.dev/programming-guides/encoding/
 */
export type Bytes = readonly Uint8Array[];

function varint(value: number | bigint): Uint8Array {
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  do {
    const low = Number(rest & 127n);
    rest >>= 7n;
    bytes.push(rest > 0n ? low | 128 : low);
  } while (rest > 0n);
  return Uint8Array.from(bytes);
}

export const byteLength = (parts: Bytes): number => parts.reduce((sum, part) => sum + part.length, 0);

export const message = (field: number, parts: Bytes): Bytes => [
  varint((field << 3) | 2),
  varint(byteLength(parts)),
  ...parts,
];
export const text = (field: number, value: string): Bytes => message(field, [Buffer.from(value)]);
export const integer = (field: number, value: number | bigint): Bytes => [varint(field << 3), varint(value)];
export function float(field: number, value: number): Bytes {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return [varint((field << 3) | 5), bytes];
}
