import type { Language } from "../../../contracts/language.ts";
import { englishPhonemes, withoutAbbreviations } from "./english.ts";
import { mandarinPhonemes, type Syllables } from "./mandarin.ts";
import { spellEnglish } from "./numbers/english.ts";
import { spellMandarin } from "./numbers/mandarin.ts";
import { type Run, runsOf, sentences } from "./script.ts";

/** Marks that Kokoro makes a pause or a tune of, by how they are written. */
const marks: Readonly<Record<string, string>> = {
  "，": ",",
  "、": ",",
  "。": ".",
  "！": "!",
  "？": "?",
  "；": ";",
  "：": ":",
  "—": "—",
  "…": "…",
};

/** A point or colon within a word or number (Node.js, 10:30) is none of a sentence. */
const clause = /(?:[^,.!?;:，、。！？；：—…]|(?<=[\p{L}\p{N}])[.:](?=[\p{L}\p{N}]))+|[,.!?;:，、。！？；：—…]+/gu;
const isMark = (text: string): boolean => /^[,.!?;:，、。！？；：—…]/u.test(text);
const markOf = (text: string): string => marks[text.charAt(0)] ?? text.charAt(0);

async function runPhonemes({ language, text }: Run, syllables: Syllables): Promise<string> {
  let said = "";
  for (const part of text.match(clause) ?? []) {
    const sounds = isMark(part)
      ? markOf(part)
      : language === "zh-CN"
        ? mandarinPhonemes(part, syllables)
        : await englishPhonemes(part);
    if (sounds !== "") said += said === "" || isMark(part) ? sounds : ` ${sounds}`;
  }
  return said;
}

/** What is said of a text, sentence by sentence, in Kokoro's signs. Numbers are spelled in the language of the text. */
export async function phonemesOf(text: string, language: Language, syllables: Syllables): Promise<string[]> {
  const spelled = language === "zh-CN" ? spellMandarin(text) : spellEnglish(withoutAbbreviations(text));
  const said: string[] = [];
  for (const sentence of sentences(spelled)) {
    const runs = await Promise.all(runsOf(sentence, language).map((one) => runPhonemes(one, syllables)));
    said.push(runs.filter((one) => one !== "").join(" "));
  }
  return said.filter((one) => one !== "");
}
