import { Fault } from "../../contracts/fault.ts";
import type { EpochMillis } from "../../contracts/units.ts";
import { cellLength, type Slot } from "./opening.ts";
import type { HrStore, HrTables, Within } from "./store.ts";

export type Booking = HrTables["bookings"];
type OrderName = { tenantId: string; orderId: string };

const cellsOf = ({ startsAt, endsAt }: Slot): number[] => {
  const first = Math.floor(startsAt / cellLength);
  return Array.from({ length: Math.ceil(endsAt / cellLength) - first }, (_, at) => first + at);
};

export const bookingOf = (store: HrStore | Within, { tenantId, orderId }: OrderName): Promise<Booking | undefined> =>
  store
    .selectFrom("bookings")
    .selectAll()
    .where("tenantId", "=", tenantId)
    .where("orderId", "=", orderId)
    .executeTakeFirst();

/** Gives the slot of an order back, if it has one. */
export async function releaseSlot(within: Within, { tenantId, orderId }: OrderName): Promise<void> {
  const booking = await bookingOf(within, { tenantId, orderId });
  if (booking === undefined) return;
  const cells = within.deleteFrom("bookedCells").where("tenantId", "=", tenantId);
  await cells.where("bookingId", "=", booking.bookingId).execute();
  await within.deleteFrom("bookings").where("tenantId", "=", tenantId).where("orderId", "=", orderId).execute();
}

/**
 * Holds a slot for an order. The store's key over the cells lets one of any number of racing bookings win, whatever the
 * process that writes it. @throws Fault slot.taken
 */
export async function holdSlot(within: Within, booking: Booking): Promise<void> {
  const taken = new Fault("slot.taken", "this slot has been taken: choose another", { field: "startsAt" });
  const { tenantId, branch, deviceId, bookingId } = booking;
  const own = await within
    .insertInto("bookings")
    .values(booking)
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  if (own.numInsertedOrUpdatedRows !== 1n) throw taken;
  const cells = cellsOf(booking).map((cell) => ({ tenantId, branch, deviceId, cell, bookingId }));
  const held = await within
    .insertInto("bookedCells")
    .values(cells)
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  if (held.numInsertedOrUpdatedRows !== BigInt(cells.length)) throw taken;
}

/** An order that no longer is what its slot was booked for gives it back. */
export async function releaseOther(
  within: Within,
  order: OrderName & { deviceId: string; expiresAt: EpochMillis },
): Promise<void> {
  const booking = await bookingOf(within, order);
  if (booking === undefined) return;
  if (booking.deviceId === order.deviceId && booking.endsAt === order.expiresAt) return;
  await releaseSlot(within, order);
}

/** Which of a device's slots are free. */
export async function freeOf(
  store: HrStore,
  { tenantId, deviceId }: { tenantId: string; deviceId: string },
  slots: readonly Slot[],
): Promise<(Slot & { free: boolean })[]> {
  const [first, last] = [slots[0], slots.at(-1)];
  if (first === undefined || last === undefined) return [];
  const rows = await store
    .selectFrom("bookedCells")
    .select("cell")
    .where("tenantId", "=", tenantId)
    .where("deviceId", "=", deviceId)
    .where("cell", ">=", Math.floor(first.startsAt / cellLength))
    .where("cell", "<", Math.ceil(last.endsAt / cellLength))
    .execute();
  const held = new Set(rows.map(({ cell }) => cell));
  return slots.map((slot) => ({ ...slot, free: !cellsOf(slot).some((cell) => held.has(cell)) }));
}
