import { asFault, Fault } from "../../../contracts/fault.ts";
import { run } from "../../../runtime/subprocess.ts";

/** espeak-ng's signs for sounds that Kokoro was trained to read under one sign of its own (misaki, EN_PHONES.md). The longer first. */
const signs: readonly (readonly [string, string])[] = [
  ["əʊ", "O"],
  ["oʊ", "O"],
  ["eɪ", "A"],
  ["aɪ", "I"],
  ["aʊ", "W"],
  ["ɔɪ", "Y"],
  ["tʃ", "ʧ"],
  ["dʒ", "ʤ"],
  ["ɚ", "əɹ"],
  ["ɐ", "ə"],
  ["r", "ɹ"],
  ["x", "k"],
  ["ɬ", "l"],
  ["ː", ""],
  ["e", "A"],
];

/** Their points would end a sentence where none ends. */
const abbreviations: readonly (readonly [RegExp, string])[] = [
  [/\be\.g\.,?/gi, "for example"],
  [/\bi\.e\.,?/gi, "that is"],
  [/\betc\.(?=\s*[\p{Ll}\p{P}])/giu, "et cetera"],
  [/\betc\./gi, "et cetera."],
  [/\bvs\.?(?=\s)/gi, "versus"],
  [/\bapprox\.(?=\s)/gi, "approximately"],
  [/\b(Dr|Mr|Mrs|Ms)\.(?=\s)/g, "$1"],
];

/** English with its common abbreviations written out. */
export const withoutAbbreviations = (text: string): string =>
  abbreviations.reduce((said, [short, long]) => said.replace(short, long), text);

/** The International Phonetic Alphabet of espeak-ng, in the signs that Kokoro reads. */
export function toKokoro(ipa: string): string {
  const line = ipa
    .replace(/[_\u200d]/g, "")
    .replace(/\s+/g, " ")
    .trim();
  return signs.reduce((said, [theirs, ours]) => said.replaceAll(theirs, ours), line);
}

/** Phonemes of English words without marks. @throws Fault process.missing without espeak-ng */
export async function englishPhonemes(text: string): Promise<string> {
  if (!/[\p{L}\p{N}]/u.test(text)) return "";
  try {
    const ipa = await run("espeak-ng", ["-q", "--ipa=3", "-v", "en-us", "--stdin"], { input: text });
    return toKokoro(ipa.toString("utf8"));
  } catch (error) {
    if (asFault(error).code !== "process.missing") throw error;
    throw new Fault(
      "process.missing",
      "English is read with espeak-ng, which is not installed: apt-get install espeak-ng",
      {
        cause: error,
      },
    );
  }
}
