import { type Expression, type SqlBool, sql } from "kysely";
import { days, type EpochMillis } from "../../contracts/units.ts";
import type { Clock } from "../../runtime/clock.ts";
import { numberWithin } from "../postgres.ts";
import { dropCopies, eraseDocument, eraseScorecard, noticeKinds } from "./erasing.ts";
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
  for (const row of due)
    await store.transaction().execute(async (within) => {
      await eraseScorecard(within, row, now);
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
  for (const row of due)
    await store.transaction().execute(async (within) => {
      if (!(await eraseDocument(within, row, now))) return;
      const { tenantId, orderId: subject } = row;
      await dropCopies(within, { tenantId, subject, kinds: noticeKinds, at: now });
    });
}
