import { parseArgs } from "node:util";
import { readRubric } from "../../cli/demo/order.ts";
import type { Language } from "../../contracts/language.ts";
import type { Recogniser, Voice } from "../../contracts/ports.ts";
import { promptText } from "../../contracts/prompt.ts";
import { openVoice } from "../../inference/engines/voice.ts";
import { openWhisper } from "../../inference/engines/whisper.ts";
import { defaultModelsDirectory, openModelStore } from "../../inference/models/store.ts";
import { systemClock } from "../../runtime/clock.ts";
import { mistakes, units } from "./recognition/units.ts";

/** Interview, question, language: what is rendered and then heard by the recogniser. */
const asked: readonly (readonly [string, string, Language])[] = [
  ["backend-engineer", "redesign", "zh-CN"],
  ["customer-service", "complaint", "zh-CN"],
  ["backend-engineer", "redesign", "en"],
  ["customer-service", "complaint", "en"],
];

/** Halves of three: 24 kHz to the recogniser's 16 kHz, by the mean between neighbours. */
function resampled(pcm: Float32Array): Float32Array {
  const out = new Float32Array(Math.floor((pcm.length * 2) / 3));
  for (const at of out.keys()) {
    const [place, share] = [Math.floor(at * 1.5), (at * 1.5) % 1];
    out[at] = (pcm[place] ?? 0) * (1 - share) + (pcm[place + 1] ?? 0) * share;
  }
  return out;
}

type Row = {
  language: Language;
  seconds: number;
  /** What a second of speech took: time passed, and time of processors, which no neighbour on the machine lengthens. */
  factor: number;
  processorFactor: number;
  said: number;
  mistakes: number;
  heard: string;
};
type Engines = { voice: Voice; whisper: Recogniser };

const processorSeconds = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

async function row(text: string, language: Language, { voice, whisper }: Engines): Promise<Row> {
  const [before, spent] = [systemClock.monotonic(), processorSeconds()];
  const { pcm, sampleRate } = await voice.speak(text, language);
  const seconds = pcm.length / sampleRate;
  const factor = (systemClock.monotonic() - before) / 1000 / seconds;
  const processorFactor = (processorSeconds() - spent) / seconds;
  const heard = (await whisper.recognise(resampled(pcm), { language })).text;
  const said = units(text, language);
  const wrong = mistakes(said, units(heard, language));
  return { language, seconds, factor, processorFactor, said: said.length, mistakes: wrong, heard };
}

async function measure(engines: Engines): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [interview, questionId, language] of asked) {
    const question = (await readRubric(interview)).questions.find(({ id }) => id === questionId);
    const text = question === undefined ? undefined : promptText(question, language);
    if (text !== undefined) rows.push(await row(text, language, engines));
  }
  return rows;
}

const print = (line: string): void => void process.stdout.write(`${line}\n`);
const sum = (values: readonly number[]): number => values.reduce((total, one) => total + one, 0);

function table(rows: readonly Row[]): void {
  for (const language of ["zh-CN", "en"] as const) {
    const ours = rows.filter((one) => one.language === language);
    for (const { seconds, factor, processorFactor, heard } of ours)
      print(
        `${language.padEnd(6)} ${seconds.toFixed(1).padStart(5)} s, each in ${factor.toFixed(2)} s (${processorFactor.toFixed(2)} s of processors): ${heard}`,
      );
    const [wrong, all] = [sum(ours.map((one) => one.mistakes)), sum(ours.map((one) => one.said))];
    const rate = `${((100 * wrong) / all).toFixed(1)} % (${wrong} of ${all})`;
    print(`${language.padEnd(6)} ${language === "en" ? "WER" : "CER"} ${rate}`);
  }
}

const { values } = parseArgs({ options: { voice: { type: "string" }, json: { type: "boolean", default: false } } });
const store = await openModelStore({ directory: defaultModelsDirectory() });
const [fetched] = await store.verify(["kokoro"]);
if (fetched?.state !== "ok")
  print("voice: not measured, for its model is fetched on request only: candor models fetch kokoro");
else {
  const voice = await openVoice(store, values.voice === undefined ? {} : { voice: values.voice });
  const whisper = await openWhisper(store);
  const rows = await measure({ voice, whisper });
  await voice.close();
  await whisper.close();
  if (values.json) print(JSON.stringify(rows));
  else table(rows);
}
