import { type Order, order as orderShape } from "../../contracts/order.ts";
import { type Clock, timestamp } from "../../runtime/clock.ts";
import { parseJson } from "../../runtime/parse.ts";
import { type Invitation, invitationType } from "../adapters/invitation.ts";
import { orderEvent, targetsThatWant } from "./notices.ts";
import { enqueue } from "./outbox.ts";
import { bookingOf } from "./slots.ts";
import { erasedDocument, type HrTables, type Within } from "./store.ts";

type OrderRow = HrTables["orders"];
type Slot = Pick<Invitation, "language" | "deviceId" | "startsAt" | "endsAt" | "checkInFrom">;

/** An order with a time to begin has a slot; one that is open until it expires has none. */
function slotOf(row: OrderRow | undefined): Slot | undefined {
  if (row === undefined || row.document === erasedDocument || row.state === "cancelled") return undefined;
  const order: Order = parseJson(orderShape, row.document, { what: "a stored order", otherwise: "internal" });
  const { language, deviceId, notBefore, expiresAt } = order;
  return notBefore === undefined ? undefined : { language, deviceId, startsAt: notBefore, endsAt: expiresAt };
}

/** A booked slot begins later than its candidate may check in. */
async function withBooking(within: Within, row: OrderRow, slot: Slot | undefined): Promise<Slot | undefined> {
  const booking = slot === undefined ? undefined : await bookingOf(within, row);
  if (slot === undefined || booking === undefined) return slot;
  return { ...slot, startsAt: timestamp(booking.startsAt), checkInFrom: slot.startsAt };
}

/**
 * Tells calendars of a change of an order's slot, in the transaction that makes it: `now` is the order after it, under
 * the revision that the change has, `before` as it stood until then.
 */
export async function tellCalendars(
  within: Within,
  { before, now }: { before: OrderRow | undefined; now: OrderRow },
  clock: Clock,
): Promise<void> {
  const booked = await withBooking(within, now, slotOf(now));
  const slot = booked ?? slotOf(before);
  if (slot === undefined) return;
  const { tenantId, branch, orderId, revision } = now;
  const effectKey = `${tenantId}/${orderId}/invitation/${revision}`;
  const state = booked === undefined ? "cancelled" : "booked";
  const data = { tenantId, orderId, revision, state, ...slot } satisfies Invitation;
  const body = orderEvent({ tenantId, effectKey, type: invitationType, orderId, at: clock.wall(), data });
  for (const { name: target } of await targetsThatWant(within, { tenantId, branch, kind: "invitation" }))
    await enqueue(within, { tenantId, branch, kind: "invitation", target, effectKey, subject: orderId, body }, clock);
}
