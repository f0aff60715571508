import type { Language } from "../../../contracts/language.ts";

/** A stretch of a sentence that is read by one language's rules. */
export type Run = { language: Language; text: string };

const sentence = /[^.!?;。！？；…\n]+(?:\.(?=\S)[^.!?;。！？；…\n]*)*[.!?;。！？；…\n]*/gu;

/** Sentences with their closing marks. A point within a word or number (3.5, Node.js) closes none. */
export const sentences = (text: string): string[] =>
  (text.match(sentence) ?? []).map((one) => one.trim()).filter((one) => /[\p{L}\p{N}]/u.test(one));

/**
 * Cuts a sentence where the script changes: Han is read as Mandarin, Latin as English. Marks and spaces belong to the
 * stretch before them.
 */
export function runsOf(text: string, language: Language): Run[] {
  const runs: Run[] = [];
  for (const one of text) {
    const last = runs.at(-1);
    const of = /\p{Script=Han}/u.test(one) ? "zh-CN" : /[\p{Script=Latin}\p{N}]/u.test(one) ? "en" : undefined;
    if (last === undefined) runs.push({ language: of ?? language, text: one });
    else if (of === undefined || of === last.language) last.text += one;
    else runs.push({ language: of, text: one });
  }
  return runs;
}
