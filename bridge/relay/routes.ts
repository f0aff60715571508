import { parse } from "../../runtime/parse.ts";
import { downMessage, internalPaths, lateReceipt } from "../internal.ts";
import { demandPeer } from "../peer.ts";
import type { Service } from "../service.ts";
import type { Downs } from "./down.ts";
import type { Receipts } from "./receipts.ts";
import type { RelayStore } from "./store.ts";

/** What hr, and only hr, may ask of relay. */
export function addInternalRoutes(
  service: Service,
  { store, downs, receipts }: { store: RelayStore; downs: Downs; receipts: Receipts },
): void {
  service.post(internalPaths.orders, async (request, reply) => {
    demandPeer(request.raw.socket, "hr");
    await downs.keep(parse(downMessage, request.body, { what: "the message for a device" }));
    return reply.code(202).send({ stored: true });
  });
  service.post(internalPaths.receipts, async (request, reply) => {
    demandPeer(request.raw.socket, "hr");
    const { tenantId, deviceId, eventId, state, receipt } = parse(lateReceipt, request.body, { what: "the receipt" });
    const row = store.updateTable("inbox").where("tenantId", "=", tenantId).where("deviceId", "=", deviceId);
    await row.set({ state, receipt }).where("eventId", "=", eventId).execute();
    await receipts.pass({ tenantId, deviceId, eventId }, receipt);
    return reply.code(202).send({ stored: true });
  });
}
