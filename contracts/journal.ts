import { z } from "zod";
import { segment } from "./capture.ts";
import { opaqueId, orderId } from "./ids.ts";
import { judgement, writtenCode } from "./judge.ts";
import { language } from "./language.ts";
import { answerObservations, framing } from "./observation.ts";
import { order } from "./order.ts";
import { consent } from "./policy.ts";
import { routeReason } from "./route.ts";
import { gap } from "./scorecard.ts";
import { answerScore, sessionScore } from "./scoring.ts";

/**
 * The journal of a session: JSON lines on the device's disk, sent up with the scorecard as they are.
 * `box` is base64url of the event's JSON sealed under the session's journal key with the context
 * `{sessionId}/journal/{seq}/{prev}`. The hash of a line is sha256 in hex of its text (without the newline); `prev` is the
 * hash of the line before, 64 zeros for the first.
 */
export const journalLine = z.looseObject({
  seq: z.number().int().min(0),
  prev: z.string().regex(/^[0-9a-f]{64}$/),
  box: z.string().min(1),
});
export type JournalLine = z.infer<typeof journalLine>;
export const firstPrevious = "0".repeat(64);

/**
 * The plaintext of `wrappedKey`: two independent keys of 32 bytes each in base64url. `journal` opens the journal.
 * `content` opens recordings and what was heard and scored; where consent was refused or taken back it is destroyed
 * and absent, so that the journal can still be read and says so.
 */
export const sessionKeys = z.looseObject({ journal: z.string(), content: z.string().optional() });
export type SessionKeys = z.infer<typeof sessionKeys>;

/** The session's keys as they lie beside its journal: sealed to HR and recovery, and to the device while it is open. */
export const keyFile = z.looseObject({
  version: z.literal(1),
  recipients: z.looseObject({}),
  device: z.looseObject({}).optional(),
  /** How long the sealed recording may stay on the device after HR has accepted the scorecard, by the order's policy. */
  recordingDays: z.number().positive().optional(),
});
export type KeyFile = z.infer<typeof keyFile>;

/** When: milliseconds on the session's timeline, and the device's wall clock (RFC 3339), which may be wrong. */
const happened = { at: z.number().min(0), time: z.string() };

/** A start of the machine, and where the session's timeline begins on its monotonic clock (milliseconds since boot). */
const boot = { bootId: z.string(), origin: z.number() };

/** Settled facts only, in the order they happened; the session is a fold over them. */
export const sessionEvent = z.discriminatedUnion("type", [
  z.looseObject({
    ...happened,
    ...boot,
    type: z.literal("opened"),
    version: z.literal(1),
    sessionId: opaqueId,
    orderId,
    nonce: opaqueId,
    clockQuality: z.enum(["synchronised", "unsynchronised", "unknown"]),
    software: z.string(),
    order,
  }),
  /** The agent came back after a crash or a pulled plug. `since`: the last moment known before. */
  z.looseObject({ ...happened, ...boot, type: z.literal("resumed"), since: z.number().min(0) }),
  z.looseObject({ ...happened, type: z.literal("languageChosen"), language }),
  z.looseObject({ ...happened, type: z.literal("noticeRead") }),
  z.looseObject({ ...happened, type: z.literal("consentAnswered"), consent }),
  z.looseObject({ ...happened, type: z.literal("deviceChecked"), microphone: z.string(), camera: z.string() }),
  z.looseObject({ ...happened, type: z.literal("questionRepeated"), questionId: z.string() }),
  z.looseObject({ ...happened, type: z.literal("answerBegun"), answerId: opaqueId, questionId: z.string() }),
  z.looseObject({ ...happened, type: z.literal("optionChosen"), questionId: z.string(), chosen: z.array(z.string()) }),
  z.looseObject({
    ...happened,
    type: z.literal("choiceConfirmed"),
    answerId: opaqueId,
    questionId: z.string(),
    chosen: z.array(z.string()).min(1),
  }),
  /** A program was handed in. What stood on the page before is no settled fact: it lies in the session's draft. */
  z.looseObject({
    ...happened,
    type: z.literal("codeSubmitted"),
    answerId: opaqueId,
    questionId: z.string(),
    by: z.enum(["button", "limit"]),
    content: writtenCode.nullable(),
  }),
  z.looseObject({ ...happened, type: z.literal("codeJudged"), answerId: opaqueId, content: judgement.nullable() }),
  z.looseObject({ ...happened, type: z.literal("segmentKept"), segment }),
  z.looseObject({ ...happened, type: z.literal("gapFound"), gap }),
  z.looseObject({ ...happened, type: z.literal("answerEnded"), answerId: opaqueId, by: z.enum(["button", "limit"]) }),
  /** No more segments of the stream come for the answer. `lost`: the recorder never said so. */
  z.looseObject({
    ...happened,
    type: z.literal("recordingStopped"),
    answerId: opaqueId,
    stream: z.enum(["mic", "camera"]),
    atMillis: z.number().min(0),
    lost: z.boolean(),
  }),
  z.looseObject({ ...happened, type: z.literal("framed"), framing }),
  z.looseObject({
    ...happened,
    type: z.literal("analysed"),
    answerId: opaqueId,
    content: z.looseObject({ observations: answerObservations.nullable(), score: answerScore }).nullable(),
  }),
  /** Inference did not come back in time: the answer is left out, flagged. */
  z.looseObject({ ...happened, type: z.literal("analysisOverdue"), answerId: opaqueId, fault: z.string() }),
  /** What is asked at this place of the route (0: the first question); null: nothing more. Settled before it is asked. */
  z.looseObject({
    ...happened,
    type: z.literal("routed"),
    position: z.int().min(1),
    question: z.string().nullable(),
    content: z.looseObject({ reason: routeReason }).nullable(),
  }),
  z.looseObject({
    ...happened,
    type: z.literal("scored"),
    content: z.looseObject({ score: sessionScore, canonical: z.string() }).nullable(),
  }),
  z.looseObject({ ...happened, type: z.literal("scoreOverdue"), fault: z.string() }),
  z.looseObject({ ...happened, type: z.literal("helpCalled"), on: z.boolean() }),
  z.looseObject({ ...happened, type: z.literal("withdrawn") }),
  z.looseObject({ ...happened, type: z.literal("closed") }),
]);
export type SessionEvent = z.infer<typeof sessionEvent>;
export type SessionEventOf<T extends SessionEvent["type"]> = Extract<SessionEvent, { type: T }>;

/** Events whose `content` is sealed once more, under the content key (context `{sessionId}/content/{seq}/{prev}`), as `{ sealed }`. */
export const contentEvents = [
  "analysed",
  "routed",
  "scored",
  "codeSubmitted",
  "codeJudged",
] as const satisfies readonly SessionEvent["type"][];
