import { Fault } from "../../contracts/fault.ts";
import { type Language, languages } from "../../contracts/language.ts";
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
async function draw({ question, language, text }: Job, options: RenderOptions): Promise<Drawn> {
  const textHash = sha256(text);
  const recording = options.recordings.get(keyOf(question.id, language));
  if (recording !== undefined) {
    const audio = toBase64url(await opusOfFile(recording));
    return { prompt: { audio, textHash, by: "recording" }, from: "recording" };
  }
  const there = question.prompts?.[language];
  if (there?.by === "recording") return { prompt: there, from: "kept" };
  const voice = await options.voice();
  if (there?.textHash === textHash && there.voice === voice.name) return { prompt: there, from: "kept" };
  const key = { text, language, voice: voice.name };
  const cached = await options.cache.get(key);
  const audio = cached ?? (await opusOf(await voice.speak(text, language)));
  if (cached === undefined) await options.cache.put(key, audio);
  const prompt: Prompt = { audio: toBase64url(audio), textHash, by: "voice", voice: voice.name };
  return { prompt, from: cached === undefined ? "rendered" : "cached" };
}

/**
 * Prompts that say what their question said before. One that the voice made is taken out, for it can be made again; one
 * that a person recorded cannot.
 * @throws Fault rubric.prompt
 */
function withoutStale(
  rubric: Rubric,
  { recordings, wanted }: Pick<RenderOptions, "recordings" | "wanted">,
): { questions: Question[]; takenOut: string[] } {
  const takenOut: string[] = [];
  const questions = rubric.questions.map((question, at): Question => {
    const kept: NonNullable<Question["prompts"]> = { ...question.prompts };
    for (const language of languages) {
      const prompt = kept[language];
      const text = promptText(question, language);
      if (prompt === undefined || (text !== undefined && sha256(text) === prompt.textHash)) continue;
      const field = `questions[${at}].prompts.${language}`;
      if (prompt.by === "recording" && !recordings.has(keyOf(question.id, language)))
        throw new Fault(
          "rubric.prompt",
          `${field}: the recording is of an older text: record it again and give it with --recordings, or take it out to have it rendered`,
          { field },
        );
      delete kept[language];
      if (text === undefined || !wanted.includes(language)) takenOut.push(field);
    }
    const { prompts: _, ...rest } = question;
    return Object.keys(kept).length === 0 ? rest : { ...rest, prompts: kept };
  });
  return { questions, takenOut };
}

/** How long the rest takes, by what a character took so far; 0 while nothing was rendered. */
class Pace {
  #millis = 0;
  #characters = 0;

  count(millis: number, characters: number): void {
    this.#millis += millis;
    this.#characters += characters;
  }

  secondsFor(characters: number): number {
    return this.#characters === 0 ? 0 : (characters * this.#millis) / this.#characters / 1000;
  }
}

/**
 * Makes the prompts of every question in each language it is written in, in the order of the rubric. `takenOut` names
 * prompts of an older text that were not made again: their language was not wanted, or the question left it.
 * @throws Fault rubric.prompt, use.invalid where no question is written in a wanted language, and what recordings and voice throw
 */
export async function renderPrompts(
  rubric: Rubric,
  options: RenderOptions,
): Promise<{ rubric: Rubric; made: Made[]; takenOut: string[] }> {
  const { questions, takenOut } = withoutStale(rubric, options);
  const jobs = jobsOf({ ...rubric, questions }, options.wanted);
  if (jobs.length === 0)
    throw new Fault("use.invalid", `no question is written in ${options.wanted.join(" or ")}`, { field: "language" });
  const made: Made[] = [];
  const pace = new Pace();
  for (const [number, job] of jobs.entries()) {
    const before = options.clock.monotonic();
    const { prompt, from } = await draw(job, options);
    if (from === "rendered") pace.count(options.clock.monotonic() - before, job.text.length);
    const question = questions[job.at] as Question;
    questions[job.at] = { ...question, prompts: { ...question.prompts, [job.language]: prompt } };
    const audio = Buffer.from(prompt.audio, "base64url");
    const one = {
      questionId: question.id,
      language: job.language,
      from,
      seconds: secondsOf(audio),
      bytes: audio.length,
    };
    made.push(one);
    const left = jobs.slice(number + 1).reduce((sum, { text }) => sum + text.length, 0);
    options.onProgress({ ...one, number: number + 1, of: jobs.length, secondsLeft: pace.secondsFor(left) });
  }
  return { rubric: { ...rubric, questions }, made, takenOut };
}
