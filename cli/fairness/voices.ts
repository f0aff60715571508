import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { asFault } from "../../contracts/fault.ts";
import type { Language } from "../../contracts/language.ts";
import { openVoice, voicesFor } from "../../inference/engines/voice.ts";
import { defaultModelsDirectory, openModelStore } from "../../inference/models/store.ts";
import { wavOf } from "../../runtime/wav.ts";

/** Words of an answer to be said by other voices. */
export type ToSay = { answerId: string; text: string; language: Language };
/** The recording of an answer in another voice. */
export type Rendered = { answerId: string; voice: string; file: string };

const fullScale = 32_767;
const toS16 = (pcm: Float32Array): Int16Array =>
  Int16Array.from(pcm, (one) => Math.round(Math.max(-1, Math.min(1, one)) * fullScale));

/**
 * Has every voice that suits an answer's language say it, a voice after the other: each takes some 200 MB while it is open.
 * Undefined where the voice model was not fetched: the rest of the kit works without it.
 * @throws Fault model.corrupt, process.missing (no espeak-ng), storage.full
 */
export async function renderVoices(
  answers: readonly ToSay[],
  {
    folder,
    models,
    onRendered,
  }: { folder: string; models: string | undefined; onRendered: (done: number, of: number) => void },
): Promise<Rendered[] | undefined> {
  const store = await openModelStore({ directory: models ?? defaultModelsDirectory() });
  const wanted = new Map<string, ToSay[]>();
  try {
    for (const answer of answers)
      for (const name of await voicesFor(store, answer.language))
        wanted.set(name, [...(wanted.get(name) ?? []), answer]);
  } catch (error) {
    if (asFault(error).code === "model.missing") return undefined;
    throw error;
  }
  await mkdir(folder, { recursive: true });
  const rendered: Rendered[] = [];
  const of = [...wanted.values()].reduce((sum, one) => sum + one.length, 0);
  for (const [name, toSay] of wanted) {
    const voice = await openVoice(store, { voice: name });
    try {
      for (const { answerId, text, language } of toSay) {
        const { pcm, sampleRate } = await voice.speak(text, language);
        const file = join(folder, `${rendered.length}.wav`);
        await writeFile(file, wavOf(toS16(pcm), sampleRate));
        rendered.push({ answerId, voice: name, file });
        onRendered(rendered.length, of);
      }
    } finally {
      await voice.close();
    }
  }
  return rendered;
}
