import { Fault } from "../../contracts/fault.ts";
import { type Order, type OrderRequest, order as orderShape } from "../../contracts/order.ts";
import { days, type EpochMillis, minutes } from "../../contracts/units.ts";
import { timestamp } from "../../runtime/clock.ts";
import { parse, parseJson } from "../../runtime/parse.ts";
import type { Caller } from "./access.ts";
import { record } from "./audit.ts";
import type { IssueOptions } from "./issue.ts";
import { type OpeningHours, openingHours, type Slot, slotsBetween } from "./opening.ts";
import { findOrder, keepPrepared, type OrderRow, prepareOrder, sendPrepared } from "./orders.ts";
import { type Booking, bookingOf, freeOf, holdSlot, releaseSlot } from "./slots.ts";
import { erasedDocument, type HrStore, isWithin, type Within } from "./store.ts";

type Using = { caller: Caller; issue: IssueOptions };
export type Booked = { booking: Booking; revision: number; created: boolean };

async function hoursRow(store: HrStore, { tenantId, branch }: Caller, deviceId: string) {
  const row = await store
    .selectFrom("openingHours")
    .selectAll()
    .where("tenantId", "=", tenantId)
    .where("deviceId", "=", deviceId)
    .executeTakeFirst();
  // A device may serve the branches above and below the one that set its hours.
  const seen = row !== undefined && (isWithin(row.branch, branch) || isWithin(branch, row.branch));
  return { row, seen };
}

/** Says when a device takes candidates. Bookings that are there stay. @throws Fault config.invalid, token.scope */
export async function setHours(deviceId: string, body: unknown, { caller, issue }: Using): Promise<void> {
  const hours = parse(openingHours, body, { what: "the opening hours", otherwise: "config.invalid" });
  const { row: there } = await hoursRow(issue.store, caller, deviceId);
  if (there !== undefined && !isWithin(there.branch, caller.branch))
    throw new Fault("token.scope", "the hours of this device were set by a branch beyond this token");
  const { tenantId, branch } = caller;
  const row = { tenantId, branch, deviceId, document: JSON.stringify(hours) };
  await issue.store
    .insertInto("openingHours")
    .values(row)
    .onConflict((conflict) => conflict.columns(["tenantId", "deviceId"]).doUpdateSet(row))
    .execute();
}

/** @throws Fault device.unknown */
async function hoursOf(store: HrStore, caller: Caller, deviceId: string): Promise<OpeningHours> {
  const { row, seen } = await hoursRow(store, caller, deviceId);
  if (row === undefined || !seen)
    throw new Fault("device.unknown", "this device has no opening hours: set them at /v1/devices/{deviceId}/hours");
  return parseJson(openingHours, row.document, { what: "stored opening hours", otherwise: "internal" });
}

/** Slots that are still to come, of 31 days at most. @throws Fault device.unknown */
export async function slotsOf(
  deviceId: string,
  span: { from: EpochMillis | undefined; until: EpochMillis | undefined },
  { caller, issue }: Using,
): Promise<(Slot & { free: boolean })[]> {
  const hours = await hoursOf(issue.store, caller, deviceId);
  const from = Math.max(span.from ?? 0, issue.clock.wall());
  const until = Math.min(span.until ?? from + days(7), from + days(31));
  return freeOf(issue.store, { tenantId: caller.tenantId, deviceId }, slotsBetween(hours, from, until));
}

function requestOf(document: Order, times: Pick<OrderRequest, "notBefore" | "expiresAt">): OrderRequest {
  const { orderId, deviceId, revision, candidate, role, language, rubric, policy, accommodation } = document;
  return {
    ...{ orderId, deviceId, revision: revision + 1, candidate, role, language, rubric, policy },
    ...(accommodation === undefined ? {} : { accommodation }),
    ...{ external: document.external, branch: document.branch },
    ...times,
  };
}

type Open = { row: OrderRow; document: Order; there: Booking | undefined };

/** @throws Fault order.unknown, order.finished, order.cancelled */
async function openOrder(orderId: string, { caller, issue }: Using): Promise<Open> {
  const row = await findOrder(issue.store, caller, orderId);
  if (row.document === erasedDocument) throw new Fault("order.finished", "this order has been erased: place a new one");
  const document = parseJson(orderShape, row.document, { what: "a stored order", otherwise: "internal" });
  return { row, document, there: await bookingOf(issue.store, row) };
}

