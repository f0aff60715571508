import { Fault } from "../../contracts/fault.ts";
import { type Order, type OrderRequest, type OrderState, orderRequest } from "../../contracts/order.ts";
import { stalePrompt } from "../../contracts/prompt.ts";
import type { EpochMillis } from "../../contracts/units.ts";
import { contentHash, sha256 } from "../../runtime/canonical.ts";
import { type Clock, timestamp } from "../../runtime/clock.ts";
import { parse } from "../../runtime/parse.ts";
import { publicHalf } from "../../runtime/seal.ts";
import { branchPath, type Caller } from "./access.ts";
import { record } from "./audit.ts";
import { tellCalendars } from "./invitations.ts";
import {
  announcedKey,
  enqueueDown,
  type IssueOptions,
  issueWaiting,
  type Sealed,
  sealCancellation,
  sealOrder,
} from "./issue.ts";
import { releaseOther, releaseSlot } from "./slots.ts";
import { tellStatus } from "./status.ts";
import { type HrStore, type HrTables, isWithin, ofBranch, orderOf, type Within } from "./store.ts";

export type OrderRow = HrTables["orders"];
export type OrderSummary = { orderId: string; revision: number; state: OrderState };
export type Placed = OrderSummary & { created: boolean };

/** Its interview has neither begun nor ended. A device that could not use the order has refused it before any session. */
export const isOpen = ({ state, sessionId }: Pick<OrderRow, "state" | "sessionId">): boolean =>
  state === "waiting" || state === "delivered" || state === "expired" || (state === "refused" && sessionId === null);

/** What may happen to an order that is there when a request names it. */
export type Verdict = "new" | "same" | "supersede";

/**
 * Pure: the same revision with the same content is the same order; a higher one supersedes until the interview begins,
 * also one that the device refused.
 * @throws Fault order.stale, order.cancelled, order.finished, order.otherDevice
 */
export function judge(
  there: OrderRow | undefined,
  asked: Pick<OrderRow, "revision" | "contentHash" | "deviceId">,
): Verdict {
  if (there === undefined) return "new";
  if (asked.revision === there.revision && asked.contentHash === there.contentHash) return "same";
  if (there.state === "cancelled") throw new Fault("order.cancelled", "this order was cancelled: place a new one");
  if (asked.revision <= there.revision)
    throw new Fault("order.stale", `revision ${there.revision} is there with other content: send a higher one`, {
      field: "revision",
    });
  if (!isOpen(there))
    throw new Fault(
      "order.finished",
      `the interview of this order has begun or ended (${there.state}): place a new one`,
    );
  if (asked.deviceId !== there.deviceId)
    throw new Fault("order.otherDevice", "this order went to another device: cancel it and place a new one", {
      field: "deviceId",
    });
  return "supersede";
}

/** The state a reader is told: what nobody came for in time has expired. */
export const stateAt = (row: Pick<OrderRow, "state" | "expiresAt">, now: EpochMillis): OrderState =>
  (row.state === "waiting" || row.state === "delivered") && now > row.expiresAt ? "expired" : row.state;

/** @throws Fault rubric.prompt for sound that says something else than the page shows */
function checkPrompts({ rubric }: OrderRequest): void {
  const stale = stalePrompt(rubric, sha256);
  if (stale === undefined) return;
  const field = `rubric.${stale}`;
  throw new Fault(
    "rubric.prompt",
    `the order: ${field}: the prompt is of an older text: run candor bank render again`,
    {
      field,
    },
  );
}

/** Times, branch and prompts of an order request that a schema cannot say. */
function checkRequest(request: OrderRequest, caller: Caller, now: EpochMillis): void {
  const expiry = Date.parse(request.expiresAt);
  if (expiry <= now) throw new Fault("order.invalid", "the order: expiresAt lies in the past", { field: "expiresAt" });
  if (request.notBefore !== undefined && Date.parse(request.notBefore) >= expiry)
    throw new Fault("order.invalid", "the order: notBefore is not before expiresAt", { field: "notBefore" });
  parse(branchPath, request.branch, { what: "the order's branch", otherwise: "order.invalid" });
  if (!isWithin(request.branch, caller.branch))
    throw new Fault("token.scope", `this token reaches no further than branch ${caller.branch}`, { field: "branch" });
  checkPrompts(request);
}

