import { decodeJwt } from "jose";
import { type DeletionReceipt, deletionReceipt, type ErasedRows } from "../../contracts/deletion.ts";
import { signedTypes } from "../../contracts/envelope.ts";
import { Fault } from "../../contracts/fault.ts";
import type { EpochMillis } from "../../contracts/units.ts";
import { sha256 } from "../../runtime/canonical.ts";
import { timestamp } from "../../runtime/clock.ts";
import { parse } from "../../runtime/parse.ts";
import { sign } from "../../runtime/seal.ts";
import type { Caller } from "./access.ts";
import { record } from "./audit.ts";
import { dropCopies, eraseDocument, eraseScorecard } from "./erasing.ts";
import type { IssueOptions } from "./issue.ts";
import { type Cancellation, isOpen, keepCancellation, prepareCancellation } from "./orders.ts";
import { findPerson, type Person, parkedOf } from "./person.ts";
import { bookingOf, releaseSlot } from "./slots.ts";
import { erasedDocument, type HrStore, type HrTables, ofBranch, type Within } from "./store.ts";

type OrderRow = HrTables["orders"];
export type Deleted = { receipt: string; deletion: DeletionReceipt };
type Plan = Person & {
  tenantId: string;
  cancellations: ReadonlyMap<string, Cancellation>;
  parked: readonly HrTables["parked"][];
  at: EpochMillis;
};

const candidateHash = (tenantId: string, candidateRef: string): string => sha256(`${tenantId} ${candidateRef}`);

/** What nobody got, the order sealed to its device with it. A cancellation that is on its way stays. */
async function dropAbout(within: Within, row: OrderRow, at: EpochMillis): Promise<number> {
  const { tenantId, orderId: subject } = row;
  const kinds = ["status", "start", "help", "invitation"] as const;
  const told = row.state === "cancelled" ? (["status", "start", "help"] as const) : ([...kinds, "order"] as const);
  return dropCopies(within, { tenantId, subject, kinds: told, at });
}

async function dropApplications(within: Within, { tenantId, orderId }: OrderRow) {
  const mine = await within
    .deleteFrom("applications")
    .where("tenantId", "=", tenantId)
    .where("orderId", "=", orderId)
    .returning(["source", "applicationId"])
    .execute();
  let pullProblems = 0;
  for (const { source, applicationId } of mine) {
    const problems = within.deleteFrom("pullProblems").where("tenantId", "=", tenantId).where("source", "=", source);
    const { numDeletedRows } = await problems.where("applicationId", "=", applicationId).executeTakeFirstOrThrow();
    pullProblems += Number(numDeletedRows);
  }
  return { applications: mine.length, pullProblems };
}

/** Who stands at the device now may be calling: that call stays until the interview has ended. It holds ids and times. */
async function dropHelp(within: Within, { tenantId, orderId, state }: OrderRow): Promise<number> {
  if (state === "inInterview") return 0;
  const calls = within.deleteFrom("helpRequests").where("tenantId", "=", tenantId).where("orderId", "=", orderId);
  return Number((await calls.executeTakeFirstOrThrow()).numDeletedRows);
}

async function eraseOrder(within: Within, row: OrderRow, { cancellations, at }: Plan, use: IssueOptions) {
  const booked = (await bookingOf(within, row)) !== undefined;
  const outbox = await dropAbout(within, row, at);
  const cancellation = cancellations.get(row.orderId);
  // Targets are told of an order that names nobody any more.
  const told = { ...row, document: erasedDocument };
  if (cancellation === undefined) await releaseSlot(within, row);
  else await keepCancellation(within, { ...cancellation, told }, use.clock);
  const orders = await eraseDocument(within, { ...row, revision: cancellation?.revision ?? row.revision }, at);
  const helpRequests = await dropHelp(within, row);
  return {
    orders: Number(orders),
    bookings: Number(booked),
    outbox,
    helpRequests,
    ...(await dropApplications(within, row)),
  };
}

async function eraseSession(within: Within, sessionId: string, { tenantId, at }: Plan) {
  const cards = await within
    .selectFrom("scorecards")
    .select(["tenantId", "branch", "sessionId", "revision"])
    .where("tenantId", "=", tenantId)
    .where("sessionId", "=", sessionId)
    .execute();
  const sum = { scorecards: cards.length, judgements: 0, outbox: 0 };
  for (const card of cards) {
    const { judgements, outbox } = await eraseScorecard(within, card, at);
    sum.judgements += judgements;
    sum.outbox += outbox;
  }
  return sum;
}

async function eraseAll(within: Within, plan: Plan, use: IssueOptions): Promise<ErasedRows> {
  const erased: ErasedRows = {
    ...{ orders: 0, scorecards: 0, judgements: 0, bookings: 0, helpRequests: 0 },
    ...{ parked: 0, outbox: 0, applications: 0, pullProblems: 0 },
  };
  const add = (some: Partial<ErasedRows>): void => {
    for (const [name, count] of Object.entries(some) as [keyof ErasedRows, number][]) erased[name] += count;
  };
  for (const sessionId of plan.sessions) add(await eraseSession(within, sessionId, plan));
  for (const row of plan.orders) add(await eraseOrder(within, row, plan, use));
  for (const { tenantId, deviceId, eventId } of plan.parked) {
    const parked = within.deleteFrom("parked").where("tenantId", "=", tenantId).where("deviceId", "=", deviceId);
    add({ parked: Number((await parked.where("eventId", "=", eventId).executeTakeFirstOrThrow()).numDeletedRows) });
  }
  return erased;
}

