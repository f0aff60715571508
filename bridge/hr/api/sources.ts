import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { Fault } from "../../../contracts/fault.ts";
import { opaqueId } from "../../../contracts/ids.ts";
import { timestamp } from "../../../runtime/clock.ts";
import { parse } from "../../../runtime/parse.ts";
import type { Caller } from "../access.ts";
import type { SourceRow } from "../pull.ts";
import { type HrStore, ofBranch } from "../store.ts";
import type { Api } from "./api.ts";
import { callerOf } from "./door.ts";

const sourcePath = z.object({ name: opaqueId });
const most = 500;

const sourcesOf = (store: HrStore, { tenantId, branch }: Caller): Promise<SourceRow[]> =>
  store
    .selectFrom("sources")
    .selectAll()
    .where("tenantId", "=", tenantId)
    .where(ofBranch(branch))
    .orderBy("name")
    .execute();

async function describe(store: HrStore, row: SourceRow): Promise<Record<string, unknown>> {
  const problems = await store
    .selectFrom("pullProblems")
    .select(["applicationId", "fault", "message", "at"])
    .where("tenantId", "=", row.tenantId)
    .where("source", "=", row.name)
    .orderBy("at", "desc")
    .limit(most)
    .execute();
  const { name, adapter, branch, watermark, pulledAt, fault, message } = row;
  return {
    ...{ name, adapter, branch, watermark, fault, message },
    pulledAt: pulledAt === null ? null : timestamp(pulledAt),
    problems: problems.map((one) => ({ ...one, at: timestamp(one.at) })),
  };
}

export function addSourceRoutes(service: FastifyInstance, { issue: { store }, puller }: Api): void {
  service.get("/v1/sources", async (request) => {
    const caller = callerOf(request);
    const rows = await sourcesOf(store, caller);
    return { sources: await Promise.all(rows.map((row) => describe(store, row))) };
  });
  service.post("/v1/sources/:name/pull", async (request) => {
    const caller = callerOf(request);
    const { name } = parse(sourcePath, request.params, { what: "the address", otherwise: "event.unknown" });
    const row = (await sourcesOf(store, caller)).find((one) => one.name === name);
    if (row === undefined) throw new Fault("event.unknown", "there is no such source");
    return puller.pull(row);
  });
}
