import { access, readFile } from "node:fs/promises";
import { dirname, isAbsolute, resolve } from "node:path";
import { Fault } from "../../contracts/fault.ts";
import { questionOf } from "../../contracts/plan.ts";
import {
  type AnswerFile,
  answerFile,
  type CodeQuestion,
  type GivenAnswer,
  type Question,
} from "../../contracts/rubric.ts";
import { parseJson } from "../../runtime/parse.ts";

/** An answer of a file, the question it answers, and where it stands. */
export type Given = { at: number; answer: GivenAnswer; question: Question };

/** @throws Fault file.missing, file.unreadable, message.malformed, rubric.weights, rubric.reference */
export async function readAnswers(file: string): Promise<AnswerFile> {
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
export function pairUp({ rubric, answers }: AnswerFile): Given[] {
  const seen = new Set<string>();
  return answers.map((answer, at) => {
    const question = questionOf(rubric, answer.question);
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

type Refuse = (field: string, sentence: string) => Fault;

function requireCode({ code }: GivenAnswer, { languages: offered }: CodeQuestion, refuse: Refuse): void {
  if (code === undefined) throw refuse("code", "the question is a code one; give { language, source }");
  if (!offered.includes(code.language))
    throw refuse("code.language", `the question does not offer ${code.language}; it offers ${offered.join(", ")}`);
}

function requireOption(id: string, question: Extract<Question, { kind: "choice" }>, refuse: Refuse): void {
  const known = question.options.map((one) => one.id);
  if (!known.some((one) => one === id))
    throw refuse("choice", `there is no option ${JSON.stringify(id)}; there are ${known.join(", ")}`);
}

/** A recording as the file names it: absolute, beside the file, or from where the command was started. */
export async function findRecording(file: string, audio: string): Promise<string> {
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
