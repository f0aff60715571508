import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { languages } from "../contracts/language.ts";
import type { Violation } from "./sources.ts";

/** Folders with one `<language>.json` a language. */
const catalogues = ["cli/demo/catalogue", "screen/catalogue"];

/** Every sentence of a catalogue by its dotted key. */
function sentences(value: unknown, key = ""): [string, unknown][] {
  if (value === null || typeof value !== "object") return [[key, value]];
  return Object.entries(value).flatMap(([name, inner]) => sentences(inner, key === "" ? name : `${key}.${name}`));
}

const blanks = (sentence: unknown): string =>
  typeof sentence === "string" ? [...new Set(sentence.match(/\{\w+\}/g) ?? [])].sort().join(" ") : "";

function compare(folder: string, of: (language: string) => Map<string, unknown>): Violation[] {
  const all = new Set(languages.flatMap((language) => [...of(language).keys()]));
  const [first, ...others] = languages;
  return [...all].flatMap((key) => {
    const without = languages.filter((language) => !of(language).get(key));
    if (without.length > 0)
      return without.map((language) => ({
        path: `${folder}/${language}.json`,
        line: 1,
        complaint: `has no sentence ${key}`,
      }));
    return others
      .filter((language) => blanks(of(language).get(key)) !== blanks(of(first).get(key)))
      .map((language) => ({
        path: `${folder}/${language}.json`,
        line: 1,
        complaint: `${key} has other blanks than in ${first}`,
      }));
  });
}

/** Sentences that one language has and another has not, and sentences whose `{blanks}` differ. */
export function checkCatalogues(root: string, folders: readonly string[] = catalogues): Violation[] {
  return folders.flatMap((folder) => {
    const missing = languages
      .map((language) => `${folder}/${language}.json`)
      .filter((path) => !existsSync(join(root, path)));
    if (missing.length > 0) return missing.map((path) => ({ path, line: 1, complaint: "this catalogue is missing" }));
    const strange = readdirSync(join(root, folder)).filter(
      (name) => name.endsWith(".json") && !languages.some((language) => name === `${language}.json`),
    );
    const read = new Map(
      languages.map((language) => [
        language as string,
        new Map(sentences(JSON.parse(readFileSync(join(root, folder, `${language}.json`), "utf8")))),
      ]),
    );
    return [
      ...strange.map((name) => ({
        path: `${folder}/${name}`,
        line: 1,
        complaint: "is of no language that Candor speaks",
      })),
      ...compare(folder, (language) => read.get(language) ?? new Map()),
    ];
  });
}