/** @throws Fault order.unknown, also for an order of a branch that the caller may not see */
export async function findOrder(store: HrStore, caller: Caller, orderId: string): Promise<OrderRow> {
  const row = await orderOf(store, { tenantId: caller.tenantId, orderId });
  if (row === undefined || !isWithin(row.branch, caller.branch))
    throw new Fault("order.unknown", "there is no such order");
  return row;
}

function complete(
  request: OrderRequest,
  orderId: string,
  { caller, keys, clock }: IssueOptions & { caller: Caller },
): Order {
  return {
    ...request,
    orderId,
    tenantId: caller.tenantId,
    rubricHash: contentHash(request.rubric),
    policyHash: contentHash(request.policy),
    recipients: [publicHalf(keys.encryption), keys.recovery],
    issuedAt: timestamp(clock.wall()),
  };
}

type Asked = { orderId: string; revision: number; deviceId: string; contentHash: string };

function newRow(document: Order, asked: Asked, sealed: Sealed | undefined): OrderRow {
  return {
    ...{ tenantId: document.tenantId, branch: document.branch, ...asked },
    document: JSON.stringify(document),
    state: "waiting",
    eventId: sealed?.eventId ?? null,
    sealedTo: sealed?.sealedTo ?? null,
    issuedAt: Date.parse(document.issuedAt),
    expiresAt: Date.parse(document.expiresAt),
    ...{ sessionId: null, sessionRevision: null, deliveredAt: null, startedAt: null, endedAt: null, cancelledAt: null },
    fault: null,
  };
}

/** An order that may be taken: what is to be kept, or what is there already. */
export type Prepared = { verdict: Verdict; summary: OrderSummary; row?: OrderRow; sealed?: Sealed | undefined };

/** Checks and seals an order; writes nothing. @throws Fault order.*, rubric.*, token.scope */
export async function prepareOrder(body: unknown, caller: Caller, use: IssueOptions): Promise<Prepared> {
  const { store, clock } = use;
  const request = parse(orderRequest, body, { what: "the order", otherwise: "order.invalid" });
  const now = clock.wall();
  checkRequest(request, caller, now);
  const { revision, deviceId } = request;
  const orderId = request.orderId ?? clock.id();
  const asked = { orderId, revision, deviceId, contentHash: contentHash({ ...request, orderId }) };
  const there = await orderOf(store, { tenantId: caller.tenantId, orderId });
  if (there !== undefined && !isWithin(there.branch, caller.branch))
    throw new Fault("order.stale", "this order id is taken: choose another", { field: "orderId" });
  const verdict = judge(there, asked);
  if (there !== undefined && verdict === "same")
    return { verdict, summary: { orderId, revision, state: stateAt(there, now) } };
  const document = complete(request, orderId, { ...use, caller });
  const key = await announcedKey(store, { tenantId: caller.tenantId, deviceId });
  const sealed = key === undefined ? undefined : await sealOrder(key, document, use);
  return { verdict, summary: { orderId, revision, state: "waiting" }, row: newRow(document, asked, sealed), sealed };
}

/** Keeps an order, its way to the device and the audit's entry, within one transaction with whatever rests on it. */
export async function keepPrepared(within: Within, { row, sealed }: Prepared, clock: Clock): Promise<Verdict> {
  if (row === undefined) return "same";
  const { tenantId, branch, orderId: subject, revision, deviceId, contentHash: content } = row;
  // Judged once more inside: another request may have come first.
  const before = await orderOf(within, { tenantId, orderId: subject });
  const verdict = judge(before, row);
  if (verdict === "same") return verdict;
  await within
    .insertInto("orders")
    .values(row)
    .onConflict((conflict) => conflict.columns(["tenantId", "orderId"]).doUpdateSet(row))
    .execute();
  await releaseOther(within, row);
  if (sealed !== undefined) await enqueueDown(within, row, { sealed, clock });
  await tellStatus(within, row, { state: "waiting", sessionId: null, at: row.issuedAt, clock });
  await tellCalendars(within, { before, now: row }, clock);
  const facts = { revision, deviceId, content };
  await record(within, { tenantId, branch, at: row.issuedAt, action: "order.received", subject, facts });
  return verdict;
}

/** What could not be sealed when it was prepared: its device may have come up while it was written. */
export async function sendPrepared(prepared: readonly Prepared[], use: IssueOptions): Promise<void> {
  const late = prepared.filter(({ row, sealed }) => row !== undefined && sealed === undefined);
  const devices = new Map(late.flatMap(({ row }) => (row === undefined ? [] : [[row.deviceId, row.tenantId]])));
  for (const [deviceId, tenantId] of devices) await issueWaiting({ tenantId, deviceId }, use);
}

