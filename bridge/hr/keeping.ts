import type { EpochMillis } from "../../contracts/units.ts";
import { record } from "./audit.ts";
import { expireOrders } from "./orders.ts";
import type { HrStore } from "./store.ts";

/**
 * What time does: orders that nobody came for expire; scorecards are erased when their policy's retention has run out
 * since receipt, with the copies that still waited to be delivered. The audit says so. Hands back how many were erased.
 */
export async function keepTime(store: HrStore, now: EpochMillis): Promise<number> {
  await expireOrders(store, now);
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