/** Targets by what the audit says they got; calendars got no name, and are told of the cancellation. */
async function targetsReached(within: Within, { tenantId, orders, sessions }: Plan) {
  const subjects = [...orders.map(({ orderId }) => orderId), ...sessions];
  const rows = await within
    .selectFrom("audit")
    .select(["action", "facts"])
    .where("tenantId", "=", tenantId)
    .where("action", "in", ["result.delivered", "notice.delivered"])
    .where("subject", "in", subjects)
    .execute();
  const got = new Map<string, Set<"result" | "notice">>();
  for (const { action, facts } of rows) {
    const { target, effectKey } = JSON.parse(facts) as { target: string; effectKey: string };
    if (effectKey.includes("/invitation/")) continue;
    const kinds = got.get(target) ?? new Set();
    got.set(target, kinds.add(action === "result.delivered" ? "result" : "notice"));
  }
  return [...got].sort().map(([name, kinds]) => ({ kind: "target" as const, name, got: [...kinds].sort() }));
}

/** A device whose interview has begun keeps its sealed recording as long as the order's policy says. */
function devicesHolding({ orders, cancellations }: Plan) {
  const held = orders.filter(({ orderId, sessionId }) => sessionId !== null && !cancellations.has(orderId));
  const devices = [...new Set(held.map(({ deviceId }) => deviceId))].sort();
  return devices.map((name) => ({
    kind: "device" as const,
    name,
    orders: held.filter(({ deviceId }) => deviceId === name).map(({ orderId }) => orderId),
  }));
}

async function lastReceipt(store: HrStore, caller: Caller, hash: string): Promise<Deleted> {
  const row = await store
    .selectFrom("deletions")
    .select("receipt")
    .where("tenantId", "=", caller.tenantId)
    .where(ofBranch(caller.branch))
    .where("candidateHash", "=", hash)
    .orderBy("sequence", "desc")
    .executeTakeFirst();
  if (row === undefined) throw new Fault("candidate.unknown", "there is no such candidate here");
  const deletion = parse(deletionReceipt, decodeJwt(row.receipt), { what: "a stored receipt", otherwise: "internal" });
  return { receipt: row.receipt, deletion };
}

/** @throws Fault order.stale */
async function checkUnchanged(within: Within, plan: Plan, who: Parameters<typeof findPerson>[1]): Promise<void> {
  const facts = ({ orders, sessions }: Person): string =>
    JSON.stringify([orders.map(({ orderId, revision, state }) => [orderId, revision, state]), sessions]);
  if (facts(await findPerson(within, who)) !== facts(plan))
    throw new Fault("order.stale", "something of this candidate changed meanwhile: ask again");
}

async function keep(within: Within, { deletion, receipt }: Deleted, at: EpochMillis): Promise<void> {
  const { tenantId, branch, deletionId, candidateHash: hash, orders, sessions, erased } = deletion;
  await within
    .insertInto("deletions")
    .values({ tenantId, branch, deletionId, candidateHash: hash, receipt, at })
    .execute();
  for (const orderId of orders)
    await within
      .insertInto("deletedOrders")
      .values({ tenantId, branch, orderId, deletionId })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  const facts = { ...erased, named: orders.join(" "), sessions: sessions.join(" ") };
  await record(within, { tenantId, branch, at, action: "candidate.deleted", subject: deletionId, facts });
}

/**
 * Erases what the store holds of a candidate within the caller's branch, takes open orders back from their devices, and
 * says so in a signed receipt. Where nothing is left the last receipt is the answer.
 * @throws Fault candidate.unknown, order.stale
 */
export async function deleteCandidate(candidateRef: string, caller: Caller, use: IssueOptions): Promise<Deleted> {
  const { store, keys, clock } = use;
  const { tenantId, branch } = caller;
  const who = { candidateRef, caller };
  const hash = candidateHash(tenantId, candidateRef);
  const person = await findPerson(store, who);
  const parked = await parkedOf(store, person, { ...who, keys });
  if (person.orders.length === 0 && parked.length === 0) return lastReceipt(store, caller, hash);
  const cancellations = new Map<string, Cancellation>();
  for (const row of person.orders.filter(isOpen)) cancellations.set(row.orderId, await prepareCancellation(row, use));
  const at = clock.wall();
  const plan: Plan = { ...person, tenantId, cancellations, parked, at };
  return store.transaction().execute(async (within) => {
    await checkUnchanged(within, plan, who);
    const erased = await eraseAll(within, plan, use);
    const deletion: DeletionReceipt = {
      ...{ deletionId: clock.id(), tenantId, branch, candidateHash: hash, at: timestamp(at) },
      ...{ orders: person.orders.map(({ orderId }) => orderId), sessions: person.sessions, erased },
      cancelled: [...cancellations.values()].map(({ row: { orderId, deviceId } }) => ({ orderId, deviceId })),
      unreached: [...(await targetsReached(within, plan)), ...devicesHolding(plan)],
    };
    const receipt = await sign(deletion, { key: keys.centre, type: signedTypes.deletion });
    await keep(within, { deletion, receipt }, at);
    return { receipt, deletion };
  });
}
