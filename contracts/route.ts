import { z } from "zod";
import { localId } from "./ids.ts";
import { localized } from "./language.ts";

/** What a good answer names, and another can be without: figures and what they changed to, tools and products, the own part in it. */
export const specific = z.enum(["numbers", "tools", "role"]);
export type Specific = z.infer<typeof specific>;

/**
 * When a question is followed up, and by which. The follow-up is a spoken question of the same rubric; where it names no
 * concepts, reference or competencies it is scored by those of the question it follows.
 */
export const followUp = z
  .object({
    question: localId,
    /** Asked when one of these is missing in an answer that was on the topic. */
    missing: z.array(specific).min(1).optional(),
    /** A term of the concept that the answer has to touch; asked when it did not. */
    concept: z.string().min(1).optional(),
  })
  .refine((one) => one.missing !== undefined || one.concept !== undefined, {
    message: "says neither what is missing nor which concept: give `missing` or `concept`",
  });
export type FollowUp = z.infer<typeof followUp>;

/** Questions of one competency, of which `count` are asked. */
export const pool = z.object({
  competency: localId,
  questions: z.array(localId).min(1),
  count: z.int().min(1).default(1),
});
export type Pool = z.infer<typeof pool>;

/**
 * How questions are chosen. `first` are asked of every candidate, in this order; then each pool in turn gives its `count`.
 * Without `adaptive` a pool gives its questions of middle difficulty and nothing is followed up.
 */
export const route = z.object({
  first: z.array(localId).min(1),
  pools: z.array(pool).default([]),
  adaptive: z
    .object({
      /** From this score of the last answer on (0 to 1) a harder question comes next. */
      harderFrom: z.number().min(0).max(1).default(0.65),
      /** Below this score an easier one. */
      easierBelow: z.number().min(0).max(1).default(0.4),
      /** Follow-ups in a whole interview, at most; never more than one a question. */
      followUps: z.int().min(0).default(2),
      /** From the end of an answer to the next question: when its analysis is not there by then, the planned one is asked. */
      waitSeconds: z.number().min(1).max(60).default(15),
    })
    .refine((one) => one.easierBelow <= one.harderFrom, {
      path: ["easierBelow"],
      message: "lies above `harderFrom`: an answer cannot call for an easier and a harder question; lower it",
    })
    .optional(),
});
export type Route = z.infer<typeof route>;

/**
 * Which rule chose a question. "first": asked of everyone. "followUp": something was missing. "harder", "easier", "level":
 * by the score of an answer before. "planned": nothing was known that could decide. "late": the analysis was not back in
 * time. "end": every question of the plan has been asked.
 */
export const routeRule = z.enum(["first", "followUp", "harder", "easier", "level", "planned", "late", "end"]);
export type RouteRule = z.infer<typeof routeRule>;

/** Why a question was chosen: the rule in words, and the answers it looked at with their evidence as it was then. */
export const routeReason = z.looseObject({
  rule: routeRule,
  explanation: localized,
  looked: z.array(
    z.looseObject({
      answerId: localId,
      question: localId,
      competency: localId.nullable(),
      score: z.number().min(0).max(1).nullable(),
      evidence: z.array(
        z.looseObject({ rule: z.string(), point: z.string().optional(), quote: z.string(), weight: z.number() }),
      ),
      /** What the answer was without, by the points of its evidence. */
      missing: z.array(z.string()).optional(),
    }),
  ),
});
export type RouteReason = z.infer<typeof routeReason>;

/** One question of a session's route. The reason holds what was heard: null where the key to that was destroyed. */
export const routeStep = z.looseObject({ question: localId, reason: routeReason.nullable() });
export type RouteStep = z.infer<typeof routeStep>;
