import { z } from "zod";
import { type Language, languages } from "./language.ts";
import type { Question, Rubric } from "./rubric.ts";

/** A question as it is read aloud in one language. Travels with the question, inside the order. */
export const prompt = z.object({
  /** Ogg Opus, base64url. */
  audio: z.string().regex(/^[A-Za-z0-9_-]+$/, "sound in base64url"),
  /** sha256 (hexadecimal) of the text it says: `promptText` of its question when it was made. */
  textHash: z.string().regex(/^[0-9a-f]{64}$/, "64 lower-case hexadecimal digits"),
  by: z.enum(["recording", "voice"]),
  /** Model and voice that rendered it. */
  voice: z.string().optional(),
});
export type Prompt = z.infer<typeof prompt>;

export const prompts = z.object({ "zh-CN": prompt.optional(), en: prompt.optional() });

/** What is said of a question in this language, its options included; undefined where it is not written in it. */
export function promptText(question: Question, language: Language): string | undefined {
  const text = question.text[language];
  if (text === undefined || question.kind !== "choice") return text;
  const options = question.options.map(
    ({ id, text: option }) => `${id}: ${option[language] ?? option["zh-CN"] ?? option.en}`,
  );
  const [between, end] = language === "zh-CN" ? ["；", "。"] : ["; ", "."];
  return `${text}\n${options.join(between)}${end}`;
}

/** The language in which the question can be asked of someone who chose `wanted`. */
export const languageOf = ({ text }: Question, wanted: Language): Language =>
  text[wanted] === undefined ? (languages.find((one) => text[one] !== undefined) ?? wanted) : wanted;

/** Where in a rubric a prompt stands that says something else than its question does now; `sha256` gives hexadecimal digits. */
export function stalePrompt(rubric: Rubric, sha256: (text: string) => string): string | undefined {
  for (const [at, question] of rubric.questions.entries())
    for (const language of languages) {
      const made = question.prompts?.[language];
      const text = promptText(question, language);
      if (made !== undefined && (text === undefined || sha256(text) !== made.textHash))
        return `questions[${at}].prompts.${language}`;
    }
  return undefined;
}
