import { Fault } from "../../contracts/fault.ts";
import type { Language } from "../../contracts/language.ts";
import { type Pcm, type Recognised, type Recogniser, sampleRate } from "../../contracts/ports.ts";
import type { ModelStore } from "../models/store.ts";
import { tokenStarts } from "./whisper/align.ts";
import { type Decoded, decode, detectLanguage } from "./whisper/decode.ts";
import { joined, quietestMiddle } from "./whisper/halves.ts";
import { WhisperNetwork, windowSeconds } from "./whisper/network.ts";
import { refine } from "./whisper/refine.ts";
import { simplified } from "./whisper/simplified.ts";
import { readWhisperTokens, type WhisperTokens } from "./whisper/tokens.ts";
import { isDoubtful, isInvented, lostItsWay } from "./whisper/trust.ts";
import { characters, groups, pieces, rewritten } from "./whisper/words.ts";

/** With less silence behind the speech Whisper repeats itself (word errors rise from 5 to 41 %); more costs time. */
const shortPaddingSeconds = 3;
/** Below this there is no word, and nothing to decode. */
const shortestSeconds = 0.1;

/** A loop in sound shorter than this is not cut further: there is no text in it. */
const shortestHalvedSeconds = 4;

type Heard = { decoded: Decoded; text: string; language: Language };

const unheard = (language: Language): Recognised => ({
  language,
  text: "",
  words: [],
  confidence: 0,
  noSpeech: 1,
  trusted: false,
});

class Whisper implements Recogniser {
  readonly name: string;
  readonly languages: readonly Language[];
  readonly #network: WhisperNetwork;
  readonly #tokens: WhisperTokens;

  constructor(name: string, network: WhisperNetwork, tokens: WhisperTokens) {
    this.name = name;
    this.#network = network;
    this.#tokens = tokens;
    this.languages = tokens.languages.size > 0 ? [...tokens.languages.keys()] : ["en"];
  }

  async recognise(pcm: Pcm, options: { language?: Language; signal?: AbortSignal } = {}): Promise<Recognised> {
    const seconds = pcm.length / sampleRate;
    if (seconds > windowSeconds)
      throw new Fault(
        "use.invalid",
        `${seconds.toFixed(1)} s of sound were given, at most ${windowSeconds} s can be heard at once: cut it at a pause`,
      );
    if (options.language !== undefined && !this.languages.includes(options.language))
      throw new Fault("language.unsupported", `${this.name} does not understand ${options.language}`, {
        field: "language",
      });
    const assumed = options.language ?? (this.languages.length === 1 ? this.languages[0] : undefined);
    if (seconds < shortestSeconds) return unheard(assumed ?? "en");
    options.signal?.throwIfAborted();
    return this.#recogniseOrHalve(pcm, { language: assumed, signal: options.signal });
  }

  /** Short padding first, the full window where the text is doubtful; what is then still lost is heard in halves. */
  async #recogniseOrHalve(
    pcm: Pcm,
    options: { language: Language | undefined; signal: AbortSignal | undefined },
  ): Promise<Recognised> {
    let heard = await this.#hear(pcm, { ...options, padding: shortPaddingSeconds });
    if (heard.text !== "" && isDoubtful(heard.decoded, heard.text))
      heard = await this.#hear(pcm, { ...options, padding: windowSeconds });
    if (!lostItsWay(heard.decoded, heard.text) || pcm.length < shortestHalvedSeconds * sampleRate)
      return this.#worded(heard, pcm);
    const cut = quietestMiddle(pcm);
    const first = await this.#recogniseOrHalve(pcm.subarray(0, cut), { ...options, language: heard.language });
    const second = await this.#recogniseOrHalve(pcm.subarray(cut), { ...options, language: heard.language });
    return joined(first, second, cut / sampleRate);
  }

  async #hear(
    pcm: Pcm,
    how: { language: Language | undefined; padding: number; signal: AbortSignal | undefined },
  ): Promise<Heard> {
    const cross = await this.#network.encode(pcm, how.padding);
    how.signal?.throwIfAborted();
    const language = how.language ?? (await detectLanguage(this.#network, this.#tokens, cross));
    const decoded = await decode(this.#network, this.#tokens, {
      cross,
      language,
      seconds: pcm.length / sampleRate,
      signal: how.signal,
    });
    const bytes = decoded.ids.map((id) => this.#tokens.bytes[id] ?? Buffer.alloc(0));
    return { decoded, text: Buffer.concat(bytes).toString("utf8").trim(), language };
  }

  #worded({ decoded, text, language }: Heard, pcm: Pcm): Recognised {
    const { noSpeech } = decoded;
    const confidence = Math.min(1, Math.exp(decoded.meanLogProbability));
    if (text === "" || isInvented(decoded, text))
      return { ...unheard(language), confidence: text === "" ? 0 : confidence, noSpeech };
    const starts = tokenStarts(decoded.alignments, decoded.leading, pcm.length / sampleRate);
    const raw = pieces(decoded.ids, decoded.logProbabilities, { tokens: this.#tokens, starts });
    const parts = language === "zh-CN" ? rewritten(raw, simplified) : raw;
    const words = refine(groups(parts), pcm).flatMap(characters);
    return {
      language,
      text: parts
        .map((part) => part.text)
        .join("")
        .trim(),
      words,
      confidence,
      noSpeech,
      trusted: true,
    };
  }

  close(): Promise<void> {
    return this.#network.close();
  }
}

/**
 * Whisper by greedy decoding on ONNX Runtime, about 0.07 s a second of sound on two cores. Every word of `words` stands in
 * `text`, in that order, without the marks around it; a Chinese character is a word.
 * Throws model.missing, model.corrupt; `recognise` throws use.invalid, language.unsupported.
 */
export async function openWhisper(
  store: ModelStore,
  options: { model?: string; threads?: number } = {},
): Promise<Recogniser> {
  const model = await store.load(options.model ?? "whisper-base");
  const tokens = await readWhisperTokens(model.path("tokenizer.json"), model.path("config.json"));
  return new Whisper(model.id, await WhisperNetwork.open(model, { threads: options.threads ?? 2 }), tokens);
}
