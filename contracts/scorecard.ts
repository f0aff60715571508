import { z } from "zod";
import { segment } from "./capture.ts";
import { deviceId, opaqueId, orderId, tenantId } from "./ids.ts";
import { judgement, writtenCode } from "./judge.ts";
import { language } from "./language.ts";
import { answerObservations, framing } from "./observation.ts";
import { externalReference } from "./order.ts";
import { consent } from "./policy.ts";
import { routeReason, routeStep } from "./route.ts";
import { sessionScore } from "./scoring.ts";

/** A stretch of an answer that was not recorded, and why. */
export const gap = z.looseObject({
  stream: z.enum(["mic", "camera"]),
  answerId: opaqueId,
  from: z.number(),
  to: z.number(),
  fault: z.string(),
});

/**
 * What comes up: the session as HR gets it, signed by the device, sealed to HR, signed again outside.
 * `ended` says how: `complete`; `refused` (consent not given) and `withdrawn` carry no score and no answers.
 */
export const scorecard = z.looseObject({
  version: z.literal(1),
  sessionId: opaqueId,
  orderId,
  tenantId,
  deviceId,
  /** The revision of this scorecard; effect key at HR is (tenantId, sessionId, "scorecard", revision). */
  revision: z.number().int().min(1),
  candidateRef: opaqueId,
  language,
  ended: z.enum(["complete", "refused", "withdrawn"]),
  consents: z.array(consent),
  /** The last day of each class of data, RFC 3339 by the device's clock; the centre computes its own from receipt. */
  expiresAt: z.looseObject({
    recording: z.string(),
    transcript: z.string(),
    scorecard: z.string(),
    journal: z.string(),
  }),
  score: sessionScore.nullable(),
  answers: z.array(
    z.looseObject({
      answerId: opaqueId,
      questionId: z.string(),
      kind: z.enum(["spoken", "choice", "code"]),
      fromMillis: z.number(),
      toMillis: z.number(),
      chosen: z.array(z.string()).optional(),
      /** The program as it was handed in, and what became of it; null where it was never judged. */
      code: z.looseObject({ ...writtenCode.shape, judgement: judgement.nullable() }).optional(),
      observations: answerObservations.nullable(),
    }),
  ),
  /** Only where the rubric has a route: the questions in the order asked and why each was chosen; why the route ended. */
  route: z.looseObject({ steps: z.array(routeStep), end: routeReason.nullable() }).optional(),
  framing: z.array(framing),
  gaps: z.array(gap),
  /** Wall time of each stage in milliseconds, by name of the stage. */
  stages: z.record(z.string(), z.number()),
  versions: z.looseObject({
    software: z.string(),
    scorer: z.string(),
    rubric: z.string(),
    policy: z.string(),
    models: z.record(z.string(), z.string()),
  }),
  clock: z.looseObject({
    quality: z.enum(["synchronised", "unsynchronised", "unknown"]),
    startedAt: z.string(),
    endedAt: z.string(),
    elapsedMillis: z.number(),
  }),
  media: z.array(segment),
  /** The session data key wrapped for HR and the recovery recipient (JWE, general JSON): opens journal and media. */
  wrappedKey: z.looseObject({}),
  journal: z.looseObject({
    /** The sealed journal, line by line as on the device's disk. */
    lines: z.array(z.string()),
    /** Hash of the last line. */
    head: z.string(),
  }),
  external: z.array(externalReference),
});
export type Scorecard = z.infer<typeof scorecard>;
