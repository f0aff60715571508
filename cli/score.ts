import { access, readFile } from "node:fs/promises";
import { dirname, isAbsolute, resolve } from "node:path";
import { Command } from "commander";
import { asFault, Fault } from "../contracts/fault.ts";
import { inLanguage, type Language, languages } from "../contracts/language.ts";
import type { AnswerObservations } from "../contracts/observation.ts";
import type { Embedder } from "../contracts/ports.ts";
import {
  type AnswerFile,
  answerFile,
  type CodeQuestion,
  type GivenAnswer,
  type Question,
} from "../contracts/rubric.ts";
import type { AnswerScore } from "../contracts/scoring.ts";
import { seconds } from "../contracts/units.ts";
import { judge } from "../inference/judge/judge.ts";
import { isWritten } from "../inference/scoring/code.ts";
import { type AnswerToScore, scoreAnswer } from "../inference/scoring/score.ts";
import { type Engines, openEngines, transcribeFile } from "../inference/transcribe.ts";
import { type Clock, systemClock } from "../runtime/clock.ts";
import { parseJson } from "../runtime/parse.ts";
import { terminalLanguage } from "./demo/catalogue.ts";

type Options = { json?: boolean; models?: string };
type Given = { at: number; answer: GivenAnswer; question: Question };
type Refuse = (field: string, sentence: string) => Fault;
type Heard = { answer: AnswerToScore["answer"]; language: Language };

async function readAnswers(file: string): Promise<AnswerFile> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT")
      throw new Fault("file.missing", `${file} is not there; check the path`, { cause: error });
    throw new Fault("file.unreadable", `${file} cannot be read; give a readable file with a rubric and answers`, {
      cause: error,
    });
  });
  return parseJson(answerFile, text.replace(/^\uFEFF/u, ""), { what: file });
}

/** Each answer with its question; refused where a question is not in the rubric or an answer does not fit it. */
function pairUp({ rubric, answers }: AnswerFile): Given[] {
  const seen = new Set<string>();
  return answers.map((answer, at) => {
    const question = rubric.questions.find((one) => one.id === answer.question);
    const refuse = (field: string, sentence: string) =>
      new Fault("message.malformed", `answers[${at}].${field}: ${sentence}`, { field: `answers[${at}].${field}` });
    if (question === undefined) {
      const sentence = `answers[${at}].question: the rubric has no question ${JSON.stringify(answer.question)}; add it or name one that is there`;
      throw new Fault("rubric.reference", sentence, { field: `answers[${at}].question` });
    }
    if (seen.has(answer.id))
      throw refuse("id", `the id ${JSON.stringify(answer.id)} stands twice; give each answer its own`);
    seen.add(answer.id);
    if (question.kind === "choice" && answer.choice === undefined)
      throw refuse("choice", "the question is a choice; give the options chosen, [] for none");
    if (question.kind === "choice") for (const id of answer.choice ?? []) requireOption(id, question, refuse);
    if (question.kind === "code") requireCode(answer, question, refuse);
    if (question.kind === "spoken" && answer.text === undefined && answer.audio === undefined)
      throw refuse("text", "the question is a spoken one; give the text or the audio");
    return { at, answer, question };
  });
}

function requireOption(id: string, question: Extract<Question, { kind: "choice" }>, refuse: Refuse): void {
  const known = question.options.map((one) => one.id);
  if (!known.some((one) => one === id))
    throw refuse("choice", `there is no option ${JSON.stringify(id)}; there are ${known.join(", ")}`);
}

function requireCode({ code }: GivenAnswer, { languages: offered }: CodeQuestion, refuse: Refuse): void {
  if (code === undefined) throw refuse("code", "the question is a code one; give { language, source }");
  if (!offered.includes(code.language))
    throw refuse("code.language", `the question does not offer ${code.language}; it offers ${offered.join(", ")}`);
}

/** The language a text is written in: Chinese where a tenth of its letters are Chinese characters. */
function languageOf(text: string): Language {
  const characters = (text.match(/\p{Script=Han}/gu) ?? []).length;
  const letters = (text.match(/\p{L}/gu) ?? []).length;
  return characters * 10 >= letters && characters > 0 ? "zh-CN" : "en";
}

