import { z } from "zod";
import { codeIssues } from "./codeIssues.ts";
import { localId, opaqueId } from "./ids.ts";
import { codeLanguage, codeLimits, codeSource, mostCases, testCase, writtenCode } from "./judge.ts";
import { localized } from "./language.ts";
import { prompts } from "./prompt.ts";
import { followUp, route, specific } from "./route.ts";
import { routeIssues } from "./routeIssues.ts";
import { contradictions } from "./rubricChecks.ts";

/** What a level means, keyed by the level ("1", "3", "5"): a behaviour one can see, not an adjective. */
const anchors = z.record(z.string(), localized);

export const competency = z.object({
  id: localId,
  /** Share of the total in percent; the weights of a rubric sum to 100. */
  weight: z.number().positive().max(100),
  name: localized,
  anchors: anchors.optional(),
});
export type Competency = z.infer<typeof competency>;

/** Synonyms of one idea. A bare list of terms belongs to every competency of its question. */
export const concept = z.union([
  z.object({ competency: localId.optional(), terms: z.array(z.string().min(1)).min(1) }),
  z.array(z.string().min(1)).min(1),
]);
export type Concept = z.infer<typeof concept>;

const byLanguage = <T extends z.ZodType>(value: T) => z.object({ "zh-CN": value.optional(), en: value.optional() });

const questionBase = {
  id: localId,
  text: localized,
  /** Absent: the question counts towards every competency of the rubric. */
  competencies: z.array(localId).min(1).optional(),
  /** 1 for someone who begins, 5 for someone long in the trade; absent counts as 3 on a route. */
  difficulty: z.number().int().min(1).max(5).optional(),
  /** Roles it is meant for, in any language a CV may name them in. Absent: for every role. */
  roles: z.array(z.string().min(1)).min(1).optional(),
  /** Skills it is about, likewise; a CV that has one of them calls for it. Absent: for every CV. */
  tags: z.array(z.string().min(1)).min(1).optional(),
  answerLimitSeconds: z.number().positive().max(3600).optional(),
  /** The question read aloud, by language; made by `candor bank render`. */
  prompts: prompts.optional(),
  /** In the order in which they are tried; one of them is asked at most. */
  followUps: z.array(followUp).min(1).optional(),
};

/** How a good answer is built. Absent: situation, own actions and result are looked for. */
export const answerStructures = ["situation-task-action-result", "claim-reason-example"] as const;
export type AnswerStructure = (typeof answerStructures)[number];

export const spokenQuestion = z.object({
  ...questionBase,
  kind: z.literal("spoken"),
  /** Answers an expert would give, for the semantic match. */
  reference: byLanguage(z.array(z.string().min(1))).optional(),
  concepts: byLanguage(z.array(concept)).optional(),
  structure: z.enum(answerStructures).optional(),
  /** Only these count; absent: all of them. */
  specifics: z.array(specific).min(1).optional(),
});
export type SpokenQuestion = z.infer<typeof spokenQuestion>;

export const choiceQuestion = z.object({
  ...questionBase,
  kind: z.literal("choice"),
  options: z
    .array(z.object({ id: z.enum(["A", "B", "C", "D"]), text: localized }))
    .min(2)
    .max(4),
  correct: z.array(z.enum(["A", "B", "C", "D"])).min(1),
});
export type ChoiceQuestion = z.infer<typeof choiceQuestion>;

/** A program's text to begin with, by language. */
const starters = z.object({ python: codeSource.optional(), javascript: codeSource.optional() });

export const codeCase = z.object({
  ...testCase.shape,
  /** Not shown to the candidate: the page shows the others as examples. */
  hidden: z.boolean().default(false),
  /** Its part of the score among the cases of its question. */
  weight: z.number().positive().max(1000).default(1),
});
export type CodeCase = z.infer<typeof codeCase>;

/** A program is written: it reads its case from standard input and writes its answer to standard output. */
export const codeQuestion = z.object({
  ...questionBase,
  kind: z.literal("code"),
  /** The candidate chooses among them; the first is offered first. */
  languages: z.array(codeLanguage).min(1),
  starter: starters.default({}),
  cases: z.array(codeCase).min(1).max(mostCases),
  limits: codeLimits.default(codeLimits.parse({})),
});
export type CodeQuestion = z.infer<typeof codeQuestion>;

export const question = z.discriminatedUnion("kind", [spokenQuestion, choiceQuestion, codeQuestion]);
export type Question = z.infer<typeof question>;

/**
 * Weighted competencies and the questions that give evidence for them. Refused when the weights do not sum to
 * 100, an id stands twice, or a question names a competency that is not there.
 */
export const rubric = z
  .object({
    id: opaqueId,
    version: z.number().int().positive(),
    /** Levels that a score may be rendered in, lowest first; rendering only, scores are 0 to 1. */
    scale: z.array(z.number()).min(2).optional(),
    competencies: z.array(competency).min(1),
    questions: z.array(question).min(1),
    /** Absent: every question is asked, in the order of `questions`. */
    route: route.optional(),
  })
  .superRefine((value, context) => {
    const stated = contradictions(value).map((one) => ({ ...one, message: one.message.en }));
    for (const { path, message, fault } of [...stated, ...routeIssues(value), ...codeIssues(value)])
      context.addIssue({
        code: "custom",
        path: [...path],
        message,
        ...(fault === undefined ? {} : { params: { fault } }),
      });
  });
export type Rubric = z.infer<typeof rubric>;

/** One answer as a file gives it: by its text, by its recording (relative to the file, or absolute), by choice, or by code. */
export const givenAnswer = z.object({
  id: localId,
  question: localId,
  language: z.enum(["zh-CN", "en"]).optional(),
  text: z.string().optional(),
  audio: z.string().optional(),
  choice: z.array(z.string()).optional(),
  code: writtenCode.optional(),
  /** A person's grade, 0 to 1, where the file carries one; never read by the scorer. */
  grade: z.number().min(0).max(1).optional(),
  /** Who speaks, by attribute (`{ "accent": "Sichuan" }`), for comparing groups; never read by the scorer. */
  groups: z.record(z.string().min(1), z.string().min(1)).optional(),
});
export type GivenAnswer = z.infer<typeof givenAnswer>;

/** The file that `candor score FILE` reads: a rubric and answers to it. */
export const answerFile = z.object({ rubric, answers: z.array(givenAnswer) });
export type AnswerFile = z.infer<typeof answerFile>;
