import { Fault } from "../../contracts/fault.ts";
import { type Language, languages } from "../../contracts/language.ts";
import { largestOrderBytes } from "../../contracts/order.ts";
import type { Voice } from "../../contracts/ports.ts";
import { type Prompt, promptText } from "../../contracts/prompt.ts";
import type { Question, Rubric } from "../../contracts/rubric.ts";
import { sha256 } from "../../runtime/canonical.ts";
import type { Clock } from "../../runtime/clock.ts";
import { toBase64url } from "../../runtime/seal.ts";
import type { PromptCache } from "./cache.ts";
import { opusOf, opusOfFile, secondsOf } from "./opus.ts";
import { keyOf, type Recordings } from "./recordings.ts";

export type Made = {
  questionId: string;
  language: Language;
  /** `kept`: it was in the bank and says what the question says · `cached`: rendered before. */
  from: "recording" | "kept" | "cached" | "rendered";
  seconds: number;
  bytes: number;
};
export type Progress = Made & { number: number; of: number; secondsLeft: number };

export type RenderOptions = {
  wanted: readonly Language[];
  recordings: Recordings;
  cache: PromptCache;
  clock: Clock;
  /** Opened when the first prompt needs it: a bank that was recorded throughout needs no model. */
  voice: () => Promise<Voice>;
  onProgress: (progress: Progress) => void;
};

type Job = { question: Question; at: number; language: Language; text: string };

function jobsOf(rubric: Rubric, wanted: readonly Language[]): Job[] {
  return rubric.questions.flatMap((question, at) =>
    languages.flatMap((language): Job[] => {
      const text = promptText(question, language);
      return text === undefined || !wanted.includes(language) ? [] : [{ question, at, language, text }];
    }),
  );
}

type Drawn = { prompt: Prompt; from: Made["from"] };

/** A recording given now, one that is there, a rendering of this voice: in this order. */
async function draw({ question, at, language, text }: Job, options: RenderOptions): Promise<Drawn> {
  const textHash = sha256(text);
  const recording = options.recordings.get(keyOf(question.id, language));
  if (recording !== undefined) {
    const audio = toBase64url(await opusOfFile(recording));
    return { prompt: { audio, textHash, by: "recording" }, from: "recording" };
  }
  const there = question.prompts?.[language];
  if (there?.by === "recording") {
    if (there.textHash === textHash) return { prompt: there, from: "kept" };
    const field = `questions[${at}].prompts.${language}`;
    throw new Fault(
      "rubric.prompt",
      `${field}: the recording is of an older text: record it again and give it with --recordings, or take it out to have it rendered`,
      { field },
    );
  }
  const voice = await options.voice();
  if (there?.textHash === textHash && there.voice === voice.name) return { prompt: there, from: "kept" };
  const key = { text, language, voice: voice.name };
  const cached = await options.cache.get(key);
  const audio = cached ?? (await opusOf(await voice.speak(text, language)));
  if (cached === undefined) await options.cache.put(key, audio);
  const prompt: Prompt = { audio: toBase64url(audio), textHash, by: "voice", voice: voice.name };
  return { prompt, from: cached === undefined ? "rendered" : "cached" };
}

/** Makes the prompts of every question in each language it is written in, in the order of the rubric. */
export async function renderPrompts(rubric: Rubric, options: RenderOptions): Promise<{ rubric: Rubric; made: Made[] }> {
  const jobs = jobsOf(rubric, options.wanted);
  const questions = rubric.questions.map((question) => ({ ...question }));
  const made: Made[] = [];
  let [spent, characters] = [0, 0];
  for (const [number, job] of jobs.entries()) {
    const before = options.clock.monotonic();
    const { prompt, from } = await draw(job, options);
    const question = questions[job.at];
    if (question !== undefined) question.prompts = { ...question.prompts, [job.language]: prompt };
    const audio = Buffer.from(prompt.audio, "base64url");
    const one = { questionId: job.question.id, language: job.language, from };
    made.push({ ...one, seconds: secondsOf(audio), bytes: audio.length });
    if (from === "rendered") {
      spent += options.clock.monotonic() - before;
      characters += job.text.length;
    }
    const left = jobs.slice(number + 1).reduce((sum, later) => sum + later.text.length, 0);
    const secondsLeft = characters === 0 ? 0 : (left * spent) / characters / 1000;
    const last = made.at(-1);
    if (last !== undefined) options.onProgress({ ...last, number: number + 1, of: jobs.length, secondsLeft });
  }
  return { rubric: { ...rubric, questions }, made };
}

/** @throws Fault message.tooLarge for a rubric that no order could carry */
export function checkSize(rubric: Rubric): number {
  const bytes = Buffer.byteLength(JSON.stringify(rubric));
  if (bytes > largestOrderBytes)
    throw new Fault(
      "message.tooLarge",
      `with its prompts the bank takes ${bytes} bytes and an order at most ${largestOrderBytes}: render one language only (--language), take longer recordings out, or split the bank`,
    );
  return bytes;
}
