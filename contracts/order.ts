import { z } from "zod";
import { deviceId, opaqueId, orderId, tenantId } from "./ids.ts";
import { language } from "./language.ts";
import { policy, publicKey } from "./policy.ts";
import { rubric } from "./rubric.ts";
import { strictly } from "./strictly.ts";

/** Where a thing is known by another name: `{ system: "successfactors", type: "application", id: "4711" }`. */
export const externalReference = z.object({
  system: z.string().min(1),
  type: z.string().min(1),
  id: z.string().min(1),
});
export type ExternalReference = z.infer<typeof externalReference>;

export const candidate = z.object({
  candidateRef: opaqueId,
  name: z.string().min(1).max(200),
  external: z.array(externalReference).default([]),
});

/** As JSON. A rubric with hundreds of questions is a tenth of it; the rest is for prompts, at about 22 kB for ten seconds. */
export const largestOrderBytes = 1024 * 1024;

/**
 * Agreed with the candidate beforehand: signals of delivery (pace, pitch) are not computed at all, and every answer may
 * last `answerLimitFactor` times as long.
 */
export const accommodation = z.object({ answerLimitFactor: z.number().min(1).max(5).default(2) });
export type Accommodation = z.infer<typeof accommodation>;

/** What the candidate applied for. */
export const role = z.object({ title: z.string().min(1), external: z.array(externalReference).default([]) });

const requested = z.object({
  orderId: orderId.optional(),
  deviceId,
  /** Higher supersedes; the same again is the same order. */
  revision: z.number().int().positive().default(1),
  candidate,
  role,
  language,
  /** The rubric with its questions, asked in this order. */
  rubric,
  policy,
  accommodation: accommodation.optional(),
  /** Check-in is possible from `notBefore` until `expiresAt` (RFC 3339). */
  notBefore: z.iso.datetime({ offset: true }).optional(),
  expiresAt: z.iso.datetime({ offset: true }),
  external: z.array(externalReference).default([]),
  branch: z.string().default("/"),
});

/** What HR posts. Unknown keys are refused at every level: it is an upload, and a misspelt key would be a silent loss. */
export const orderRequest = strictly(requested);
export type OrderRequest = z.infer<typeof orderRequest>;

/** What the device gets, inside a seal: the request completed, with version and content hash of what it names. */
export const order = z.looseObject({
  ...requested.shape,
  orderId,
  tenantId,
  rubricHash: z.string(),
  policyHash: z.string(),
  /** Scorecards, recordings and journals are sealed to each of these: HR, and the recovery key kept offline. */
  recipients: z.array(publicKey).min(1),
  issuedAt: z.string(),
});
export type Order = z.infer<typeof order>;

/** Takes an order back. Signed and sealed like an order. */
export const orderCancellation = z.looseObject({
  orderId,
  tenantId,
  deviceId,
  revision: z.number().int().positive(),
  issuedAt: z.string(),
});
export type OrderCancellation = z.infer<typeof orderCancellation>;

export const orderState = z.enum(["waiting", "delivered", "inInterview", "done", "cancelled", "expired", "refused"]);
/** 待面试 → 面试中 → 已完成 and the ways out. */
export type OrderState = z.infer<typeof orderState>;

/** What a check-in code says, as the payload of a compact JWS signed by centre signing; the picture shows `CANDOR1:` and that. */
export const checkIn = z.looseObject({
  orderId,
  tenantId,
  deviceId,
  revision: z.number().int().positive(),
  /** Used once: the device keeps the nonces it has seen. */
  nonce: opaqueId,
  /** The booking whose slot it is for; `nbf` and `exp` are then that slot's. */
  bookingId: opaqueId.optional(),
  /** Epoch seconds. */
  nbf: z.number(),
  exp: z.number(),
});
export type CheckIn = z.infer<typeof checkIn>;
export const checkInPrefix = "CANDOR1:";
