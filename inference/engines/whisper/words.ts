import type { WhisperTokens } from "./tokens.ts";

/** A few tokens that make whole characters, with their time in seconds. */
export type Piece = { text: string; start: number; end: number; logProbabilities: number[] };
/** A word before it is refined: an English word, or the Chinese characters of one token. */
export type Group = { text: string; start: number; end: number; confidence: number };

const han = /\p{Script=Han}/u;
const beginsNew = /^[\s\p{Script=Han}]/u;
const endsOld = /[\p{Script=Han}，。！？；：、]$/u;
const onlyMarks = /^[\s\p{P}\p{S}]+$/u;
/** Marks of the sentence around a word, not those that belong to it (C++, C#, 50%, don't, 3.5, 9:30). */
const marksAround =
  /^[\s.,;:!?…"“”‘'()[\]{}<>«»—–\-，。！？；：、（）《》〈〉「」『』【】·]+|[\s.,;:!?…"“”’'()[\]{}<>«»—–\-，。！？；：、（）《》〈〉「」『』【】·]+$/gu;

/** Tokens into pieces: a character that is spread over several tokens is kept in one. */
export function pieces(
  ids: readonly number[],
  logProbabilities: readonly number[],
  heard: { tokens: WhisperTokens; starts: readonly number[] },
): Piece[] {
  const found: Piece[] = [];
  let bytes = Buffer.alloc(0);
  let from = 0;
  for (const [at, id] of ids.entries()) {
    if (bytes.length === 0) from = at;
    bytes = Buffer.concat([bytes, heard.tokens.bytes[id] ?? Buffer.alloc(0)]);
    const text = bytes.toString("utf8");
    if (text.endsWith("\uFFFD") && at < ids.length - 1) continue;
    bytes = Buffer.alloc(0);
    const start = heard.starts[from] ?? 0;
    found.push({
      text,
      start,
      end: heard.starts[at + 1] ?? start,
      logProbabilities: logProbabilities.slice(from, at + 1),
    });
  }
  return found;
}

/**
 * The pieces with another text in them, which must have the same characters in number (a change of script); where it
 * has not, each piece is changed by itself.
 */
export function rewritten(given: readonly Piece[], change: (text: string) => string): Piece[] {
  const before = given.map((piece) => piece.text).join("");
  const after = change(before);
  if (after.length !== before.length) return given.map((piece) => ({ ...piece, text: change(piece.text) }));
  let at = 0;
  return given.map((piece) => {
    const text = after.slice(at, at + piece.text.length);
    at += piece.text.length;
    return { ...piece, text };
  });
}

const geometricMean = (logs: readonly number[]): number =>
  Math.min(1, Math.exp(logs.reduce((sum, one) => sum + one, 0) / logs.length));

/** Pieces into words. A word begins at a space or at a Chinese character, never at a mark or inside a number. */
export function groups(given: readonly Piece[]): Group[] {
  const found: { text: string; start: number; end: number; logs: number[] }[] = [];
  for (const piece of given) {
    const last = found.at(-1);
    const marks = onlyMarks.test(piece.text);
    if (last === undefined || (!marks && (beginsNew.test(piece.text) || endsOld.test(last.text)))) {
      found.push({ text: piece.text, start: piece.start, end: piece.end, logs: [...piece.logProbabilities] });
    } else {
      last.text += piece.text;
      if (marks) continue;
      last.end = piece.end;
      last.logs.push(...piece.logProbabilities);
    }
  }
  return found
    .map((word) => ({
      text: word.text.replace(marksAround, ""),
      start: word.start,
      end: word.end,
      confidence: geometricMean(word.logs),
    }))
    .filter((word) => word.text !== "");
}

/** Splits a group of Chinese characters into words of one character, which share its time evenly. */
export function characters(group: Group): Group[] {
  if (!han.test(group.text)) return [group];
  const parts = (group.text.match(/\p{Script=Han}|[^\p{Script=Han}]+/gu) ?? [])
    .map((part) => part.replace(marksAround, ""))
    .filter((part) => part !== "");
  const step = (group.end - group.start) / parts.length;
  return parts.map((text, at) => ({
    ...group,
    text,
    start: group.start + at * step,
    end: group.start + (at + 1) * step,
  }));
}
