import { z } from "zod";
import { segment } from "./capture.ts";
import { localId, opaqueId } from "./ids.ts";
import { judgement } from "./judge.ts";
import { language } from "./language.ts";
import { answerObservations, framing } from "./observation.ts";
import { routeReason } from "./route.ts";
import { rubric } from "./rubric.ts";
import { answerScore, sessionScore } from "./scoring.ts";

/** Between the agent and the inference process: JSON lines over its Unix socket; the agent connects. */

export const inferenceRequest = z.discriminatedUnion("do", [
  /** Which session the next requests are about. Sent again after a restart of either side. */
  z.looseObject({
    do: z.literal("open"),
    sessionId: opaqueId,
    folder: z.string(),
    key: z.string(),
    language,
    rubric,
    /** What the policy forbids to compute. */
    bannedSignals: z.array(z.string()).default([]),
    /** Plug-ins that the policy allows and the candidate agreed to. */
    plugins: z.array(z.string()).default([]),
    /** Nothing of how the candidate speaks may be computed, whatever signals there are. */
    withoutDelivery: z.boolean().optional(),
    sessionStart: z.number(),
  }),
  /** A spoken answer has begun: its sound will come as segments. Known answers begin anew. */
  z.looseObject({
    do: z.literal("begin"),
    answerId: opaqueId,
    questionId: localId,
    fromMillis: z.number().min(0),
    /** When its question had been asked, and by what that is known. */
    asked: z.looseObject({ atMillis: z.number().min(0), by: z.enum(["readOut", "shown"]) }).optional(),
    /** What the candidate speaks in it; default: the session's language. */
    language: language.optional(),
  }),
  /** A sealed segment of an answer's sound lies in the folder. In order of index. */
  z.looseObject({ do: z.literal("segment"), segment }),
  /** No more segments for it: answered by `analysed`. */
  z.looseObject({ do: z.literal("end"), answerId: opaqueId, toMillis: z.number().min(0) }),
  /** Scores a choice answer; answered by `analysed` too. */
  z.looseObject({ do: z.literal("choice"), answerId: opaqueId, questionId: localId, chosen: z.array(z.string()) }),
  /** Chooses what is asked at this place of the route, from what is known of the answers so far; answered by `next`. */
  z.looseObject({
    do: z.literal("next"),
    sessionId: opaqueId,
    position: z.int().min(1),
    /** Ids of the questions asked so far, in order. */
    asked: z.array(localId).min(1),
    answers: z.array(answerScore),
  }),
  /** Scores a code answer; answered by `analysed` too. `judgement` null: nothing was written, so nothing was judged. */
  z.looseObject({
    do: z.literal("code"),
    answerId: opaqueId,
    questionId: localId,
    source: z.string(),
    judgement: judgement.nullable(),
  }),
  /** Joins the scores of all answers, in the order asked; answered by `scored`. */
  z.looseObject({ do: z.literal("score"), sessionId: opaqueId, answers: z.array(answerScore) }),
  /** Forgets the session and its key. */
  z.looseObject({ do: z.literal("close"), sessionId: opaqueId }),
  /** Whether to look at live pictures (framing prompts); `from` is the camera's picture socket. */
  z.looseObject({
    do: z.literal("look"),
    on: z.boolean(),
    from: z.string().optional(),
    sessionStart: z.number().optional(),
  }),
]);
export type InferenceRequest = z.infer<typeof inferenceRequest>;

export const inferenceReport = z.discriminatedUnion("report", [
  /** Models are loaded; sent on connect as soon as it is true. */
  z.looseObject({ report: z.literal("ready"), models: z.record(z.string(), z.string()) }),
  /** An engine could not be had; the rest goes on without it. */
  z.looseObject({ report: z.literal("fault"), fault: z.string(), part: z.string(), message: z.string() }),
  z.looseObject({
    report: z.literal("analysed"),
    answerId: opaqueId,
    observations: answerObservations.nullable(),
    score: answerScore,
  }),
  z.looseObject({
    report: z.literal("next"),
    sessionId: opaqueId,
    position: z.int().min(1),
    /** null: nothing more is asked. */
    question: localId.nullable(),
    reason: routeReason,
  }),
  z.looseObject({ report: z.literal("scored"), sessionId: opaqueId, score: sessionScore, canonical: z.string() }),
  z.looseObject({ report: z.literal("framing"), framing }),
  /** Settled text so far, for the screen only. */
  z.looseObject({ report: z.literal("partial"), answerId: opaqueId, text: z.string() }),
  /** Work done, and seconds of sound that wait. */
  z.looseObject({ report: z.literal("meter"), backlogSeconds: z.number().min(0) }),
]);
export type InferenceReport = z.infer<typeof inferenceReport>;