/** Takes an order. @throws Fault order.*, rubric.*, token.scope */
export async function placeOrder(body: unknown, caller: Caller, use: IssueOptions): Promise<Placed> {
  const prepared = await prepareOrder(body, caller, use);
  const kept = await use.store.transaction().execute((within) => keepPrepared(within, prepared, use.clock));
  await sendPrepared([prepared], use);
  return { ...prepared.summary, created: kept !== "same" };
}

export type Cancellation = { row: OrderRow; revision: number; at: EpochMillis; sealed: Sealed | undefined };

/** Seals what takes an order back from its device; writes nothing. */
export async function prepareCancellation(row: OrderRow, use: IssueOptions): Promise<Cancellation> {
  const { tenantId, orderId, deviceId } = row;
  const [revision, at] = [row.revision + 1, use.clock.wall()];
  const key = row.eventId === null ? undefined : await announcedKey(use.store, row);
  const content = { orderId, tenantId, deviceId, revision, issuedAt: timestamp(at) };
  const sealed = key === undefined ? undefined : await sealCancellation(key, content, use);
  return { row, revision, at, sealed };
}

/** `told` is the order as targets are told of it. @throws Fault order.stale */
export async function keepCancellation(
  within: Within,
  { row, revision, at, sealed, told = row }: Cancellation & { told?: OrderRow },
  clock: Clock,
): Promise<void> {
  const { tenantId, branch, orderId, deviceId } = row;
  const changed = await within
    .updateTable("orders")
    .set({
      state: "cancelled",
      revision,
      cancelledAt: at,
      ...(sealed === undefined ? {} : { eventId: sealed.eventId }),
    })
    .where("tenantId", "=", tenantId)
    .where("orderId", "=", orderId)
    .where("revision", "=", row.revision)
    .where("state", "=", row.state)
    .executeTakeFirst();
  if (changed.numUpdatedRows === 0n)
    throw new Fault("order.stale", "the order changed meanwhile: read it and cancel again");
  if (sealed !== undefined) await enqueueDown(within, row, { sealed, clock });
  await releaseSlot(within, row);
  await tellStatus(within, told, { state: "cancelled", sessionId: row.sessionId, at, clock });
  await tellCalendars(within, { before: row, now: { ...row, state: "cancelled", revision } }, clock);
  const facts = { revision, deviceId };
  await record(within, { tenantId, branch, at, action: "order.cancelled", subject: orderId, facts });
}

/** Takes an order back, with the next revision. Cancelled again is the same. @throws Fault order.unknown, order.finished */
export async function cancelOrder(orderId: string, caller: Caller, use: IssueOptions): Promise<OrderSummary> {
  const { store, clock } = use;
  const row = await findOrder(store, caller, orderId);
  if (row.state === "cancelled") return { orderId, revision: row.revision, state: "cancelled" };
  if (!isOpen(row))
    throw new Fault(
      "order.finished",
      `the interview of this order has begun or ended (${row.state}): it cannot be cancelled`,
    );
  const cancellation = await prepareCancellation(row, use);
  await store.transaction().execute((within) => keepCancellation(within, cancellation, clock));
  return { orderId, revision: cancellation.revision, state: "cancelled" };
}

/** Marks what nobody came for, and says so. */
export async function expireOrders(store: HrStore, clock: Clock): Promise<void> {
  const now = clock.wall();
  const due = await store
    .selectFrom("orders")
    .select(["tenantId", "branch", "orderId", "deviceId", "document", "revision"])
    .where("state", "in", ["waiting", "delivered"])
    .where("expiresAt", "<", now)
    .execute();
  for (const row of due)
    await store.transaction().execute(async (within) => {
      const changed = await within
        .updateTable("orders")
        .set({ state: "expired" })
        .where("tenantId", "=", row.tenantId)
        .where("orderId", "=", row.orderId)
        .where("revision", "=", row.revision)
        .where("state", "in", ["waiting", "delivered"])
        .executeTakeFirst();
      if (changed.numUpdatedRows === 0n) return;
      await tellStatus(within, row, { state: "expired", sessionId: null, at: now, clock });
    });
}

export const ordersOf = (store: HrStore, caller: Caller): Promise<OrderRow[]> =>
  store
    .selectFrom("orders")
    .selectAll()
    .where("tenantId", "=", caller.tenantId)
    .where(ofBranch(caller.branch))
    .orderBy("issuedAt", "desc")
    .limit(500)
    .execute();
