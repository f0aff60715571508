import { z } from "zod";
import { deviceId, eventId, opaqueId, tenantId } from "./ids.ts";
import { publicKey } from "./policy.ts";

/**
 * CloudEvents 1.0, structured JSON, both ways. `data` is a compact JWS by the sender; what it signs says so in its
 * `typ` (see `signedTypes`). Extension attributes follow CloudEvents naming (lower case, no separators).
 * Unknown attributes are kept and ignored; an unknown `type` is parked.
 */
export const envelope = z.looseObject({
  specversion: z.literal("1.0"),
  id: eventId,
  /** `candor/{tenantId}/{deviceId}` from a device, `candor/{tenantId}/centre` from the centre. */
  source: z.string(),
  type: z.string(),
  /** The sender's wall clock, which may be wrong; the centre stamps receipt time. */
  time: z.string(),
  datacontenttype: z.literal("application/jose"),
  /** Which start of the sending machine, how long it ran, the count of its messages, and what it thinks of its clock. */
  bootid: opaqueId,
  elapsedmillis: z.number().min(0),
  sequence: z.number().int().min(0),
  clockquality: z.enum(["synchronised", "unsynchronised", "unknown"]),
  data: z.string().min(1),
});
export type Envelope = z.infer<typeof envelope>;

/** Event types. A breaking change is a new type (`….v2`); readers take version N and N-1. */
export const eventTypes = {
  /** device → centre, signed: certificate and encryption key of a device that came up */
  birth: "candor.device.birth.v1",
  /** device → centre, signed: 待面试 / 面试中 / 已完成 */
  sessionState: "candor.session.state.v1",
  /** device → centre, signed: the candidate calls for help, or no longer needs it */
  help: "candor.session.help.v1",
  /** device → centre, signed over a seal over a signed scorecard */
  scorecard: "candor.session.scorecard.v1",
  /** device → centre, signed: an order is on the device's disk, or refused with a fault */
  orderAcknowledged: "candor.order.acknowledged.v1",
  /** centre → device, signed over a seal over a signed order */
  order: "candor.order.issued.v1",
  orderCancelled: "candor.order.cancelled.v1",
  /** centre → device, signed by relay (stored, parked) or hr (accepted, parked) */
  receipt: "candor.receipt.v1",
} as const;
export type EventType = (typeof eventTypes)[keyof typeof eventTypes];

/** `typ` header of each signature, so that one signed thing can never pass for another. */
export const signedTypes = {
  event: "candor-event+jwt",
  scorecard: "candor-scorecard+jwt",
  order: "candor-order+jwt",
  cancellation: "candor-cancellation+jwt",
  receipt: "candor-receipt+jwt",
  deletion: "candor-deletion+jwt",
  checkIn: "candor-checkin+jwt",
  relayKey: "candor-relay-key+jwt",
} as const;

/** What every event's signature covers besides its own content: whose it is and which event, so that neither can be swapped. */
const signedEvent = { tenantId, deviceId, eventId };

export const birth = z.looseObject({
  ...signedEvent,
  encryptionKey: publicKey,
  software: z.string(),
  board: z.string(),
});
export type Birth = z.infer<typeof birth>;

export const sessionState = z.looseObject({
  ...signedEvent,
  sessionId: opaqueId,
  orderId: opaqueId,
  state: z.enum(["inInterview", "done", "refused"]),
  /** Counts up within a session, so that a late message never sets a state back. */
  revision: z.number().int().min(0),
});
export type SessionState = z.infer<typeof sessionState>;

export const helpEvent = z.looseObject({
  ...signedEvent,
  sessionId: opaqueId,
  orderId: opaqueId,
  /** Of one press of the button; the press that takes it back names it too. */
  requestId: opaqueId,
  state: z.enum(["called", "withdrawn"]),
});
export type HelpEvent = z.infer<typeof helpEvent>;

/** The event that carries a scorecard: readable for relay are only these ids; `sealed` is a JWE (general JSON) of a compact JWS. */
export const scorecardEvent = z.looseObject({
  ...signedEvent,
  sessionId: opaqueId,
  revision: z.number().int().min(1),
  sealed: z.looseObject({}),
});
export type ScorecardEvent = z.infer<typeof scorecardEvent>;

export const orderAcknowledged = z.looseObject({
  ...signedEvent,
  orderId: opaqueId,
  revision: z.number().int().positive(),
  /** The event that brought the order. */
  acknowledges: eventId,
  accepted: z.boolean(),
  /** Fault code where it was refused. */
  fault: z.string().optional(),
});
export type OrderAcknowledged = z.infer<typeof orderAcknowledged>;

/** What the centre signs over a sealed order: `sealed` is a JWE (general JSON) to the device's encryption key. */
export const orderEvent = z.looseObject({
  ...signedEvent,
  orderId: opaqueId,
  revision: z.number().int().positive(),
  sealed: z.looseObject({}),
});
export type OrderEvent = z.infer<typeof orderEvent>;

export const receipt = z.looseObject({
  ...signedEvent,
  /** `stored`: stop resending · `accepted`: unsealed and valid, the device may erase · `parked`: could not be read, kept sealed. */
  state: z.enum(["stored", "accepted", "parked"]),
  fault: z.string().optional(),
  at: z.string(),
  /** From relay: its key, signed by centre signing (`signedTypes.relayKey`). */
  relayKey: z.string().optional(),
});
export type Receipt = z.infer<typeof receipt>;

/** What centre signing says of relay's key. */
export const relayKeyStatement = z.looseObject({ use: z.literal("relay"), key: publicKey, exp: z.number() });
