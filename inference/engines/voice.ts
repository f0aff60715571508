import { readFile } from "node:fs/promises";
import { z } from "zod";
import { asFault, Fault } from "../../contracts/fault.ts";
import { type Language, languages } from "../../contracts/language.ts";
import type { Pcm, Speech, Voice } from "../../contracts/ports.ts";
import { parseJson } from "../../runtime/parse.ts";
import type { LoadedModel, ModelStore } from "../models/store.ts";
import { floats, floatsOf, longs, openSession, output, runSession, type Session } from "./session.ts";
import { readSyllables, type Syllables } from "./voice/mandarin.ts";
import { readArray } from "./voice/npz.ts";
import { phonemesOf } from "./voice/phonemes.ts";

/** Kokoro's own rate. */
export const voiceRate = 24_000;
/** One row for each length of the input (thewh1teagle/kokoro-onnx, `_create_audio`). */
const styleWidth = 256;
/** The network takes 510 signs at most and rushes through the last of them. */
const mostSigns = 400;
const pauseSeconds = 0.3;

const vocabulary = z.object({ vocab: z.record(z.string(), z.number().int()) });
type Signs = Readonly<Record<string, number>>;

/** What can be had of a publisher's 54 voices speaks without an accent; the five that come with the model have one. */
const preferred: Record<Language, { native: string; accented: string }> = {
  "zh-CN": { native: "zf_xiaoxiao", accented: "jf_gongitsune" },
  en: { native: "af_heart", accented: "jf_gongitsune" },
};

/** Voices of women and men that say the same words, for comparing how they are heard: native ones, else those of the model. */
const cast: Record<Language, { native: readonly string[]; accented: readonly string[] }> = {
  "zh-CN": {
    native: ["zf_xiaoxiao", "zf_xiaoyi", "zm_yunjian", "zm_yunxi"],
    accented: ["jf_alpha", "jf_tebukuro", "jm_kumo"],
  },
  en: { native: ["af_heart", "am_michael", "bf_emma", "bm_george"], accented: ["jf_alpha", "jf_tebukuro", "jm_kumo"] },
};

type Styles = { file: string; native: boolean };

/** The publisher's voices where they were fetched, else those that come with the model. */
async function stylesOf(store: ModelStore, model: LoadedModel): Promise<Styles> {
  try {
    const voices = await store.load("kokoro-voices");
    return { file: voices.path("voices-v1.0.bin"), native: true };
  } catch (error) {
    if (asFault(error).code !== "model.missing") throw error;
    return { file: model.path("voices_ja.npz"), native: false };
  }
}

/** Names of voices for `openVoice` that suit the language. @throws Fault model.missing, model.corrupt */
export async function voicesFor(store: ModelStore, language: Language): Promise<readonly string[]> {
  const { native } = await stylesOf(store, await store.load("kokoro"));
  return cast[language][native ? "native" : "accented"];
}

/** Cuts what is too long for one run behind a mark, else behind a word. */
export function pieces(signs: string, most = mostSigns): string[] {
  if (signs.length <= most) return [signs];
  const head = signs.slice(0, most);
  const mark = Math.max(...[...",;:—"].map((one) => head.lastIndexOf(one)));
  const cut = mark > most / 2 ? mark + 1 : head.lastIndexOf(" ") > 0 ? head.lastIndexOf(" ") : most;
  return [signs.slice(0, cut), ...pieces(signs.slice(cut).trim(), most)];
}

/** One after another, with a pause between. */
function joined(parts: readonly Pcm[]): Pcm {
  const pause = Math.round(pauseSeconds * voiceRate);
  const all = new Float32Array(parts.reduce((sum, one) => sum + one.length + pause, 0));
  let at = 0;
  for (const one of parts) {
    all.set(one, at);
    at += one.length + pause;
  }
  return all;
}

type Parts = { session: Session; signs: Signs; syllables: Syllables; styles: Styles; chosen: string | undefined };

class Kokoro implements Voice {
  readonly name: string;
  readonly #parts: Parts;
  readonly #styles = new Map<string, Float32Array>();

  constructor(name: string, parts: Parts) {
    this.name = name;
    this.#parts = parts;
  }

  async speak(text: string, language: Language, signal?: AbortSignal): Promise<Speech> {
    const said = await phonemesOf(text, language, this.#parts.syllables);
    if (said.length === 0) throw new Fault("use.invalid", "there is nothing to say: the text has no words");
    const style = await this.#style(language);
    const spoken: Pcm[] = [];
    for (const piece of said.flatMap((one) => pieces(one))) {
      signal?.throwIfAborted();
      spoken.push(await this.#say(piece, style));
    }
    return { pcm: joined(spoken), sampleRate: voiceRate };
  }

  async #style(language: Language): Promise<Float32Array> {
    const { chosen, styles } = this.#parts;
    const name = chosen ?? preferred[language][styles.native ? "native" : "accented"];
    const known = this.#styles.get(name);
    if (known !== undefined) return known;
    const style = await readArray(styles.file, name).catch((error: unknown) => {
      throw new Fault("use.invalid", `there is no voice "${name}": the names are those of the model's voices`, {
        cause: error,
        field: "voice",
      });
    });
    this.#styles.set(name, style);
    return style;
  }

  async #say(piece: string, style: Float32Array): Promise<Pcm> {
    const ids = [...piece].map((one) => this.#parts.signs[one]).filter((one) => one !== undefined);
    const row = style.slice(ids.length * styleWidth, (ids.length + 1) * styleWidth);
    const outputs = await runSession(this.#parts.session, {
      tokens: longs([0, ...ids, 0], [1, ids.length + 2]),
      style: floats(row, [1, styleWidth]),
      speed: floats(Float32Array.of(1), [1]),
    });
    return floatsOf(output(outputs, this.#parts.session.outputNames[0] ?? "audio"));
  }

  close(): Promise<void> {
    return this.#parts.session.release();
  }
}

/**
 * Kokoro-82M in eight bits on ONNX Runtime: Mandarin by pinyin, English by espeak-ng's phonemes. About as long as the
 * speech lasts on two cores, so prompts are rendered ahead. Throws model.missing, model.corrupt; `speak` throws
 * process.missing without espeak-ng, use.invalid for a voice that is not there.
 */
export async function openVoice(
  store: ModelStore,
  { voice, threads = 2 }: { voice?: string; threads?: number } = {},
): Promise<Voice> {
  const model = await store.load("kokoro");
  const styles = await stylesOf(store, model);
  const { vocab } = parseJson(vocabulary, await readFile(model.path("vocab.json")), {
    what: "Kokoro's vocabulary",
    otherwise: "model.corrupt",
  });
  const session = await openSession(model.path("kokoro-v1.0.int8.onnx"), { threads });
  const syllables = await readSyllables();
  const suited = languages.map((one) => preferred[one][styles.native ? "native" : "accented"]);
  const voices = voice ?? [...new Set(suited)].join("/");
  const name = `kokoro ${model.version} ${model.sha256.slice(0, 16)} ${voices}`;
  return new Kokoro(name, { session, signs: vocab, syllables, styles, chosen: voice });
}
