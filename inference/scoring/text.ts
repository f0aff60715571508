import { Converter } from "opencc-js/t2cn";
import type { Language } from "../../contracts/language.ts";

/** A stretch of the answer: `answer.slice(start, end)` is its literal text, so that a quote always stands in the answer. */
export type Clause = { text: string; start: number; end: number };

const toSimplified = Converter({ from: "t", to: "cn" });
const han = /\p{Script=Han}/u;

/** A run without any punctuation, as recognisers give it, is cut after this many characters (zh) or words (en). */
const longRun = { "zh-CN": 40, en: 30 } as const;
/** Shorter clauses join their neighbour: they carry too little to compare ("first," or "后来，"). Characters (zh), words (en). */
const shortRun = { "zh-CN": 6, en: 4 } as const;

/**
 * One spelling for what reads the same: full and half width (NFKC), lower case, simplified characters, single blanks.
 * For comparing only; quotes are taken from the text as it was given.
 */
export function normalise(text: string): string {
  const folded = text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[\u2018\u2019]|(?<=n)"(?=t\b)/g, "'")
    .replace(/\s+/g, " ")
    .trim();
  return han.test(folded) ? toSimplified(folded) : folded;
}

/** How long a text is: Chinese characters and words of letters or digits, each as one. */
export function lengthOf(text: string): number {
  return (text.match(/\p{Script=Han}|[\p{Script=Latin}\p{N}'’-]+/gu) ?? []).length;
}

/** The literal clauses of a text in order, cut at punctuation of both languages; runs without any are cut by length. */
export function clauses(text: string, language: Language): Clause[] {
  const pieces: Clause[] = [];
  for (const match of text.matchAll(/(?:[^。！？!?；;，,：\n.:]|[.,:](?=\d))+[。！？!?；;，,：\n.:]*/gu))
    pieces.push(...cutLong({ text: match[0], start: match.index, end: match.index + match[0].length }, language));
  return joinShort(pieces, text, language)
    .map(trimmed)
    .filter((one) => lengthOf(one.text) > 0);
}

function trimmed(one: Clause): Clause {
  const left = one.text.length - one.text.trimStart().length;
  const text = one.text.trim();
  return { text, start: one.start + left, end: one.start + left + text.length };
}

function cutLong(piece: Clause, language: Language): Clause[] {
  const units = [...piece.text.matchAll(/\p{Script=Han}|[^\p{Script=Han}\s]{1,64}\s*/gu)];
  const bound = longRun[language];
  if (units.length <= bound) return [piece];
  const count = Math.ceil(units.length / bound);
  const size = Math.ceil(units.length / count);
  const cuts = Array.from({ length: count - 1 }, (_, at) => units[(at + 1) * size]?.index ?? piece.text.length);
  const bounds = [0, ...cuts, piece.text.length];
  return bounds.slice(1).map((to, at) => {
    const from = bounds[at] ?? 0;
    return { text: piece.text.slice(from, to), start: piece.start + from, end: piece.start + to };
  });
}

function joinShort(pieces: Clause[], whole: string, language: Language): Clause[] {
  const joined: Clause[] = [];
  for (const piece of pieces) {
    const last = joined.at(-1);
    const open = last !== undefined && !/[。！？!?；;\n.]\s*$/u.test(last.text);
    const short =
      lengthOf(piece.text) < shortRun[language] || (last !== undefined && lengthOf(last.text) < shortRun[language]);
    if (last !== undefined && open && short)
      joined[joined.length - 1] = { text: whole.slice(last.start, piece.end), start: last.start, end: piece.end };
    else joined.push(piece);
  }
  return joined;
}
