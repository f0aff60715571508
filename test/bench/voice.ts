import { parseArgs } from "node:util";
import { readRubric } from "../../cli/demo/order.ts";
import type { Language } from "../../contracts/language.ts";
import { promptText } from "../../contracts/prompt.ts";
import { openVoice } from "../../inference/engines/voice.ts";
import { openWhisper } from "../../inference/engines/whisper.ts";
import { defaultModelsDirectory, openModelStore } from "../../inference/models/store.ts";
import { systemClock } from "../../runtime/clock.ts";

/** Interview, question, language: what is rendered and then heard by the recogniser. */
const asked: readonly (readonly [string, string, Language])[] = [
  ["backend-engineer", "redesign", "zh-CN"],
  ["customer-service", "complaint", "zh-CN"],
  ["backend-engineer", "redesign", "en"],
  ["customer-service", "complaint", "en"],
];

/** What counts as a mistake: a character of Mandarin, a word of English; marks and capitals do not. */
function units(text: string, language: Language): string[] {
  const bare = text.toLowerCase().replace(/[^\p{L}\p{N}\s]/gu, "");
  return language === "zh-CN" ? [...bare.replace(/\s/g, "")] : bare.split(/\s+/).filter((one) => one !== "");
}

/** Levenshtein distance: the least number of units put in, left out or changed. */
export function mistakes(said: readonly string[], heard: readonly string[]): number {
  let row = Array.from({ length: heard.length + 1 }, (_, at) => at);
  for (const [at, one] of said.entries()) {
    const next = [at + 1];
    for (const [other, unit] of heard.entries())
      next.push(
        Math.min((next[other] ?? 0) + 1, (row[other + 1] ?? 0) + 1, (row[other] ?? 0) + (one === unit ? 0 : 1)),
      );
    row = next;
  }
  return row.at(-1) ?? 0;
}

/** Halves of three: 24 kHz to the recogniser's 16 kHz, by the mean between neighbours. */
function resampled(pcm: Float32Array): Float32Array {
  const out = new Float32Array(Math.floor((pcm.length * 2) / 3));
  for (const at of out.keys()) {
    const [place, share] = [Math.floor(at * 1.5), (at * 1.5) % 1];
    out[at] = (pcm[place] ?? 0) * (1 - share) + (pcm[place + 1] ?? 0) * share;
  }
  return out;
}

const { values } = parseArgs({ options: { voice: { type: "string" }, json: { type: "boolean", default: false } } });
const store = await openModelStore({ directory: defaultModelsDirectory() });
const voice = await openVoice(store, values.voice === undefined ? {} : { voice: values.voice });
const whisper = await openWhisper(store);
const rows: { language: Language; seconds: number; factor: number; said: number; mistakes: number; heard: string }[] =
  [];
for (const [interview, questionId, language] of asked) {
  const question = (await readRubric(interview)).questions.find(({ id }) => id === questionId);
  const text = question === undefined ? undefined : promptText(question, language);
  if (text === undefined) continue;
  const before = systemClock.monotonic();
  const { pcm, sampleRate } = await voice.speak(text, language);
  const seconds = pcm.length / sampleRate;
  const factor = (systemClock.monotonic() - before) / 1000 / seconds;
  const heard = await whisper.recognise(resampled(pcm), { language });
  const said = units(text, language);
  rows.push({
    ...{ language, seconds, factor, said: said.length },
    ...{ mistakes: mistakes(said, units(heard.text, language)), heard: heard.text },
  });
}
await voice.close();
await whisper.close();

const print = (line: string): void => void process.stdout.write(`${line}\n`);
if (values.json) print(JSON.stringify(rows));
else
  for (const language of ["zh-CN", "en"] as const) {
    const ours = rows.filter((one) => one.language === language);
    for (const one of ours)
      print(
        `${language.padEnd(6)} ${one.seconds.toFixed(1).padStart(5)} s, ${one.factor.toFixed(2)} s a second: ${one.heard}`,
      );
    const [wrong, all] = [
      ours.reduce((sum, one) => sum + one.mistakes, 0),
      ours.reduce((sum, one) => sum + one.said, 0),
    ];
    print(
      `${language.padEnd(6)} ${language === "en" ? "WER" : "CER"} ${((100 * wrong) / all).toFixed(1)} % (${wrong} of ${all})`,
    );
  }
