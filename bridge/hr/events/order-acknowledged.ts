import { orderAcknowledged } from "../../../contracts/envelope.ts";
import { parse } from "../../../runtime/parse.ts";
import { record } from "../audit.ts";
import { tellStatus } from "../status.ts";
import { orderOf } from "../store.ts";
import { branchOfDevice, type Handler } from "./handler.ts";

/** An order or cancellation is on the device's disk, or the device refused it and says why. */
export const onOrderAcknowledged: Handler = async (event, { store, clock }) => {
  const { orderId, revision, acknowledges, accepted, fault } = parse(orderAcknowledged, event.payload, {
    what: "the acknowledgement",
  });
  const { tenantId, deviceId, receivedAt: at } = event;
  const known = await orderOf(store, { tenantId, orderId });
  const branch = known?.branch ?? (await branchOfDevice(store, event));
  return {
    branch,
    apply: async (within) => {
      const row = await orderOf(within, { tenantId, orderId });
      // Of an older revision, or of an event sealed to a key the device no longer has: nothing rests on it.
      if (row === undefined || row.deviceId !== deviceId || row.eventId !== acknowledges) return;
      const action = accepted ? "order.delivered" : "order.refused";
      const facts = {
        revision,
        deviceId,
        event: acknowledges,
        cancellation: row.state === "cancelled",
        fault: fault ?? null,
      };
      await record(within, { tenantId, branch, at, action, subject: orderId, facts });
      if (row.state !== "waiting") return;
      await within
        .updateTable("orders")
        .set(accepted ? { state: "delivered", deliveredAt: at } : { state: "refused", fault: fault ?? "order.invalid" })
        .where("tenantId", "=", tenantId)
        .where("orderId", "=", orderId)
        .execute();
      await tellStatus(within, row, { state: accepted ? "delivered" : "refused", sessionId: null, at, clock });
    },
  };
};
