import type { EpochMillis } from "../../contracts/units.ts";
import { record } from "./audit.ts";
import type { OutboxKind } from "./outbox.ts";
import { erasedDocument, type HrTables, type Within } from "./store.ts";

/** Empties what has not been delivered about an order or a session: nobody gets it any more. Hands back how many. */
export async function dropCopies(
  within: Within,
  {
    tenantId,
    subject,
    kinds,
    at,
  }: { tenantId: string; subject: string; kinds: readonly OutboxKind[]; at: EpochMillis },
): Promise<number> {
  const changed = await within
    .updateTable("outbox")
    .set({ state: "superseded", body: "", doneAt: at })
    .where("tenantId", "=", tenantId)
    .where("subject", "=", subject)
    .where("kind", "in", kinds)
    .where("state", "in", ["waiting", "dead"])
    .executeTakeFirst();
  return Number(changed.numUpdatedRows);
}

type Scorecard = Pick<HrTables["scorecards"], "tenantId" | "branch" | "sessionId" | "revision">;

/** One revision of a scorecard, what people judged of it, and the copies that were not delivered. */
export async function eraseScorecard(
  within: Within,
  { tenantId, branch, sessionId, revision }: Scorecard,
  at: EpochMillis,
): Promise<{ judgements: number; outbox: number }> {
  const scorecards = within.deleteFrom("scorecards").where("tenantId", "=", tenantId);
  await scorecards.where("sessionId", "=", sessionId).where("revision", "=", revision).execute();
  const judged = await within
    .deleteFrom("judgements")
    .where("tenantId", "=", tenantId)
    .where("sessionId", "=", sessionId)
    .where("scorecardRevision", "=", revision)
    .executeTakeFirst();
  const outbox = await dropCopies(within, { tenantId, subject: sessionId, kinds: ["result"], at });
  await record(within, { tenantId, branch, at, action: "scorecard.erased", subject: sessionId, facts: { revision } });
  return { judgements: Number(judged.numDeletedRows), outbox };
}

type Order = Pick<HrTables["orders"], "tenantId" | "branch" | "orderId" | "revision">;

/** The person in an order: the row stays. False where that was done before. */
export async function eraseDocument(
  within: Within,
  { tenantId, branch, orderId, revision }: Order,
  at: EpochMillis,
): Promise<boolean> {
  const changed = await within
    .updateTable("orders")
    .set({ document: erasedDocument })
    .where("tenantId", "=", tenantId)
    .where("orderId", "=", orderId)
    .where("revision", "=", revision)
    .where("document", "!=", erasedDocument)
    .executeTakeFirst();
  if (changed.numUpdatedRows === 0n) return false;
  await record(within, { tenantId, branch, at, action: "order.erased", subject: orderId, facts: { revision } });
  return true;
}

/** What waits to be told of an order names the candidate's references. */
export const noticeKinds = ["status", "start", "help"] as const satisfies readonly OutboxKind[];
