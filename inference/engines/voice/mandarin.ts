import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { pinyin } from "pinyin-pro";
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

/** Within a word the third tone before another third is said as the second: 了解 is liáojiě (Chao 1968, 1.3.3). */
export const withSandhi = (word: readonly string[]): string[] =>
  word.map((one, at) => (one.endsWith("3") && word[at + 1]?.endsWith("3") === true ? `${one.slice(0, -1)}2` : one));

/** pinyin-pro's own `segment` leaves most words in single characters. */
const words = new Intl.Segmenter("zh", { granularity: "word" });

/**
 * Readings come from the whole stretch, for they depend on the neighbours: 重 in 重新 and in 重量. Sandhi is a word's; the
 * voice is given syllables with spaces between: 158 characters so were heard with 7.6 % errors, with the words run
 * together 10.8 % (Whisper base).
 */
function stretchPhonemes(stretch: string, syllables: Syllables): string[] {
  const readings = pinyin(stretch, { toneType: "num", type: "array", v: true });
  let at = 0;
  return [...words.segment(stretch)].flatMap(({ segment }) => {
    const from = at;
    at += [...segment].length;
    return withSandhi(readings.slice(from, at)).map((one) => soundOf(one, syllables));
  });
}

/** Phonemes of Mandarin, one space between syllables; what is no Mandarin is left out. */
export function mandarinPhonemes(text: string, syllables: Syllables): string {
  return (text.match(/\p{Script=Han}+/gu) ?? [])
    .flatMap((stretch) => stretchPhonemes(stretch, syllables))
    .filter((syllable) => syllable !== "")
    .join(" ");
}

/** Pinyin with tone numbers, for a voice that reads pinyin: `ni3 hao3`. Marks stay where they were. */
export const pinyinOf = (text: string): string =>
  pinyin(text, { toneType: "num", nonZh: "consecutive", v: true }).replace(/\s+/g, " ");
