import { Fault } from "../../../contracts/fault.ts";
import { readZipMember } from "../../models/archive/zip.ts";

/**
 * One array of an .npz: a zip of .npy files (numpy.lib.format: magic, version, length of the header, header, values).
 * @throws Fault file.unreadable where it is not there or not of little-endian single precision
 */
export async function readArray(path: string, name: string): Promise<Float32Array> {
  const npy = await readZipMember(path, `${name}.npy`);
  const header = npy.toString("latin1", 10, 10 + npy.readUInt16LE(8));
  if (npy[6] !== 1 || !header.includes("'<f4'") || !header.includes("'fortran_order': False"))
    throw new Fault("file.unreadable", `${path}: ${name} is not an array of single precision in C order`);
  const values = npy.subarray(10 + header.length);
  return new Float32Array(values.buffer.slice(values.byteOffset, values.byteOffset + values.length));
}
