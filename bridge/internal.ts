import { z } from "zod";
import { envelope } from "../contracts/envelope.ts";
import { deviceId, eventId, tenantId } from "../contracts/ids.ts";

/** Between relay and hr, over mutual TLS. Both are of one centre; unknown fields are still kept, for staggered releases. */

/** relay → hr `/internal/v1/events`: an event as it came, and when it was stored (epoch milliseconds by relay's clock). */
export const forwardedEvent = z.looseObject({ envelope, receivedAt: z.number() });
export type ForwardedEvent = z.infer<typeof forwardedEvent>;

/** hr's answer: its signed receipt, for the device. */
export const forwardedAnswer = z.looseObject({ state: z.enum(["accepted", "parked"]), receipt: z.string() });
export type ForwardedAnswer = z.infer<typeof forwardedAnswer>;

/** hr → relay `/internal/v1/orders`: a signed and sealed order or cancellation, to be sent until the device acknowledges. */
export const downMessage = z.looseObject({
  deviceId,
  branch: z.string(),
  envelope,
  /** Epoch milliseconds; sending ends then. */
  expiresAt: z.number(),
});
export type DownMessage = z.infer<typeof downMessage>;

/** hr → relay `/internal/v1/receipts`: a receipt that came later than the answer (a parked event was replayed). */
export const lateReceipt = z.looseObject({
  tenantId,
  deviceId,
  eventId,
  state: z.enum(["accepted", "parked"]),
  receipt: z.string(),
});
export type LateReceipt = z.infer<typeof lateReceipt>;

export const internalPaths = {
  events: "/internal/v1/events",
  orders: "/internal/v1/orders",
  receipts: "/internal/v1/receipts",
} as const;

/** Sealed media are not in it, but a long interview's journal is. */
export const largestMessageBytes = 24 * 1024 * 1024;
