import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { pinyin, segment } from "pinyin-pro";
import { z } from "zod";
import { parseJson } from "../../../runtime/parse.ts";
import { projectRoot } from "../../../runtime/paths.ts";

const path = join(projectRoot, "inference", "engines", "voice", "pinyin-ipa.json");
/** Syllable → its sounds in the first to the fourth tone and without tone. */
const file = z.record(z.string(), z.array(z.string()).length(5));
export type Syllables = z.infer<typeof file>;

/** The syllables of Mandarin in the signs that Kokoro reads: arrows are tones. Made from the readings of misaki (Apache-2.0). */
export async function readSyllables(): Promise<Syllables> {
  return parseJson(file, await readFile(path), { what: "the table of syllables", otherwise: "config.invalid" });
}

const withTone = /^([a-zü]+)([0-4]?)$/;

function soundOf(syllable: string, syllables: Syllables): string {
  const [, name = "", tone = ""] = withTone.exec(syllable) ?? [];
  const sounds = syllables[name.replaceAll("ü", "v")];
  return sounds?.[tone === "" || tone === "0" ? 4 : Number(tone) - 1] ?? "";
}

/** Phonemes of Mandarin words, one space between words; what is no Mandarin is left out. */
export function mandarinPhonemes(text: string, syllables: Syllables): string {
  return segment(text)
    .map(({ origin }) =>
      pinyin(origin, { toneType: "num", type: "array", v: true })
        .map((one) => soundOf(one, syllables))
        .join(""),
    )
    .filter((word) => word !== "")
    .join(" ");
}

/** Pinyin with tone numbers, for a voice that reads pinyin: `ni3 hao3`. Marks stay where they were. */
export const pinyinOf = (text: string): string =>
  pinyin(text, { toneType: "num", nonZh: "consecutive", v: true }).replace(/\s+/g, " ");
