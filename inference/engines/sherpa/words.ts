import type { Language } from "../../../contracts/language.ts";
import { type Pcm, type Recognised, sampleRate } from "../../../contracts/ports.ts";
import { refine } from "../whisper/refine.ts";
import { simplified } from "../whisper/simplified.ts";
import { compression, doubts } from "../whisper/trust.ts";
import { characters, groups, type Piece, rewritten } from "../whisper/words.ts";
import type { SherpaHeard } from "./protocol.ts";

const han = /\p{Script=Han}/gu;
const latin = /[A-Za-z]+/g;
/** How SenseVoice names what we understand; Cantonese is written in the same characters. */
const named: Readonly<Record<string, Language>> = { "<|zh|>": "zh-CN", "<|yue|>": "zh-CN", "<|en|>": "en" };
const wordMark = /^[\u2581\s]+/;
const goesOn = /@@$/;

/** The language a text is written in: a character counts as much as a word. */
function languageOf(text: string): Language {
  const characterCount = text.match(han)?.length ?? 0;
  return characterCount > 0 && characterCount >= (text.match(latin)?.length ?? 0) ? "zh-CN" : "en";
}

/**
 * Tokens into pieces of text that give the whole when put together. A word begins at "▁" or a space (SentencePiece, as
 * SenseVoice and Zipformer have it) or where the token before it does not end in "@@" (Paraformer).
 */
function piecesOf({ tokens, timestamps, ys_log_probs }: SherpaHeard, seconds: number): Piece[] {
  const sentencePieces = tokens.some((token) => wordMark.test(token));
  return tokens.map((token, at) => {
    const plain = token.replace(wordMark, "").replace(goesOn, "");
    const before = tokens[at - 1];
    const afterLatin = before !== undefined && !goesOn.test(before) && /[\w']$/.test(before) && /^\w/.test(plain);
    const begins = sentencePieces ? wordMark.test(token) : afterLatin;
    const start = Math.min(seconds, timestamps[at] ?? 0);
    const logProbability = ys_log_probs[at];
    return {
      text: begins ? ` ${plain}` : plain,
      start,
      end: Math.min(seconds, timestamps[at + 1] ?? seconds),
      logProbabilities: logProbability === undefined ? [0] : [logProbability],
    };
  });
}

const squeezed = (text: string): string => text.replaceAll(/\s/g, "");

/** Pieces whose texts are those of the result, spread evenly: for models without times, or whose tokens are bytes. */
function spread(text: string, seconds: number): Piece[] {
  const parts = text.match(/\s*(?:\p{Script=Han}|[^\s\p{Script=Han}]+)/gu) ?? [];
  const step = seconds / Math.max(1, parts.length);
  return parts.map((part, at) => ({ text: part, start: at * step, end: (at + 1) * step, logProbabilities: [0] }));
}

/**
 * What sherpa-onnx heard, as the port wants it. It tells no probability of silence, and most families tell none of
 * tokens: their confidence is 1, the text is taken as it is. Text that packs too well is a loop, and not trusted.
 */
export function recognised(heard: SherpaHeard, pcm: Pcm, asked: Language | undefined): Recognised {
  const seconds = pcm.length / sampleRate;
  const language = asked ?? named[heard.lang] ?? languageOf(heard.text);
  const own = piecesOf(heard, seconds);
  const whole = own.map((piece) => piece.text).join("");
  const timed = heard.timestamps.length === heard.tokens.length && squeezed(whole) === squeezed(heard.text);
  const raw = timed ? own : spread(heard.text, seconds);
  const parts = rewritten(raw, simplified);
  const text = parts
    .map((part) => part.text)
    .join("")
    .trim();
  const trusted = text !== "" && compression(text) <= doubts.compression;
  if (!trusted) return { language, text: "", words: [], confidence: 0, noSpeech: text === "" ? 1 : 0, trusted };
  const logs = parts.flatMap((part) => part.logProbabilities);
  const confidence = Math.min(1, Math.exp(logs.reduce((sum, one) => sum + one, 0) / logs.length));
  const words = refine(groups(parts), pcm).flatMap(characters);
  return { language, text, words, confidence, noSpeech: 0, trusted };
}
