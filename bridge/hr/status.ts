import type { Localized } from "../../contracts/language.ts";
import type { OrderState } from "../../contracts/order.ts";
import type { EpochMillis } from "../../contracts/units.ts";
import { type Clock, timestamp } from "../../runtime/clock.ts";
import { notify, targetsThatWant } from "./notices.ts";
import type { HrStore, HrTables, Within } from "./store.ts";

/** What HR is told of an order: where it stands for a person, not for a machine. */
export type Status = "booked" | "running" | "completed" | "cancelled" | "expired" | "refused";

const statusOf: Readonly<Record<OrderState, Status>> = {
  waiting: "booked",
  delivered: "booked",
  inInterview: "running",
  done: "completed",
  cancelled: "cancelled",
  expired: "expired",
  refused: "refused",
};

export const statusLabels: Readonly<Record<Status, Required<Localized>>> = {
  booked: { "zh-CN": "待面试", en: "Booked" },
  running: { "zh-CN": "面试中", en: "In interview" },
  completed: { "zh-CN": "已完成", en: "Completed" },
  cancelled: { "zh-CN": "已取消", en: "Cancelled" },
  expired: { "zh-CN": "已过期", en: "Expired" },
  refused: { "zh-CN": "未进行", en: "Did not take place" },
};

export const statusType = "candor.order.status.v1";
export const startType = "candor.interview.started.v1";

type OrderRow = Pick<HrTables["orders"], "tenantId" | "branch" | "orderId" | "deviceId" | "document">;
type Now = { state: OrderState; sessionId: string | null; at: EpochMillis };

export const statusesOf = (
  store: HrStore | Within,
  { tenantId, orderId }: { tenantId: string; orderId: string },
): Promise<HrTables["statuses"][]> =>
  store
    .selectFrom("statuses")
    .selectAll()
    .where("tenantId", "=", tenantId)
    .where("orderId", "=", orderId)
    .orderBy("revision")
    .execute();

/** The interviewers' notice: once a session, whatever is repeated. */
async function tellStart(
  within: Within,
  row: OrderRow,
  { sessionId, at, clock }: { sessionId: string; at: EpochMillis; clock: Clock },
): Promise<void> {
  const contacts = await targetsThatWant(within, { ...row, kind: "start" });
  const notice = {
    kind: "start" as const,
    type: startType,
    effectKey: `${row.tenantId}/${sessionId}/start/1`,
    at,
    text: { "zh-CN": "候选人已开始面试", en: "The candidate has started the interview" },
    data: { sessionId, startedAt: timestamp(at) },
  };
  await notify(within, row, { notice, contacts, clock });
}

/**
 * Notes an order's status and tells the targets that want it, in the transaction that changes the order. The status it
 * has already is nothing new. A revision counts the statuses of an order up: targets get them in this order.
 */
export async function tellStatus(within: Within, row: OrderRow, now: Now & { clock: Clock }): Promise<void> {
  const { state, sessionId, at, clock } = now;
  const status = statusOf[state];
  const last = (await statusesOf(within, row)).at(-1);
  if (last?.status === status && last.sessionId === sessionId) return;
  const { tenantId, branch, orderId } = row;
  const revision = (last?.revision ?? 0) + 1;
  await within.insertInto("statuses").values({ tenantId, branch, orderId, revision, status, sessionId, at }).execute();
  const contacts = await targetsThatWant(within, { tenantId, branch, kind: "status" });
  const notice = {
    kind: "status" as const,
    type: statusType,
    effectKey: `${tenantId}/${sessionId ?? orderId}/status/${revision}`,
    at,
    text: statusLabels[status],
    data: { sessionId, status, revision, at: timestamp(at) },
  };
  await notify(within, row, { notice, contacts, clock });
  if (status === "running" && sessionId !== null) await tellStart(within, row, { sessionId, at, clock });
}