/** When the candidate may come at all: as the order said before a slot was booked. */
function windowOf({ document, there }: Open): { openFrom: number | null; openUntil: number } {
  if (there !== undefined) return { openFrom: there.openFrom, openUntil: there.openUntil };
  return {
    openFrom: document.notBefore === undefined ? null : Date.parse(document.notBefore),
    openUntil: Date.parse(document.expiresAt),
  };
}

/** @throws Fault slot.unknown */
function slotAt(startsAt: EpochMillis, hours: OpeningHours, open: Open, now: EpochMillis): Slot {
  const [slot] = slotsBetween(hours, startsAt, startsAt + 1);
  const { openFrom, openUntil } = windowOf(open);
  const fault = (why: string): Fault =>
    new Fault("slot.unknown", `${why}: choose one of the device's slots`, { field: "startsAt" });
  if (slot === undefined) throw fault("no slot of this device begins then");
  if (slot.startsAt <= now) throw fault("this slot has begun");
  if (slot.startsAt < (openFrom ?? 0) || slot.endsAt > openUntil)
    throw fault("this slot lies outside the time of the order");
  return slot;
}

/** Another request for the same order may have come first. @throws Fault order.stale */
async function unchanged(within: Within, { row, there }: Open): Promise<void> {
  const now = await bookingOf(within, row);
  if (now?.bookingId !== there?.bookingId)
    throw new Fault("order.stale", "the booking of this order changed meanwhile: read it and try again");
}

/**
 * Books a slot of the order's device, or moves to another: one of racing bookings wins. The order gets a higher revision
 * with the slot as its time, so that every earlier check-in code is void.
 * @throws Fault order.*, device.unknown, slot.unknown, slot.taken
 */
export async function bookSlot(orderId: string, startsAt: EpochMillis, use: Using): Promise<Booked> {
  const { caller, issue } = use;
  const { store, clock } = issue;
  const open = await openOrder(orderId, use);
  const { row, document, there } = open;
  if (there?.startsAt === startsAt) return { booking: there, revision: row.revision, created: false };
  const hours = await hoursOf(store, caller, row.deviceId);
  const slot = slotAt(startsAt, hours, open, clock.wall());
  const times = {
    notBefore: timestamp(slot.startsAt - minutes(hours.earlyMinutes)),
    expiresAt: timestamp(slot.endsAt),
  };
  const prepared = await prepareOrder(requestOf({ ...document, revision: row.revision }, times), caller, issue);
  const { tenantId, branch, deviceId } = row;
  const bookingId = clock.id();
  const booking = { tenantId, branch, orderId, bookingId, deviceId, ...slot, ...windowOf(open) };
  await store.transaction().execute(async (within) => {
    await unchanged(within, open);
    await releaseSlot(within, row);
    await holdSlot(within, booking);
    await keepPrepared(within, prepared, clock);
    const action = there === undefined ? "booking.made" : "booking.moved";
    const facts = { bookingId, deviceId, startsAt: timestamp(slot.startsAt) };
    await record(within, { tenantId, branch, at: clock.wall(), action, subject: orderId, facts });
  });
  await sendPrepared([prepared], issue);
  return { booking, revision: prepared.summary.revision, created: there === undefined };
}

/** Gives the slot back; the order is open again as it was before, under a higher revision. @throws Fault order.*, slot.unknown */
export async function cancelBooking(orderId: string, use: Using): Promise<{ orderId: string; revision: number }> {
  const { caller, issue } = use;
  const { store, clock } = issue;
  const open = await openOrder(orderId, use);
  const { row, document, there } = open;
  if (there === undefined) throw new Fault("slot.unknown", "this order has no slot");
  const { openFrom, openUntil } = there;
  const times = {
    ...(openFrom === null ? {} : { notBefore: timestamp(openFrom) }),
    expiresAt: timestamp(openUntil),
  };
  const prepared = await prepareOrder(requestOf({ ...document, revision: row.revision }, times), caller, issue);
  const { tenantId, branch } = row;
  await store.transaction().execute(async (within) => {
    await unchanged(within, open);
    await releaseSlot(within, row);
    await keepPrepared(within, prepared, clock);
    const facts = { bookingId: there.bookingId, deviceId: there.deviceId };
    await record(within, { tenantId, branch, at: clock.wall(), action: "booking.cancelled", subject: orderId, facts });
  });
  await sendPrepared([prepared], issue);
  return { orderId, revision: prepared.summary.revision };
}
