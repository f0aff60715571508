import { chmod, readFile, realpath, stat } from "node:fs/promises";
import { z } from "zod";
import { Fault } from "../../contracts/fault.ts";
import { largestOrderBytes } from "../../contracts/order.ts";
import { type Rubric, rubric as rubricSchema } from "../../contracts/rubric.ts";
import { writeDurably } from "../../runtime/durable.ts";
import { parse, parseJson } from "../../runtime/parse.ts";

type Content = Record<string, unknown>;

/** A rubric by itself, or a file with a field `rubric`: an order, a file of answers. */
export type Bank = {
  file: string;
  rubric: Rubric;
  /** All that the file says, also what no schema knows: it is written back as it was. */
  content: Content;
  /** What the file puts before a line: it is written back in the same manner. */
  indent: string;
};

/** What an order has beside its rubric: candidate, role, policy, references of the HR system. */
const restOfOrderBytes = 16 * 1024;

const isBare = ({ content }: Bank): boolean => content.rubric === undefined;

/** @throws Fault file.missing, file.unreadable, config.invalid naming the field, rubric.weights, rubric.reference */
export async function readBank(file: string): Promise<Bank> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT")
      throw new Fault("file.missing", `${file} is not there; check the path`, { cause: error });
    throw new Fault("file.unreadable", `${file} cannot be read; give a readable file with a rubric`, { cause: error });
  });
  const blame = { what: file, otherwise: "config.invalid" } as const;
  const content = parseJson(z.looseObject({}), text.replace(/^\uFEFF/u, ""), blame);
  const rubric =
    content.rubric === undefined
      ? parse(rubricSchema, content, blame)
      : parse(z.object({ rubric: rubricSchema }), content, blame).rubric;
  const indent = text.trim().includes("\n") ? (/^[ \t]+(?=")/m.exec(text)?.[0] ?? "  ") : "";
  return { file, rubric, content, indent };
}

/** The file's own content, with the prompts of `rendered` in its questions. */
export function withPrompts(bank: Bank, rendered: Rubric): Content {
  const holder = (isBare(bank) ? bank.content : bank.content.rubric) as Content;
  const questions = (holder.questions as Content[]).map(({ prompts: _, ...question }, at) => {
    const prompts = rendered.questions[at]?.prompts;
    return prompts === undefined ? question : { ...question, prompts };
  });
  return isBare(bank) ? { ...holder, questions } : { ...bank.content, rubric: { ...holder, questions } };
}

/** What the prompts of each language take, for a person who has to leave some out. */
function perLanguage({ questions }: Rubric): string {
  const size = (language: "zh-CN" | "en"): number =>
    questions.reduce((sum, { prompts }) => sum + (prompts?.[language]?.audio.length ?? 0), 0);
  return `${kilobytes(size("zh-CN"))} of it are prompts in zh-CN, ${kilobytes(size("en"))} in en`;
}

export const kilobytes = (bytes: number): string => `${(bytes / 1024).toFixed(1)} KiB`;

/**
 * Bytes of the order that carries the rubric: of the file itself where it is an order, else with room for the rest of one.
 * @throws Fault message.tooLarge for what HR would not take
 */
export function orderBytes(bank: Bank, rendered: Rubric): number {
  const content = withPrompts(bank, rendered);
  const isOrder = content.candidate !== undefined;
  const size = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));
  const bytes = isOrder ? size(content) : size(content.rubric ?? content) + restOfOrderBytes;
  if (bytes > largestOrderBytes)
    throw new Fault(
      "message.tooLarge",
      `${bank.file}: an order with these prompts takes ${kilobytes(bytes)} and may take ${kilobytes(largestOrderBytes)}; ${perLanguage(rendered)}: make a file for each language (--language with --out, from one without prompts), shorten recordings, or split the bank. Nothing was written`,
      { field: isBare(bank) ? "questions" : "rubric.questions" },
    );
  return bytes;
}

/** Next-file and rename, with the permissions that the bank has: it may be read by others than who renders it. */
export async function writeBank(out: string, content: Content, bank: Bank): Promise<void> {
  const { mode } = await stat(bank.file);
  const target = await realpath(out).catch(() => out);
  await writeDurably(target, `${JSON.stringify(content, null, bank.indent)}\n`);
  await chmod(target, mode & 0o777);
}
