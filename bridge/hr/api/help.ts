import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { opaqueId } from "../../../contracts/ids.ts";
import { timestamp } from "../../../runtime/clock.ts";
import { parse } from "../../../runtime/parse.ts";
import { closeHelp, type HelpRow, helpRequestsOf, takeHelp } from "../help.ts";
import type { Api } from "./api.ts";
import { callerOf } from "./door.ts";
import { closeHelpBody, helpQuery, takeHelpBody } from "./shapes.ts";

const helpPath = z.object({ requestId: opaqueId });

function describe(row: HelpRow): Record<string, unknown> {
  const at = (time: number | null): string | null => (time === null ? null : timestamp(time));
  const { requestId, deviceId, sessionId, orderId, branch, state, alerts, takenBy, outcome } = row;
  return {
    ...{ requestId, deviceId, sessionId, orderId, branch, state, alerts, takenBy, outcome },
    ...{ calledAt: at(row.calledAt), withdrawnAt: at(row.withdrawnAt) },
    ...{ takenAt: at(row.takenAt), closedAt: at(row.closedAt) },
    nextAlertAt: row.state === "open" ? at(row.notBefore) : null,
  };
}

export function addHelpRoutes(service: FastifyInstance, { issue, wake }: Api): void {
  const { store } = issue;
  const requestId = (params: unknown): string =>
    parse(helpPath, params, { what: "the address", otherwise: "event.unknown" }).requestId;
  service.get("/v1/help", async (request) => {
    const caller = callerOf(request);
    const { state } = parse(helpQuery, request.query, { what: "the query", otherwise: "use.invalid" });
    return { help: (await helpRequestsOf(store, caller, state)).map(describe) };
  });
  service.post("/v1/help/:requestId/take", async (request) => {
    const caller = callerOf(request);
    const { by } = parse(takeHelpBody, request.body ?? {}, { what: "the request", otherwise: "use.invalid" });
    const row = await takeHelp(requestId(request.params), by, { caller, issue });
    wake();
    return describe(row);
  });
  service.post("/v1/help/:requestId/close", async (request) => {
    const caller = callerOf(request);
    const { outcome } = parse(closeHelpBody, request.body, { what: "the request", otherwise: "use.invalid" });
    return describe(await closeHelp(requestId(request.params), outcome, { caller, issue }));
  });
}
