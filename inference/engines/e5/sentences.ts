import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { Language } from "../../../contracts/language.ts";
import { parseJson } from "../../../runtime/parse.ts";
import { projectRoot } from "../../../runtime/paths.ts";

const path = join(projectRoot, "inference", "engines", "e5", "sentences.json");
const file = z.strictObject({ "zh-CN": z.array(z.string().min(1)).min(16), en: z.array(z.string().min(1)).min(16) });

/** Varied sentences of each language, whose mean vector is what all sentences of that language have in common. */
export async function readSentences(): Promise<Record<Language, string[]>> {
  return parseJson(file, await readFile(path), {
    what: "the sentences of the embedding's centre",
    otherwise: "config.invalid",
  });
}
