import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { Fault } from "../../contracts/fault.ts";
import { type Language, languages } from "../../contracts/language.ts";
import { promptText } from "../../contracts/prompt.ts";
import type { Rubric } from "../../contracts/rubric.ts";

const known = ["wav", "opus", "ogg", "m4a", "mp3", "flac", "aac", "webm"];
const named = /^(.+)\.(zh-CN|en)\.([a-z0-9]+)$/;

/** Recordings of a folder, `<questionId>.<language>.<extension>`: paths by question and language. */
export type Recordings = ReadonlyMap<string, string>;
export const keyOf = (questionId: string, language: Language): string => `${questionId}.${language}`;

/**
 * Every sound file of the folder must name a question of the rubric: a name that is misspelt would be a question that is
 * read by the voice instead, and nobody would know. Other files are passed over.
 * @throws Fault file.missing, use.invalid
 */
export async function findRecordings(folder: string, rubric: Rubric): Promise<Recordings> {
  const names = await readdir(folder).catch((error: unknown) => {
    throw new Fault("file.missing", `${folder} is no folder that can be read`, { cause: error, field: "recordings" });
  });
  const wanted = new Set(
    rubric.questions.flatMap((question) =>
      languages
        .filter((language) => promptText(question, language) !== undefined)
        .map((language) => keyOf(question.id, language)),
    ),
  );
  const found = new Map<string, string>();
  for (const name of names.sort()) {
    const extension = name.split(".").at(-1)?.toLowerCase() ?? "";
    if (!known.includes(extension)) continue;
    const [, questionId = "", language = ""] = named.exec(name) ?? [];
    const key = `${questionId}.${language}`;
    if (!wanted.has(key))
      throw new Fault(
        "use.invalid",
        `${join(folder, name)} names no question that is asked: call it <questionId>.<language>.${extension}, of ${[...wanted].join(", ")}`,
        { field: "recordings" },
      );
    if (found.has(key)) throw new Fault("use.invalid", `${folder} has two recordings of ${key}: leave one there`);
    found.set(key, join(folder, name));
  }
  return found;
}
