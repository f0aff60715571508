import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { Fault } from "../../../contracts/fault.ts";
import { opaqueId } from "../../../contracts/ids.ts";
import { timestamp } from "../../../runtime/clock.ts";
import { parse } from "../../../runtime/parse.ts";
import type { Caller } from "../access.ts";
import { auditOf, chainHolds, record } from "../audit.ts";
import { isWithin, ofBranch } from "../store.ts";
import type { Api } from "./api.ts";
import { callerOf } from "./door.ts";
import { auditQuery, deliveryQuery } from "./shapes.ts";

const eventPath = z.object({ eventId: opaqueId });
const deliveryPath = z.object({ deliveryId: opaqueId });
const most = 500;

const deliveryColumns = [
  "deliveryId",
  "kind",
  "target",
  "effectKey",
  "subject",
  "branch",
  "state",
  "attempts",
  "fault",
] as const;

export function addOperateRoutes(service: FastifyInstance, api: Api): void {
  addParkedRoutes(service, api);
  addDeliveryRoutes(service, api);
  addDeliveryReplay(service, api);
  addAuditRoute(service, api);
}

function addParkedRoutes(service: FastifyInstance, { issue: { store }, intake }: Api): void {
  const mine = ({ tenantId, branch }: Caller) =>
    store.selectFrom("parked").where("tenantId", "=", tenantId).where(ofBranch(branch));
  service.get("/v1/parked", async (request) => {
    const caller = callerOf(request);
    const rows = await mine(caller)
      .select(["eventId", "deviceId", "type", "fault", "message", "branch", "receivedAt"])
      .where("state", "=", "parked")
      .orderBy("receivedAt")
      .limit(most)
      .execute();
    return { parked: rows.map((row) => ({ ...row, receivedAt: timestamp(row.receivedAt) })) };
  });
  service.post("/v1/parked/:eventId/replay", async (request) => {
    const caller = callerOf(request);
    const { eventId } = parse(eventPath, request.params, { what: "the address", otherwise: "event.unknown" });
    const row = await mine(caller).select("eventId").where("eventId", "=", eventId).executeTakeFirst();
    if (row === undefined) throw new Fault("event.unknown", "there is no such parked event");
    const { state } = await intake.replay({ tenantId: caller.tenantId, eventId });
    return { eventId, state };
  });
}

function addDeliveryRoutes(service: FastifyInstance, { issue: { store } }: Api): void {
  service.get("/v1/deliveries", async (request) => {
    const { tenantId, branch } = callerOf(request);
    const { state } = parse(deliveryQuery, request.query, { what: "the query", otherwise: "use.invalid" });
    const rows = await store
      .selectFrom("outbox")
      .select([...deliveryColumns, "createdAt", "doneAt"])
      .where("tenantId", "=", tenantId)
      .where(ofBranch(branch))
      .where("state", "=", state)
      .orderBy("sequence")
      .limit(most)
      .execute();
    const at = (time: number | null): string | null => (time === null ? null : timestamp(time));
    return { deliveries: rows.map((row) => ({ ...row, createdAt: at(row.createdAt), doneAt: at(row.doneAt) })) };
  });
}

/** A dead delivery waits again, as if it had never been tried. */
function addDeliveryReplay(service: FastifyInstance, { issue: { store, clock }, wake }: Api): void {
  service.post("/v1/deliveries/:deliveryId/replay", async (request) => {
    const caller = callerOf(request);
    const { deliveryId } = parse(deliveryPath, request.params, { what: "the address", otherwise: "event.unknown" });
    const { tenantId } = caller;
    await store.transaction().execute(async (within) => {
      const row = await within
        .selectFrom("outbox")
        .select([...deliveryColumns])
        .where("tenantId", "=", tenantId)
        .where("deliveryId", "=", deliveryId)
        .executeTakeFirst();
      if (row === undefined || !isWithin(row.branch, caller.branch))
        throw new Fault("event.unknown", "there is no such delivery");
      if (row.state !== "dead")
        throw new Fault("use.invalid", `this delivery is ${row.state}: only a dead one is replayed`);
      const again = {
        state: "waiting" as const,
        attempts: 0,
        notBefore: clock.wall(),
        fault: null,
        doneAt: null,
      };
      await within.updateTable("outbox").set(again).where("deliveryId", "=", deliveryId).execute();
      const { branch, subject, target, effectKey } = row;
      await record(within, {
        tenantId,
        branch,
        at: clock.wall(),
        action: "result.replayed",
        subject,
        facts: { target, effectKey },
      });
    });
    wake();
    return { deliveryId, state: "waiting" };
  });
}

/** The centre's own journal; `verified` says that the tenant's whole chain holds, whatever part of it is shown. */
function addAuditRoute(service: FastifyInstance, { issue: { store } }: Api): void {
  service.get("/v1/audit", async (request) => {
    const caller = callerOf(request);
    const { subject, action } = parse(auditQuery, request.query, { what: "the query", otherwise: "use.invalid" });
    const rows = await auditOf(store, caller.tenantId);
    const shown = rows.filter(
      (row) =>
        isWithin(row.branch, caller.branch) &&
        (subject === undefined || row.subject === subject) &&
        (action === undefined || row.action === action),
    );
    const entries = shown.map((row) => ({ ...row, at: timestamp(row.at), facts: JSON.parse(row.facts) as unknown }));
    return { verified: chainHolds(rows), entries };
  });
}
