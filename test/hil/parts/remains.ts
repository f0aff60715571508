import { join } from "node:path";
import { formsOfWord, mediaHeaders, searchTraces } from "../../device/traces.ts";
import type { Machine } from "../machine.ts";

/**
 * Looks through the raw image of the state disk, blocks that are free again included, for beginnings of media files and
 * for words that only the order or the candidate brought in.
 * @throws Error naming what was found
 */
export async function searchState(machine: Machine, words: readonly string[]): Promise<void> {
  const copies = join(machine.folder, "copies");
  await machine.copyState(join(copies, "state.img"));
  const { findings, files } = await searchTraces([copies], [...mediaHeaders, ...words.flatMap(formsOfWord)]);
  if (files !== 1) throw new Error("there was no image to look through");
  if (findings.length > 0)
    throw new Error(`the state disk shows ${[...new Set(findings.map(({ found }) => found))].join(", ")}`);
}
