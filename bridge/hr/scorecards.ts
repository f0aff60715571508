import { Fault } from "../../contracts/fault.ts";
import type { Caller } from "./access.ts";
import { type HrStore, type HrTables, ofBranch } from "./store.ts";

/** The newest revision of a session's scorecard that the caller may see. @throws Fault event.unknown */
export async function newestScorecard(
  store: HrStore,
  { tenantId, branch }: Pick<Caller, "tenantId" | "branch">,
  sessionId: string,
): Promise<HrTables["scorecards"]> {
  const row = await store
    .selectFrom("scorecards")
    .selectAll()
    .where("tenantId", "=", tenantId)
    .where(ofBranch(branch))
    .where("sessionId", "=", sessionId)
    .orderBy("revision", "desc")
    .limit(1)
    .executeTakeFirst();
  if (row === undefined) throw new Fault("event.unknown", "there is no scorecard of this session here");
  return row;
}