/** A recording as the file names it: absolute, beside the file, or from where the command was started. */
async function findRecording(file: string, audio: string): Promise<string> {
  const places = isAbsolute(audio) ? [audio] : [resolve(dirname(file), audio), resolve(audio)];
  for (const place of places) {
    const there = await access(place).then(
      () => true,
      () => false,
    );
    if (there) return place;
  }
  throw new Fault(
    "file.missing",
    `the recording ${audio} is not there; give a path relative to ${file}, or an absolute one`,
  );
}

/** Opens engines when the first answer needs them: a file of choices needs none, a file of texts no recogniser. */
class Equipment {
  readonly #models: string | undefined;
  #speech: Promise<Engines> | undefined;
  #text: Promise<Engines> | undefined;

  constructor(models: string | undefined) {
    this.#models = models;
  }

  #open(which: Parameters<typeof openEngines>[0]["which"]): Promise<Engines> {
    return openEngines({ which, ...(this.#models === undefined ? {} : { modelsDirectory: this.#models }) });
  }

  /** @throws Fault model.missing, model.corrupt */
  async embedder(): Promise<Embedder> {
    this.#text ??= this.#open(["embedder"]);
    const { embedder } = await this.#text;
    if ("fault" in embedder) throw withRemedy(embedder.fault);
    return embedder.engine;
  }

  /** @throws Fault model.missing, model.corrupt */
  async speech(): Promise<Engines> {
    this.#speech ??= this.#open(["voiceActivity", "recogniser"]);
    const engines = await this.#speech;
    for (const part of [engines.voiceActivity, engines.recogniser]) if ("fault" in part) throw withRemedy(part.fault);
    return engines;
  }

  async close(): Promise<void> {
    await (await this.#text)?.close();
    await (await this.#speech)?.close();
  }
}

const withRemedy = (fault: Fault): Fault =>
  new Fault(fault.code, `${fault.message}; run "candor models fetch", or name the folder with --models`, {
    cause: fault,
  });

/** Choices and code need no embedder. */
const noEmbedder: Embedder = {
  dimensions: 0,
  embed: () => Promise.reject(new Fault("internal", "an answer without words was embedded")),
  close: () => Promise.resolve(),
};

function heardFrom(observations: AnswerObservations, fallback: Language): Heard {
  const { transcript, sound, faults } = observations;
  if (transcript === null) return { answer: { kind: "failed", faults }, language: fallback };
  const words = transcript.utterances.flatMap((one) => one.words);
  const spoken = transcript.utterances.reduce((sum, one) => sum + one.words.length, 0);
  const sure = transcript.utterances.reduce((sum, one) => sum + one.confidence * one.words.length, 0);
  const confidence = spoken === 0 ? {} : { confidence: sure / spoken };
  const language = spoken === 0 ? fallback : transcript.language;
  return { answer: { kind: "spoken", text: transcript.text, words, sound, ...confidence }, language };
}

/** @throws Fault judge.unavailable where this machine cannot run the language */
async function judged(question: CodeQuestion, code: GivenAnswer["code"]): Promise<AnswerToScore["answer"]> {
  if (code === undefined || !isWritten(code.source)) return { kind: "code", source: "" };
  const { limits, cases } = question;
  const around = { clock: systemClock, signal: new AbortController().signal };
  const judgement = await judge({ ...code, limits, cases }, code.language, around);
  return { kind: "code", source: code.source, judgement };
}

async function hear(given: Given, { file, equipment }: { file: string; equipment: Equipment }): Promise<Heard> {
  const { answer, question } = given;
  const first = languages.find((one) => question.text[one] !== undefined) ?? "zh-CN";
  if (question.kind === "choice")
    return { answer: { kind: "choice", chosen: answer.choice ?? [] }, language: answer.language ?? first };
  if (question.kind === "code")
    return { answer: await judged(question, answer.code), language: answer.language ?? first };
  if (answer.text !== undefined)
    return { answer: { kind: "spoken", text: answer.text }, language: answer.language ?? languageOf(answer.text) };
  const engines = await equipment.speech();
  try {
    const path = await findRecording(file, answer.audio ?? "");
    const { observations } = await transcribeFile(path, { language: answer.language ?? "auto", engines });
    return heardFrom(observations, answer.language ?? first);
  } catch (error) {
    const fault = asFault(error, "media.unreadable");
    process.stderr.write(
      `candor: answers[${given.at}].audio: ${fault.message} (${fault.code}); this answer is left out\n`,
    );
    return { answer: { kind: "failed", faults: [fault.code] }, language: answer.language ?? first };
  }
}

/** Tells on stderr how far it is: on a terminal in one line, elsewhere every 5 s. */
function teller(total: number, clock: Clock): { at(done: number): void; end(): void } {
  const every = process.stderr.isTTY ? seconds(0.2) : seconds(5);
  let told = clock.monotonic();
  let shown = false;
  return {
    at(done) {
      if (clock.monotonic() - told < every) return;
      told = clock.monotonic();
      shown = true;
      process.stderr.write(
        process.stderr.isTTY ? `\rscored ${done} of ${total}\x1b[K` : `scored ${done} of ${total}\n`,
      );
    },
    end() {
      if (shown && process.stderr.isTTY) process.stderr.write("\r\x1b[K");
    },
  };
}

/**
 * Scores every answer of a file, in the file's order.
 * @throws Fault file.missing, file.unreadable, message.malformed, rubric.weights, rubric.reference, model.missing,
 * model.corrupt, judge.unavailable, judge.broken. A recording at fault makes its answer insufficient and throws nothing.
 */
export async function scoreFile(
  file: string,
  options: { modelsDirectory?: string; clock?: Clock } = {},
): Promise<AnswerScore[]> {
  const path = resolve(file);
  const content = await readAnswers(path);
  const given = pairUp(content);
  const equipment = new Equipment(options.modelsDirectory);
  const tell = teller(given.length, options.clock ?? systemClock);
  const scores: AnswerScore[] = [];
  try {
    for (const one of given) {
      const heard = await hear(one, { file: path, equipment });
      const embedder = heard.answer.kind === "spoken" ? await equipment.embedder() : noEmbedder;
      scores.push(
        await scoreAnswer(
          { answerId: one.answer.id, question: one.question, rubric: content.rubric, ...heard },
          embedder,
        ),
      );
      tell.at(scores.length);
    }
  } finally {
    tell.end();
    await equipment.close();
  }
  return scores;
}

const two = (value: number): string => value.toFixed(2);

function table(scores: readonly AnswerScore[]): string {
  return scores.map((one) => [heading(one), ...merged(one.evidence).map(line)].join("\n")).join("\n\n");
}

type Row = AnswerScore["evidence"][number] & { competencies: string[] };

/** What counts towards several competencies in one row, with the weights together. */
function merged(evidence: AnswerScore["evidence"]): Row[] {
  const rows = new Map<string, Row>();
  for (const one of evidence) {
    const key = JSON.stringify([one.rule, one.quote, one.start, one.explanation]);
    const row = rows.get(key) ?? { ...one, weight: 0, competencies: [] };
    rows.set(key, { ...row, weight: row.weight + one.weight, competencies: [...row.competencies, one.competency] });
  }
  return [...rows.values()];
}

function heading(one: AnswerScore): string {
  const person = one.needsPerson === true ? "  needs a person" : "";
  if (one.score === null)
    return `${one.answerId}  (${one.question})  insufficient evidence: ${(one.faults ?? []).join(", ")}${person}`;
  return `${one.answerId}  (${one.question})  ${two(one.score)}  [${two(one.interval[0])} – ${two(one.interval[1])}]${person}`;
}

function line(one: Row): string {
  const time = one.start === null || one.end === null ? "" : `  ${one.start.toFixed(1)}–${one.end.toFixed(1)} s`;
  const weight = `${one.weight < 0 ? "−" : "+"}${Math.abs(one.weight).toFixed(3)}`;
  const why = one.explanation === undefined ? one.rule : inLanguage(one.explanation, terminalLanguage(process.env));
  return `  ${weight}  ${one.rule.padEnd(13)} “${one.quote}”${time}  ${why} → ${one.competencies.join(", ")}`;
}

/** `candor score FILE`. */
export function scoreCommand(): Command {
  return new Command("score")
    .description("score the answers of a file against its rubric, with the evidence for every point")
    .argument("<file>", "JSON with a rubric and answers (text, recording, choice or code)")
    .option(
      "--json",
      "print one JSON value: [{ answerId, question, score, interval, evidence, insufficient }], scores 0 to 1",
    )
    .option("--models <directory>", "where the models are (default: $CANDOR_MODELS_DIR, else the user's cache)")
    .action(async (file: string, { json, models }: Options) => {
      const scores = await scoreFile(file, models === undefined ? {} : { modelsDirectory: models });
      process.stdout.write(`${json ? JSON.stringify(scores) : table(scores)}\n`);
    });
}
