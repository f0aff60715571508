import { asFault } from "../../contracts/fault.ts";
import { type Language, languages } from "../../contracts/language.ts";
import type { AnswerObservations } from "../../contracts/observation.ts";
import type { CodeQuestion, GivenAnswer } from "../../contracts/rubric.ts";
import { judge } from "../../inference/judge/judge.ts";
import { isWritten } from "../../inference/scoring/code.ts";
import { answerHeard } from "../../inference/scoring/heard.ts";
import type { AnswerToScore } from "../../inference/scoring/score.ts";
import { transcribeFile } from "../../inference/transcribe.ts";
import { systemClock } from "../../runtime/clock.ts";
import type { Equipment } from "./equipment.ts";
import { findRecording, type Given } from "./file.ts";

/** What a scorer is given of an answer, and the language it is in. */
export type Heard = { answer: AnswerToScore["answer"]; language: Language };

/** The language a text is written in: Chinese where a tenth of its letters are Chinese characters. */
export function languageOf(text: string): Language {
  const characters = (text.match(/\p{Script=Han}/gu) ?? []).length;
  const letters = (text.match(/\p{L}/gu) ?? []).length;
  return characters * 10 >= letters && characters > 0 ? "zh-CN" : "en";
}

/** `fallback` where nothing was heard that has a language. */
export function heardFrom(observations: AnswerObservations, fallback: Language): Heard {
  const { transcript } = observations;
  const spoken = transcript?.utterances.some((one) => one.words.length > 0) ?? false;
  return {
    answer: answerHeard(observations, { answerStartMillis: 0 }),
    language: spoken ? (transcript?.language ?? fallback) : fallback,
  };
}

/** @throws Fault judge.unavailable where this machine cannot run the language */
async function judged(question: CodeQuestion, code: GivenAnswer["code"]): Promise<AnswerToScore["answer"]> {
  if (code === undefined || !isWritten(code.source)) return { kind: "code", source: "" };
  const { limits, cases } = question;
  const around = { clock: systemClock, signal: new AbortController().signal };
  const judgement = await judge({ ...code, limits, cases }, code.language, around);
  return { kind: "code", source: code.source, judgement };
}

export async function hear(given: Given, { file, equipment }: { file: string; equipment: Equipment }): Promise<Heard> {
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
