import { type SessionState, sessionState } from "../../../contracts/envelope.ts";
import { parse } from "../../../runtime/parse.ts";
import { record } from "../audit.ts";
import { tellStatus } from "../status.ts";
import type { HrTables } from "../store.ts";
import { orderOf } from "../store.ts";
import { branchOfDevice, type Handler } from "./handler.ts";

type OrderRow = HrTables["orders"];
type Change = Partial<Pick<OrderRow, "state" | "sessionId" | "sessionRevision" | "startedAt" | "endedAt">>;

const isOver = (row: OrderRow): boolean => row.state === "done" || row.state === "refused";

/**
 * Pure: what a session's state means for its order, by the centre's stamp `at`. A late message never sets a state back; an
 * interview that took place is told also of an order that was cancelled or expired meanwhile.
 */
export function orderChange(
  row: OrderRow,
  told: Pick<SessionState, "sessionId" | "state" | "revision">,
  at: number,
): Change | undefined {
  const same = row.sessionId === told.sessionId;
  if (!same && isOver(row) && row.sessionId !== null) return undefined;
  if (same && told.revision <= (row.sessionRevision ?? -1))
    return told.state === "inInterview" && row.startedAt === null ? { startedAt: at } : undefined;
  const session = { sessionId: told.sessionId, sessionRevision: told.revision };
  if (told.state === "inInterview")
    return same && isOver(row) ? session : { ...session, state: "inInterview", startedAt: at };
  return { ...session, state: told.state, endedAt: at };
}

/** 待面试 → 面试中 → 已完成, as the device says it. */
export const onSessionState: Handler = async (event, { store, clock }) => {
  const told = parse(sessionState, event.payload, { what: "the session's state" });
  const { tenantId, deviceId, receivedAt: at } = event;
  const { orderId, sessionId } = told;
  const known = await orderOf(store, { tenantId, orderId });
  const branch = known?.branch ?? (await branchOfDevice(store, event));
  return {
    branch,
    apply: async (within) => {
      const row = await orderOf(within, { tenantId, orderId });
      if (row === undefined || row.deviceId !== deviceId) return;
      const change = orderChange(row, told, at);
      if (change === undefined) return;
      await within
        .updateTable("orders")
        .set(change)
        .where("tenantId", "=", tenantId)
        .where("orderId", "=", orderId)
        .execute();
      if (change.state === undefined) return;
      await tellStatus(within, row, { state: change.state, sessionId, at, clock });
      const action = change.state === "inInterview" ? "interview.begun" : "interview.ended";
      await record(within, {
        tenantId,
        branch,
        at,
        action,
        subject: orderId,
        facts: { sessionId, state: change.state },
      });
    },
  };
};
