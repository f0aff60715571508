import { z } from "zod";
import { deviceId, opaqueId, orderId, sessionId, tenantId } from "./ids.ts";

/** How many rows of each table were erased, or emptied where the row itself names nobody. */
const erasedRows = z.object({
  orders: z.int(),
  scorecards: z.int(),
  judgements: z.int(),
  bookings: z.int(),
  helpRequests: z.int(),
  parked: z.int(),
  outbox: z.int(),
  applications: z.int(),
  pullProblems: z.int(),
});
export type ErasedRows = z.infer<typeof erasedRows>;

/**
 * What a centre says of a candidate it deleted: the payload of a compact JWS signed by centre signing
 * (`signedTypes.deletion`). It names no person: who keeps it can show that it is of a candidate by the hash.
 */
export const deletionReceipt = z.looseObject({
  deletionId: opaqueId,
  tenantId,
  /** What was erased lay in this branch or below it. */
  branch: z.string(),
  /** sha256 of `tenantId candidateRef`, in hex. */
  candidateHash: z.string(),
  at: z.string(),
  orders: z.array(orderId),
  sessions: z.array(sessionId),
  erased: erasedRows,
  /** Orders that were still open: their devices are told to drop them. */
  cancelled: z.array(z.object({ orderId, deviceId })),
  /** Who holds something that the centre cannot take back: targets by what they got, devices until their retention ends. */
  unreached: z.array(
    z.discriminatedUnion("kind", [
      z.object({ kind: z.literal("target"), name: z.string(), got: z.array(z.enum(["result", "notice"])) }),
      z.object({ kind: z.literal("device"), name: deviceId, orders: z.array(orderId) }),
    ]),
  ),
});
export type DeletionReceipt = z.infer<typeof deletionReceipt>;
