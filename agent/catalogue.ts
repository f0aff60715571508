import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { type Language, languages } from "../contracts/language.ts";
import { parseJson } from "../runtime/parse.ts";
import { projectRoot } from "../runtime/paths.ts";
import { bands, type Wording } from "./session/feedback.ts";

const sentences = z.looseObject(
  Object.fromEntries(bands.map((band) => [`feedback.${band}`, z.string()])) as Record<
    keyof Wording[Language],
    z.ZodString
  >,
);

/** The feedback sentences of the page's catalogue. @throws Fault file.unreadable naming the sentence that is missing */
export async function readWording(): Promise<Wording> {
  const read = async (language: Language): Promise<[Language, Wording[Language]]> => {
    const text = await readFile(join(projectRoot, "screen", "catalogue", `${language}.json`), "utf8");
    return [
      language,
      parseJson(sentences, text, { what: `the catalogue in ${language}`, otherwise: "file.unreadable" }),
    ];
  };
  return Object.fromEntries(await Promise.all(languages.map(read))) as Wording;
}
