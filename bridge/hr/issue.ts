import type { Envelope } from "../../contracts/envelope.ts";
import { eventTypes, type OrderEvent, signedTypes } from "../../contracts/envelope.ts";
import type { Order, OrderCancellation } from "../../contracts/order.ts";
import { order as orderShape } from "../../contracts/order.ts";
import { type PublicKey, publicKey } from "../../contracts/policy.ts";
import type { Clock } from "../../runtime/clock.ts";
import { parseJson } from "../../runtime/parse.ts";
import { seal, sign } from "../../runtime/seal.ts";
import type { DownMessage } from "../internal.ts";
import type { HrKeys } from "../keys.ts";
import type { Wrap } from "../outgoing.ts";
import { enqueue, relayTarget } from "./outbox.ts";
import type { HrStore, HrTables, HrWrite, Within } from "./store.ts";

export type IssueOptions = { store: HrStore; write: HrWrite; keys: HrKeys; wrap: Wrap; clock: Clock };
type Sealable = { tenantId: string; deviceId: string; orderId: string; revision: number };
export type Sealed = { eventId: string; sealedTo: string; envelope: Envelope };

/** Signs inside, seals to the device, signs outside: relay can check whose it is and reads nothing. */
async function sealFor(
  device: PublicKey,
  content: Sealable,
  use: IssueOptions & { innerType: string; type: string },
): Promise<Sealed> {
  const { keys, wrap, clock } = use;
  const eventId = clock.id();
  const { tenantId, deviceId, orderId, revision } = content;
  const inner = await sign(content, { key: keys.centre, type: use.innerType });
  const sealed = { ...(await seal(inner, [device])) };
  const outer: OrderEvent = { tenantId, deviceId, eventId, orderId, revision, sealed };
  const data = await sign(outer, { key: keys.centre, type: signedTypes.event });
  return { eventId, sealedTo: device.kid, envelope: wrap({ tenantId, eventId, type: use.type, data }) };
}

export const sealOrder = (device: PublicKey, order: Order, use: IssueOptions): Promise<Sealed> =>
  sealFor(device, order, { ...use, innerType: signedTypes.order, type: eventTypes.order });

export const sealCancellation = (
  device: PublicKey,
  cancellation: OrderCancellation,
  use: IssueOptions,
): Promise<Sealed> =>
  sealFor(device, cancellation, { ...use, innerType: signedTypes.cancellation, type: eventTypes.orderCancelled });

/** The key that a device announced at its newest birth, or undefined where it has not come up yet. */
export async function announcedKey(
  store: HrStore,
  device: { tenantId: string; deviceId: string },
): Promise<PublicKey | undefined> {
  const row = await store
    .selectFrom("devices")
    .select("encryptionKey")
    .where("tenantId", "=", device.tenantId)
    .where("deviceId", "=", device.deviceId)
    .executeTakeFirst();
  return row === undefined
    ? undefined
    : parseJson(publicKey, row.encryptionKey, { what: "the device's key", otherwise: "internal" });
}

type OrderRow = Pick<HrTables["orders"], "tenantId" | "branch" | "orderId" | "deviceId" | "expiresAt">;

/** Puts a sealed event on its way to relay, in the transaction that says so of the order. */
export async function enqueueDown(
  within: Within,
  row: OrderRow,
  { sealed, clock }: { sealed: Sealed; clock: Clock },
): Promise<void> {
  const { tenantId, branch, orderId, deviceId, expiresAt } = row;
  const body = JSON.stringify({ deviceId, branch, envelope: sealed.envelope, expiresAt } satisfies DownMessage);
  await enqueue(
    within,
    { tenantId, branch, kind: "order", target: relayTarget, effectKey: sealed.eventId, subject: orderId, body },
    clock,
  );
}

/** Orders of a device that are not sealed to the key it has now: never sent, or it came up with another key. */
const outdated = (store: HrStore, device: { tenantId: string; deviceId: string; kid: string }) =>
  store
    .selectFrom("orders")
    .selectAll()
    .where("tenantId", "=", device.tenantId)
    .where("deviceId", "=", device.deviceId)
    .where("state", "in", ["waiting", "delivered"])
    .where((row) => row.or([row("sealedTo", "is", null), row("sealedTo", "!=", device.kid)]));

/** Seals and sends what waited for a device to come up. Hands back how many went. */
export async function issueWaiting(device: { tenantId: string; deviceId: string }, use: IssueOptions): Promise<number> {
  const { store, clock } = use;
  const key = await announcedKey(store, device);
  if (key === undefined) return 0;
  const rows = await outdated(store, { ...device, kid: key.kid })
    .where("expiresAt", ">", clock.wall())
    .execute();
  for (const row of rows) {
    const document = parseJson(orderShape, row.document, { what: "a stored order", otherwise: "internal" });
    const sealed = await sealOrder(key, document, use);
    await store.transaction().execute(async (within) => {
      const mine = within.updateTable("orders").where("tenantId", "=", row.tenantId).where("orderId", "=", row.orderId);
      const changed = await mine
        .set({ eventId: sealed.eventId, sealedTo: sealed.sealedTo, state: "waiting" })
        .where("revision", "=", row.revision)
        .where("state", "in", ["waiting", "delivered"])
        .executeTakeFirst();
      if (changed.numUpdatedRows > 0n) await enqueueDown(within, row, { sealed, clock });
    });
  }
  return rows.length;
}

/** At start: devices whose birth was stored just before an earlier run ended. */
export async function issueAllWaiting(use: IssueOptions): Promise<number> {
  const devices = await use.store.selectFrom("devices").select(["tenantId", "deviceId"]).execute();
  let sent = 0;
  for (const device of devices) sent += await issueWaiting(device, use);
  return sent;
}
