import type { EpochMillis } from "../../contracts/units.ts";
import { canonicalJson, sha256 } from "../../runtime/canonical.ts";
import type { HrStore, HrTables, Within } from "./store.ts";

export const auditActions = [
  "order.received",
  "order.delivered",
  "order.refused",
  "order.cancelled",
  "order.erased",
  "checkIn.made",
  "interview.begun",
  "interview.ended",
  "scorecard.accepted",
  "consent.refused",
  "consent.withdrawn",
  "event.parked",
  "event.replayed",
  "booking.made",
  "booking.moved",
  "booking.cancelled",
  "help.called",
  "help.withdrawn",
  "help.taken",
  "help.closed",
  "notice.delivered",
  "notice.dead",
  "result.delivered",
  "result.dead",
  "result.replayed",
  "scorecard.erased",
  "scorecard.dropped",
  "scorecard.rated",
  "scorecard.overridden",
  "candidate.deleted",
  "account.created",
  "account.changed",
  "account.disabled",
  "account.signedIn",
  "account.refused",
] as const;
export type AuditAction = (typeof auditActions)[number];

/** `subject` is an order, session, event or account id; `facts` are ids, codes, counts and reasons of our own, never a person's words. */
export type AuditEntry = {
  tenantId: string;
  branch: string;
  at: EpochMillis;
  action: AuditAction;
  subject: string;
  facts: Readonly<Record<string, string | number | boolean | null>>;
};
type Row = HrTables["audit"];

const first = "0".repeat(64);

/** sha256 of the row's canonical JSON without its own hash; `prev` is in it, so that no earlier row can be changed unseen. */
const hashOf = ({ hash: _, ...row }: Row): string => sha256(canonicalJson(row));

/** Appends to the tenant's chain, in the transaction of what it tells of. */
export async function record(within: Within, { facts, ...entry }: AuditEntry): Promise<void> {
  const last = await within
    .selectFrom("audit")
    .select(["seq", "hash"])
    .where("tenantId", "=", entry.tenantId)
    .orderBy("seq", "desc")
    .limit(1)
    .executeTakeFirst();
  const row = { ...entry, seq: (last?.seq ?? 0) + 1, facts: canonicalJson(facts), prev: last?.hash ?? first, hash: "" };
  await within
    .insertInto("audit")
    .values({ ...row, hash: hashOf(row) })
    .execute();
}

/** Whether the rows of one tenant, from its first on, are all there and unchanged. */
export function chainHolds(rows: readonly Row[]): boolean {
  let prev = first;
  for (const [at, row] of rows.entries()) {
    if (row.seq !== at + 1 || row.prev !== prev || row.hash !== hashOf(row)) return false;
    prev = row.hash;
  }
  return true;
}

export const auditOf = (store: HrStore, tenantId: string): Promise<Row[]> =>
  store.selectFrom("audit").selectAll().where("tenantId", "=", tenantId).orderBy("seq").execute();
