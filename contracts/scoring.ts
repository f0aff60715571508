import { z } from "zod";
import { localId } from "./ids.ts";
import { localized } from "./language.ts";

/** A score in 0 to 1 and the interval it may lie in. */
export const interval = z.tuple([z.number().min(0).max(1), z.number().min(0).max(1)]);
export type Interval = z.infer<typeof interval>;

/** Why a point was given: a person can find the quote in the recording and check the rule. */
export const evidence = z.looseObject({
  competency: localId,
  /** The candidate's own words, exactly as transcribed; for a choice, the option chosen; for code, the case's name; "" for silence. */
  quote: z.string(),
  /** Seconds from the start of the answer's recording; null where the answer came as text. */
  start: z.number().min(0).nullable(),
  end: z.number().min(0).nullable(),
  /**
   * Which rule found it. Own work: "concept", "homophone" (a concept by its sound), "semantic", "specifics", "structure", "length", "deflection". Knowledge:
   * "wording", "semantic", "length". Both: "contradiction". A choice: "choice". Code: "case". The lowest level: "silence", "refusal",
   * "offTopic", "echo" (the question read back), "stuffing" (terms and no statement), "instruction" (words meant for the machine).
   */
  rule: z.string(),
  /**
   * Only where the rubric has a route: what exactly was told, so that what is missing can be followed up. "numbers",
   * "role", "change", "tools"; "situation", "action", "result"; of a concept, "concept:" and its first term.
   */
  point: z.string().optional(),
  /** What it adds to the answer's score; negative where it takes away. */
  weight: z.number().min(-1).max(1),
  explanation: localized.optional(),
});
export type Evidence = z.infer<typeof evidence>;

/** The score of one answer. `score` is null exactly when `insufficient` is true: device or recogniser failed. */
export const answerScore = z.looseObject({
  answerId: localId,
  question: localId,
  score: z.number().min(0).max(1).nullable(),
  interval,
  evidence: z.array(evidence),
  insufficient: z.boolean(),
  /** The part of the score that each competency of the question got, 0 to 1. */
  competencies: z.record(z.string(), z.number().min(0).max(1).nullable()),
  /** True where a person has to look: unsure recogniser, insufficient evidence, words meant for the machine. */
  needsPerson: z.boolean().optional(),
  /** Codes of the faults that made the evidence insufficient. */
  faults: z.array(z.string()).optional(),
});
export type AnswerScore = z.infer<typeof answerScore>;

export const competencyScore = z.looseObject({
  competency: localId,
  weight: z.number(),
  score: z.number().min(0).max(1).nullable(),
  interval,
  /** The highest level whose anchor the score reaches, where the rubric has anchors. */
  level: z.string().nullable(),
  anchor: localized.nullable(),
  answers: z.array(localId),
  /** Only where the rubric has a route: what the score was before difficulties were evened out, and what it was made of. */
  comparable: z
    .looseObject({
      method: z.string(),
      /** Mean of the items' parts. */
      raw: z.number().min(0).max(1),
      items: z.array(
        z.looseObject({
          answerId: localId,
          difficulty: z.number(),
          /** The answer's own part, and what a follow-up added to it. */
          part: z.number().min(0).max(1),
          added: z.number().min(0).max(1),
          followUp: localId.optional(),
        }),
      ),
    })
    .optional(),
});
export type CompetencyScore = z.infer<typeof competencyScore>;

/**
 * The score of a session. `total` is the weighted mean over competencies that have a score; below 80 % of the
 * weight it is withheld (null) and `withheld` says so.
 */
export const sessionScore = z.looseObject({
  scorerVersion: z.string(),
  rubricId: z.string(),
  rubricVersion: z.number(),
  answers: z.array(answerScore),
  competencies: z.array(competencyScore),
  total: z.number().min(0).max(1).nullable(),
  interval,
  /** Share of the rubric's weight that has a score, 0 to 1. */
  coverage: z.number().min(0).max(1),
  withheld: z.boolean(),
  /** True where a person has to look at an answer, or the total is withheld. */
  needsPerson: z.boolean().optional(),
  models: z.record(z.string(), z.string()),
});
export type SessionScore = z.infer<typeof sessionScore>;
