import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { givenAnswer, type Question, rubric } from "../../../contracts/rubric.ts";
import { parseJson } from "../../../runtime/parse.ts";

/** An answer file whose answers carry a person's `grade`; `label` says why, where the set tells it. */
export const gradedFile = z.object({
  rubric,
  answers: z.array(givenAnswer.extend({ label: z.string().optional() })).min(1),
});
export type GradedFile = z.infer<typeof gradedFile>;
export type GradedAnswer = GradedFile["answers"][number] & { text: string; grade: number };
export type GradedSet = {
  name: string;
  rubric: GradedFile["rubric"];
  answers: { answer: GradedAnswer; question: Question }[];
};

const isGraded = (answer: GradedFile["answers"][number]): answer is GradedAnswer =>
  answer.grade !== undefined && answer.text !== undefined;

/** Names of every `*.json` of a folder, sorted; empty where the folder is not there. */
export async function jsonFilesOf(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  return names.filter((one) => one.endsWith(".json")).sort();
}

/** The graded answers of every file of a folder; empty where the folder is not there. @throws Fault message.malformed */
export async function readGraded(folder: string): Promise<GradedSet[]> {
  const sets: GradedSet[] = [];
  for (const name of await jsonFilesOf(folder)) {
    const file = parseJson(gradedFile, await readFile(join(folder, name), "utf8"), { what: name });
    const byId = new Map(file.rubric.questions.map((one) => [one.id, one]));
    const answers = file.answers.filter(isGraded).flatMap((answer) => {
      const question = byId.get(answer.question);
      return question === undefined ? [] : [{ answer, question }];
    });
    sets.push({ name: name.replace(/\.json$/, ""), rubric: file.rubric, answers });
  }
  return sets;
}
