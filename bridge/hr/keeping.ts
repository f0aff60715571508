import { type Expression, type SqlBool, sql } from "kysely";
import { days, type EpochMillis } from "../../contracts/units.ts";
import type { Clock } from "../../runtime/clock.ts";
import { numberWithin } from "../postgres.ts";
import { record } from "./audit.ts";
import { expireOrders } from "./orders.ts";
import { erasedDocument, type HrStore } from "./store.ts";

/**
 * What time does: orders that nobody came for expire; scorecards are erased when their policy's retention has run out
 * since receipt, with the copies that still waited to be delivered; so are the documents of orders, which name the
 * candidate. The audit says so. Hands back how many scorecards were erased.
 */
export async function keepTime(store: HrStore, clock: Clock): Promise<number> {
  const now = clock.wall();
  await expireOrders(store, clock);
  await eraseDocuments(store, now);
  return eraseScorecards(store, now);
}

async function eraseScorecards(store: HrStore, now: EpochMillis): Promise<number> {
  const due = await store
    .selectFrom("scorecards")
    .select(["tenantId", "branch", "sessionId", "revision"])
    .where("expiresAt", "<=", now)
    .execute();
  for (const { tenantId, branch, sessionId, revision } of due)
    await store.transaction().execute(async (within) => {
      const scorecards = within
        .deleteFrom("scorecards")
        .where("tenantId", "=", tenantId)
        .where("sessionId", "=", sessionId);
      await scorecards.where("revision", "=", revision).execute();
      const judged = within.deleteFrom("judgements").where("tenantId", "=", tenantId);
      await judged.where("sessionId", "=", sessionId).where("scorecardRevision", "=", revision).execute();
      const copies = within.deleteFrom("outbox").where("tenantId", "=", tenantId).where("kind", "=", "result");
      await copies.where("subject", "=", sessionId).execute();
      await record(within, {
        tenantId,
        branch,
        at: now,
        action: "scorecard.erased",
        subject: sessionId,
        facts: { revision },
      });
    });
  return due.length;
}

/** The order's `scorecardDays` have run out since it ended: was done, was taken back, or expired. */
const documentDue = (store: HrStore, now: EpochMillis): Expression<SqlBool> => {
  const ended = sql`coalesce("endedAt", "cancelledAt", "expiresAt")`;
  // An erased document is no JSON: null, which no comparison holds for.
  const kept = numberWithin(store, sql`nullif("document", ${erasedDocument})`, [
    "policy",
    "retention",
    "scorecardDays",
  ]);
  return sql<SqlBool>`${ended} + ${kept} * ${days(1)} <= ${now}`;
};

async function eraseDocuments(store: HrStore, now: EpochMillis): Promise<void> {
  const due = await store
    .selectFrom("orders")
    .select(["tenantId", "branch", "orderId", "revision"])
    .where(documentDue(store, now))
    .execute();
  for (const { tenantId, branch, orderId, revision } of due)
    await store.transaction().execute(async (within) => {
      const changed = await within
        .updateTable("orders")
        .set({ document: erasedDocument })
        .where("tenantId", "=", tenantId)
        .where("orderId", "=", orderId)
        .where("revision", "=", revision)
        .executeTakeFirst();
      if (changed.numUpdatedRows === 0n) return;
      // What waited to be told of it names the candidate's references.
      const notices = within.deleteFrom("outbox").where("tenantId", "=", tenantId).where("subject", "=", orderId);
      await notices.where("kind", "in", ["status", "start", "help"]).execute();
      await record(within, {
        tenantId,
        branch,
        at: now,
        action: "order.erased",
        subject: orderId,
        facts: { revision },
      });
    });
}
