import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { Fault } from "../../../contracts/fault.ts";

/** Copies `<folder>/<model id>/<file name>` of an offline or USB folder. Throws file.missing when it is not there. */
export async function copyFromMirror(
  folder: string,
  wanted: { model: string; file: string; to: string },
): Promise<void> {
  const from = join(folder, wanted.model, wanted.file);
  try {
    await copyFile(from, wanted.to);
  } catch (error) {
    throw new Fault("file.missing", `${from} cannot be read`, { cause: error });
  }
}
