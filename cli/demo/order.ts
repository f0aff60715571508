import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { Language } from "../../contracts/language.ts";
import { type OrderRequest, orderRequest } from "../../contracts/order.ts";
import { policy as policySchema } from "../../contracts/policy.ts";
import { prompts } from "../../contracts/prompt.ts";
import { answerFile, type Question, type Rubric } from "../../contracts/rubric.ts";
import { hours } from "../../contracts/units.ts";
import { type Clock, timestamp } from "../../runtime/clock.ts";
import { readIfThere } from "../../runtime/durable.ts";
import { parse, parseJson } from "../../runtime/parse.ts";
import { projectRoot } from "../../runtime/paths.ts";

const interviews = join(projectRoot, "test", "fixtures", "interview");

/** How well the scripted candidate answers. */
export type Quality = "strong" | "medium" | "weak";
/** What the candidate does at a question: plays a recording, or presses options. */
export type ScriptedAnswer = { kind: "spoken"; clip: string } | { kind: "choice"; options: string[] };

/** The prepared recordings: first and second spoken question of each interview. */
const clipStems: Record<string, readonly [string, string]> = {
  "backend-engineer": ["backend", "backend2"],
  "customer-service": ["service", "service2"],
};

/** By question. Apart from the rubric, so that its file can be read by people. */
const promptsFile = z.record(z.string(), prompts);

/** The prompts that were rendered of an interview's questions, where there are any. */
async function readPrompts(interview: string): Promise<z.infer<typeof promptsFile>> {
  const path = join(interviews, `${interview}.prompts.json`);
  const text = await readIfThere(path);
  return text === undefined ? {} : parseJson(promptsFile, text, { what: path });
}

export async function readRubric(interview = "backend-engineer"): Promise<Rubric> {
  const path = join(interviews, `${interview}.json`);
  return parseJson(answerFile, await readFile(path), { what: path }).rubric;
}

/** The rubric with its questions read aloud, as HR orders it. */
export async function readAloud(rubric: Rubric): Promise<Rubric> {
  const made = await readPrompts(rubric.id);
  const questions = rubric.questions.map((question) => {
    const own = made[question.id];
    return own === undefined ? question : { ...question, prompts: own };
  });
  return { ...rubric, questions };
}

/**
 * Spoken, choice, spoken: the last thing done is then the last word said, and the time from there to the score is what
 * a candidate waits.
 */
export function lastWordLast(rubric: Rubric): Rubric {
  const spoken = rubric.questions.filter(({ kind }) => kind === "spoken");
  const others = rubric.questions.filter(({ kind }) => kind !== "spoken");
  return { ...rubric, questions: [...spoken.slice(0, -1), ...others, ...spoken.slice(-1)] };
}

/** What the candidate answers, by question id; `qualities` are for the spoken questions in their order. */
export function scriptedAnswers(
  rubric: Rubric,
  { language, qualities }: { language: Language; qualities: readonly Quality[] },
): Map<string, ScriptedAnswer> {
  const stems = clipStems[rubric.id] ?? [];
  const short = language === "zh-CN" ? "zh" : "en";
  let spoken = 0;
  const answerOf = (question: Question): ScriptedAnswer => {
    if (question.kind === "choice") return { kind: "choice", options: question.correct };
    const clip = `${short}-${stems[spoken]}-${qualities[spoken] ?? "medium"}.opus`;
    spoken += 1;
    return { kind: "spoken", clip: join(projectRoot, "test", "fixtures", "speech", clip) };
  };
  return new Map(rubric.questions.map((question) => [question.id, answerOf(question)]));
}

const names: Record<Language, string> = { "zh-CN": "林晓", en: "Alex Lin" };
const titles: Record<Language, string> = { "zh-CN": "后端工程师", en: "Backend engineer" };

/** An order as an HR system posts it: candidate, role, rubric, policy, and the references of the HR system. */
export async function demoOrder(
  clock: Clock,
  { deviceId, language, rubric }: { deviceId: string; language: Language; rubric: Rubric },
): Promise<OrderRequest> {
  const policyPath = join(projectRoot, "cli", "demo", "policy.json");
  const policy = parseJson(policySchema, await readFile(policyPath), { what: policyPath });
  const candidateRef = `c-${clock.id()}`;
  return parse(
    orderRequest,
    {
      deviceId,
      candidate: {
        candidateRef,
        name: names[language],
        external: [{ system: "demo-hr", type: "candidate", id: "1001" }],
      },
      role: { title: titles[language], external: [{ system: "demo-hr", type: "requisition", id: "R-7" }] },
      language,
      rubric: await readAloud(rubric),
      policy,
      expiresAt: timestamp(clock.wall() + hours(8)),
      external: [{ system: "demo-hr", type: "application", id: "4711" }],
    },
    { what: "the demo's order", otherwise: "order.invalid" },
  );
}
