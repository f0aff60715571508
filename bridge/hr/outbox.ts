import { sql } from "kysely";
import type { Clock } from "../../runtime/clock.ts";
import { listed, type Queue } from "../dispatch.ts";
import type { HrStore, HrTables, Within } from "./store.ts";

export type OutboxKind = HrTables["outbox"]["kind"];
export type OutboxJob = {
  sequence: number;
  tenantId: string;
  branch: string;
  kind: OutboxKind;
  target: string;
  effectKey: string;
  subject: string;
  body: string;
  attempts: number;
  createdAt: number;
};

/** The name under which relay stands among the targets; no tenant's target may be called so. */
export const relayTarget = "relay";

export type NewDelivery = Pick<OutboxJob, "tenantId" | "branch" | "kind" | "target" | "effectKey" | "subject" | "body">;

/** Puts a row into the outbox, in the transaction of what it tells of. The same effect again changes nothing. */
export async function enqueue(within: Within, delivery: NewDelivery, clock: Clock): Promise<void> {
  const now = clock.wall();
  await within
    .insertInto("outbox")
    .values({
      ...delivery,
      deliveryId: clock.id(),
      state: "waiting",
      attempts: 0,
      notBefore: now,
      fault: null,
      createdAt: now,
      doneAt: null,
    })
    .onConflict((conflict) => conflict.columns(["tenantId", "target", "effectKey"]).doNothing())
    .execute();
}

/** Notes the end of a delivery. What was delivered needs no second copy; what is dead is kept for a replay. */
export async function conclude(
  within: Within,
  job: OutboxJob,
  outcome: { state: "done" | "dead"; fault?: string; at: number },
): Promise<void> {
  const { state, at, fault = null } = outcome;
  const end = { state, doneAt: at, fault, attempts: job.attempts + 1 };
  await within
    .updateTable("outbox")
    .set(state === "done" ? { ...end, body: "" } : end)
    .where("sequence", "=", job.sequence)
    .execute();
}

const jobColumns = [
  ...(["sequence", "tenantId", "branch", "kind", "target", "effectKey", "subject", "body"] as const),
  ...(["attempts", "createdAt"] as const),
] as const;

/**
 * A status is not due before the earlier ones of its order have come to an end at the same target: HR sees them in the
 * order in which they happened.
 */
const inTurn = sql<boolean>`("outbox"."kind" <> 'status' or not exists (
  select 1 from "outbox" as "earlier" where "earlier"."tenantId" = "outbox"."tenantId"
  and "earlier"."target" = "outbox"."target" and "earlier"."subject" = "outbox"."subject"
  and "earlier"."kind" = 'status' and "earlier"."state" = 'waiting' and "earlier"."sequence" < "outbox"."sequence"))`;

export function outboxQueue(store: HrStore, kinds: readonly OutboxKind[]): Queue<OutboxJob> {
  return {
    due: ({ now, limit, except }) =>
      store
        .selectFrom("outbox")
        .select([...jobColumns])
        .where("state", "=", "waiting")
        .where("kind", "in", kinds)
        .where("notBefore", "<=", now)
        .where("sequence", "not in", listed(except))
        .where(inTurn)
        .orderBy("sequence")
        .limit(limit)
        .execute(),
    nextDue: async (except) => {
      const waiting = store.selectFrom("outbox").where("state", "=", "waiting").where("kind", "in", kinds);
      const free = waiting.where("sequence", "not in", listed(except)).where(inTurn);
      return (await free.select((row) => row.fn.min("notBefore").as("due")).executeTakeFirst())?.due ?? undefined;
    },
    postpone: async (job, { fault, notBefore }) => {
      const outcome = { attempts: job.attempts + 1, notBefore, fault: fault.code };
      await store
        .updateTable("outbox")
        .set(outcome)
        .where("sequence", "=", job.sequence)
        .where("state", "=", "waiting")
        .execute();
    },
  };
}
