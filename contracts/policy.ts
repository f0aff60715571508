import { z } from "zod";
import { localized } from "./language.ts";
import { pluginRefusals, plugins } from "./plugins.ts";

/** A public key as JWK (P-256). `kid` is its RFC 7638 thumbprint. */
export const publicKey = z.looseObject({
  kty: z.literal("EC"),
  crv: z.literal("P-256"),
  x: z.string(),
  y: z.string(),
  kid: z.string().min(1),
});
export type PublicKey = z.infer<typeof publicKey>;

/**
 * What a person is asked to agree to, each by itself. `recording` and `scoring` are the two the interview cannot
 * do without: refused, the interview ends and the alternative is offered. Each plug-in has its own; none is required.
 */
export const consentPurpose = z.enum(["recording", "scoring", "liveView", ...plugins]);
export type ConsentPurpose = z.infer<typeof consentPurpose>;

export const consentText = z.object({
  purpose: consentPurpose,
  textId: z.string().min(1),
  version: z.number().int().positive(),
  required: z.boolean(),
  text: localized,
});
export type ConsentText = z.infer<typeof consentText>;

/** Classes of data and how long each is kept, in days. */
export const retention = z.object({
  recordingDays: z.number().positive(),
  transcriptDays: z.number().positive(),
  scorecardDays: z.number().positive(),
  journalDays: z.number().positive(),
});
export type Retention = z.infer<typeof retention>;

const written = z.object({
  id: z.string().min(1),
  version: z.number().int().positive(),
  region: z.string().min(1),
  consents: z.array(consentText).min(1),
  retention,
  /** Signals that may not be loaded under this policy. */
  bannedSignals: z.array(z.string()).default([]),
  /** Plug-ins that may be loaded where the candidate agrees, each with a consent of its own purpose. What is banned as well stays banned. */
  plugins: z.array(z.string()).default([]),
  /** What the candidate is offered instead of the machine. */
  alternative: localized,
  /** Words of the notice page: how long, how many questions, which rules. */
  notice: localized,
});

/** Refuses plug-ins that it does not know, that a region bans, that are signals of the body, or that nobody is asked about. */
export const policy = written.superRefine((value, context) => {
  for (const { path, message, fault } of pluginRefusals(value))
    context.addIssue({ code: "custom", path, message, ...(fault === undefined ? {} : { params: { fault } }) });
});
export type Policy = z.infer<typeof policy>;

/** A consent as given or refused, with the text it was given to. */
export const consent = z.looseObject({
  purpose: consentPurpose,
  textId: z.string(),
  version: z.number().int(),
  /** sha256 of the text shown. */
  hash: z.string(),
  language: z.string(),
  given: z.boolean(),
  at: z.string(),
});
export type Consent = z.infer<typeof consent>;
