import { readFile } from "node:fs/promises";
import { z } from "zod";
import { Fault } from "../../../contracts/fault.ts";
import type { Language } from "../../../contracts/language.ts";
import { parseJson } from "../../../runtime/parse.ts";

const tokenizerFile = z.looseObject({
  added_tokens: z.array(z.looseObject({ id: z.number().int(), content: z.string() })),
  model: z.looseObject({ vocab: z.record(z.string(), z.number().int()) }),
});
const ids = z.array(z.number().int());
const configFile = z.looseObject({ suppress_ids: ids, suppress_ids_begin: ids });

/** What each of Whisper's tokens means. */
export type WhisperTokens = {
  /** The UTF-8 bytes of a text token; nothing for a special one. A character may be spread over several tokens. */
  bytes: readonly (Buffer | undefined)[];
  start: number;
  end: number;
  /** Only in multilingual models. */
  transcribe: number | undefined;
  noSpeech: number;
  noTimestamps: number;
  /** The token of each language we understand; empty in an English-only model. */
  languages: ReadonlyMap<Language, number>;
  /** Never chosen; and never chosen as the first. */
  suppressed: readonly number[];
  suppressedFirst: readonly number[];
};

const languageNames = { "zh-CN": "<|zh|>", en: "<|en|>" } as const satisfies Record<Language, string>;
const multilingualStart = 50_258;

/** GPT-2 writes each byte as a printable character (openai/gpt-2, encoder.py, bytes_to_unicode); this reads it back. */
const byteOfCharacter: ReadonlyMap<string, number> = (() => {
  const bytes = new Map<string, number>();
  let shifted = 256;
  for (let byte = 0; byte < 256; byte++) {
    const printable = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
    bytes.set(String.fromCodePoint(printable ? byte : shifted++), byte);
  }
  return bytes;
})();

/** Reads tokenizer.json and config.json of a Whisper model. Throws model.corrupt. */
export async function readWhisperTokens(tokenizerPath: string, configPath: string): Promise<WhisperTokens> {
  const { added_tokens, model } = parseJson(tokenizerFile, await readFile(tokenizerPath), {
    what: "Whisper's tokenizer.json",
    otherwise: "model.corrupt",
  });
  const config = parseJson(configFile, await readFile(configPath), {
    what: "Whisper's config.json",
    otherwise: "model.corrupt",
  });
  const special = new Map(added_tokens.map((token) => [token.content, token.id]));
  const need = (...names: string[]): number => {
    const id = names.map((name) => special.get(name)).find((found) => found !== undefined);
    if (id === undefined)
      throw new Fault("model.corrupt", `Whisper's tokenizer.json has no token ${names.join(" or ")}`);
    return id;
  };
  const bytes: Buffer[] = [];
  for (const [text, id] of Object.entries(model.vocab))
    if (!special.has(text))
      bytes[id] = Buffer.from(Array.from(text, (character) => byteOfCharacter.get(character) ?? 0));
  const start = need("<|startoftranscript|>");
  const multilingual = start === multilingualStart;
  return {
    bytes,
    start,
    end: need("<|endoftext|>"),
    transcribe: multilingual ? need("<|transcribe|>") : undefined,
    noSpeech: need("<|nospeech|>", "<|nocaptions|>"),
    noTimestamps: need("<|notimestamps|>"),
    languages: new Map(
      multilingual
        ? [
            ["zh-CN", need(languageNames["zh-CN"])],
            ["en", need(languageNames.en)],
          ]
        : [],
    ),
    suppressed: config.suppress_ids,
    suppressedFirst: config.suppress_ids_begin,
  };
}
