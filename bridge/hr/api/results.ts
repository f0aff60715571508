import type { FastifyInstance } from "fastify";
import { decodeJwt } from "jose";
import { z } from "zod";
import { opaqueId } from "../../../contracts/ids.ts";
import { timestamp } from "../../../runtime/clock.ts";
import { parse } from "../../../runtime/parse.ts";
import type { Caller } from "../access.ts";
import { analyticsCsv, analyticsOf } from "../analytics.ts";
import { addJudgement, judgementsOf } from "../judgements.ts";
import { newestScorecard } from "../scorecards.ts";
import { shortlistOf } from "../shortlists.ts";
import type { HrStore } from "../store.ts";
import type { Api } from "./api.ts";
import { callerOf } from "./door.ts";
import { analyticsQuery } from "./shapes.ts";

const rubricPath = z.object({ rubricId: opaqueId });
const sessionPath = z.object({ sessionId: opaqueId });

/** The newest revision of a session's scorecard, as its device signed it. @throws Fault event.unknown */
async function scorecardOf(store: HrStore, caller: Caller, sessionId: string): Promise<Record<string, unknown>> {
  const row = await newestScorecard(store, caller, sessionId);
  return {
    ...{ sessionId, orderId: row.orderId, deviceId: row.deviceId, revision: row.revision },
    ...{
      receivedAt: timestamp(row.receivedAt),
      expiresAt: timestamp(row.expiresAt),
      chainVerified: row.chainVerified === 1,
    },
    // Its signature was verified before it was stored.
    scorecard: decodeJwt(row.token),
    token: row.token,
  };
}

export function addResultRoutes(service: FastifyInstance, { issue }: Api): void {
  service.get("/v1/scorecards/:sessionId", async (request) => {
    const caller = callerOf(request);
    const { sessionId } = parse(sessionPath, request.params, { what: "the address", otherwise: "event.unknown" });
    return scorecardOf(issue.store, caller, sessionId);
  });
  const session = (params: unknown): string =>
    parse(sessionPath, params, { what: "the address", otherwise: "event.unknown" }).sessionId;
  service.get("/v1/scorecards/:sessionId/judgements", async (request) =>
    judgementsOf(issue.store, callerOf(request), session(request.params)),
  );
  service.get("/v1/rubrics/:rubricId/shortlist", async (request) => {
    const { rubricId } = parse(rubricPath, request.params, { what: "the address", otherwise: "event.unknown" });
    return shortlistOf(issue.store, callerOf(request), { rubricId, query: request.query });
  });
  service.get("/v1/analytics", async (request, reply) => {
    const { format } = parse(analyticsQuery, request.query, { what: "the query", otherwise: "use.invalid" });
    const seen = await analyticsOf(issue.store, callerOf(request));
    return format === "json" ? seen : reply.type("text/csv; charset=utf-8").send(analyticsCsv(seen));
  });
  service.post("/v1/scorecards/:sessionId/judgements", async (request, reply) => {
    const judged = { sessionId: session(request.params), body: request.body };
    return reply.code(201).send(await addJudgement(issue, callerOf(request), judged));
  });
}
