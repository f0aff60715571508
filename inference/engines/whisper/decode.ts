import type { Language } from "../../../contracts/language.ts";
import type { Tensors } from "../session.ts";
import { argmax, logSumExp } from "./logits.ts";
import type { Step, WhisperNetwork } from "./network.ts";
import type { WhisperTokens } from "./tokens.ts";
import { circles } from "./trust.ts";

/** A person says fewer than ten tokens a second; more is a loop. Whisper itself stops at 224. */
const tokensPerSecond = 10;
const fewestTokens = 8;
const mostTokens = 220;

export type Decoded = {
  ids: number[];
  logProbabilities: number[];
  /** Mean over all tokens and the closing one. */
  meanLogProbability: number;
  noSpeech: number;
  /** The end was not found: the token limit was hit, or the tokens went in circles. */
  full: boolean;
  /** The alignment scores of each step, beginning with the start token. */
  alignments: Step["alignment"][];
  /** Rows of the alignment before the row that predicts the first text token. */
  leading: number;
};

/** The language whose token is likeliest after the start token, among those we understand. */
export async function detectLanguage(
  network: WhisperNetwork,
  tokens: WhisperTokens,
  cross: Tensors,
): Promise<Language> {
  const { logits } = await network.step(cross, network.noCaches(cross), { tokens: [tokens.start], offset: 0 });
  const known = [...tokens.languages];
  const best = known[argmax(known.map(([, id]) => logits[id] ?? Number.NEGATIVE_INFINITY))];
  return best?.[0] ?? "en";
}

/** Takes what must not be chosen out of the last row of the logits, and hands that row back. */
function allowed(step: Step, tokens: WhisperTokens, first: boolean): Float32Array {
  const row = step.logits.subarray(step.logits.length - step.vocabulary);
  for (const id of tokens.suppressed) row[id] = Number.NEGATIVE_INFINITY;
  if (first) for (const id of tokens.suppressedFirst) row[id] = Number.NEGATIVE_INFINITY;
  row.fill(Number.NEGATIVE_INFINITY, tokens.noTimestamps);
  return row;
}

/**
 * Greedy decoding with a key and value cache (openai/whisper, decoding.py, temperature 0, without timestamps). An abort
 * takes effect between two tokens and rejects with the signal's reason.
 */
export async function decode(
  network: WhisperNetwork,
  tokens: WhisperTokens,
  heard: { cross: Tensors; language: Language; seconds: number; signal: AbortSignal | undefined },
): Promise<Decoded> {
  const language = tokens.languages.get(heard.language);
  const named = language === undefined || tokens.transcribe === undefined ? [] : [language, tokens.transcribe];
  const prompt = [tokens.start, ...named, tokens.noTimestamps];
  const limit = Math.min(mostTokens, Math.ceil(heard.seconds * tokensPerSecond) + fewestTokens);
  let step = await network.step(heard.cross, network.noCaches(heard.cross), { tokens: prompt, offset: 0 });
  const opening = step.logits.subarray(0, step.vocabulary);
  const noSpeech = Math.exp((opening[tokens.noSpeech] ?? Number.NEGATIVE_INFINITY) - logSumExp(opening));
  const ids: number[] = [];
  const logProbabilities: number[] = [];
  const alignments = [step.alignment];
  for (let offset = prompt.length; ; offset++) {
    heard.signal?.throwIfAborted();
    const row = allowed(step, tokens, ids.length === 0);
    const id = argmax(row);
    const logProbability = (row[id] as number) - logSumExp(row);
    if (id === tokens.end || ids.length >= limit || circles(ids)) {
      const sum = logProbabilities.reduce((total, one) => total + one, logProbability);
      const meanLogProbability = sum / (ids.length + 1);
      return {
        ids,
        logProbabilities,
        meanLogProbability,
        noSpeech,
        full: id !== tokens.end,
        alignments,
        leading: prompt.length - 1,
      };
    }
    ids.push(id);
    logProbabilities.push(logProbability);
    step = await network.step(heard.cross, step.caches, { tokens: [id], offset });
    alignments.push(step.alignment);
  }
}
