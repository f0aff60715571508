import { helpEvent } from "../../../contracts/envelope.ts";
import { parse } from "../../../runtime/parse.ts";
import { record } from "../audit.ts";
import { alertContacts, alertWait } from "../help.ts";
import { orderOf } from "../store.ts";
import { branchOfDevice, type Handler } from "./handler.ts";

/**
 * A candidate called for help, or no longer needs it. One request however often it is told; the first alert goes out with
 * the transaction that keeps it. A withdrawal that overtook its call leaves nothing to alert about.
 */
export const onHelp: Handler = async (event, { store, clock }) => {
  const told = parse(helpEvent, event.payload, { what: "the call for help" });
  const { tenantId, deviceId, receivedAt: at } = event;
  const { requestId, sessionId, orderId } = told;
  const known = await orderOf(store, { tenantId, orderId });
  const branch = known?.deviceId === deviceId ? known.branch : await branchOfDevice(store, event);
  const called = told.state === "called";
  return {
    branch,
    apply: async (within) => {
      const request = { tenantId, branch, requestId, deviceId, sessionId, orderId, calledAt: at };
      const now = clock.wall();
      const inserted = await within
        .insertInto("helpRequests")
        .values({
          ...request,
          state: called ? "open" : "withdrawn",
          ...{ attempts: 0, alerts: called ? 1 : 0, notBefore: now + alertWait(1) },
          ...{ withdrawnAt: called ? null : at, takenAt: null, takenBy: null, closedAt: null, outcome: null },
        })
        .onConflict((conflict) => conflict.columns(["tenantId", "requestId"]).doNothing())
        .executeTakeFirst();
      const isNew = inserted.numInsertedOrUpdatedRows !== 0n;
      if (!isNew && called) return;
      if (!isNew)
        await within
          .updateTable("helpRequests")
          .set({ state: "withdrawn", withdrawnAt: at })
          .where("tenantId", "=", tenantId)
          .where("requestId", "=", requestId)
          .where("deviceId", "=", deviceId)
          .where("state", "=", "open")
          .execute();
      const action = called ? "help.called" : "help.withdrawn";
      await record(within, { tenantId, branch, at, action, subject: requestId, facts: { deviceId, sessionId } });
      if (called) await alertContacts(within, request, { alert: 1, at: now, clock });
    },
  };
};
