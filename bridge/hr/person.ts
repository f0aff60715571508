import { decodeJwt } from "jose";
import { sql } from "kysely";
import { envelope as envelopeShape, eventTypes } from "../../contracts/envelope.ts";
import { parseJson } from "../../runtime/parse.ts";
import { unseal } from "../../runtime/seal.ts";
import type { HrKeys } from "../keys.ts";
import type { Caller } from "./access.ts";
import { erasedDocument, type HrStore, type HrTables, isWithin, ofBranch, type Within } from "./store.ts";

type OrderRow = HrTables["orders"];
/** What names a candidate in the store, of one tenant and within one branch. */
export type Person = { orders: OrderRow[]; sessions: string[] };
type Who = { candidateRef: string; caller: Pick<Caller, "tenantId" | "branch"> };

const refOf = (token: string): unknown => decodeJwt(token)["candidateRef"];

/** Orders whose own document is erased, while a scorecard of theirs still names the candidate. */
async function ordersByScorecard(store: HrStore | Within, { candidateRef, caller }: Who): Promise<string[]> {
  const rows = await store
    .selectFrom("scorecards")
    .innerJoin("orders", (join) =>
      join.onRef("orders.tenantId", "=", "scorecards.tenantId").onRef("orders.orderId", "=", "scorecards.orderId"),
    )
    .select(["scorecards.orderId", "scorecards.token"])
    .where("scorecards.tenantId", "=", caller.tenantId)
    .where("orders.document", "=", erasedDocument)
    .execute();
  return rows.filter(({ token }) => refOf(token) === candidateRef).map(({ orderId }) => orderId);
}

async function sessionsOf(store: HrStore | Within, orders: readonly OrderRow[]): Promise<string[]> {
  const sessions = new Set(orders.flatMap(({ sessionId }) => sessionId ?? []));
  for (const { tenantId, orderId } of orders)
    for (const table of ["statuses", "scorecards", "helpRequests"] as const) {
      const rows = store.selectFrom(table).select("sessionId").where("tenantId", "=", tenantId);
      for (const { sessionId } of await rows.where("orderId", "=", orderId).execute())
        if (sessionId !== null) sessions.add(sessionId);
    }
  return [...sessions].sort();
}

export async function findPerson(store: HrStore | Within, who: Who): Promise<Person> {
  const { candidateRef, caller } = who;
  const named = sql<string>`json_extract(nullif("document", ${erasedDocument}), '$.candidate.candidateRef')`;
  const others = await ordersByScorecard(store, who);
  const orders = await store
    .selectFrom("orders")
    .selectAll()
    .where("tenantId", "=", caller.tenantId)
    .where(ofBranch(caller.branch))
    .where((row) => row.or([row(named, "=", candidateRef), row("orderId", "in", others)]))
    .orderBy("orderId")
    .execute();
  return { orders, sessions: await sessionsOf(store, orders) };
}

type ParkedRow = HrTables["parked"];
/** What a parked event says of itself; a scorecard's own content where its seal can be opened. */
async function namesIn(row: ParkedRow, keys: HrKeys): Promise<Record<string, unknown>> {
  try {
    const outer = decodeJwt(parseJson(envelopeShape, row.envelope, { what: "a parked event" }).data);
    if (row.type !== eventTypes.scorecard) return outer;
    const inner = await unseal(outer["sealed"], keys.encryption).then(decodeJwt, () => ({}));
    return { ...outer, ...inner };
  } catch {
    // Not even readable as an event: it cannot be told whose it is.
    return {};
  }
}

/** Parked events of the candidate's orders and sessions, and those that name the candidate inside. */
export async function parkedOf(
  store: HrStore,
  { orders, sessions }: Person,
  { candidateRef, caller, keys }: Who & { keys: HrKeys },
): Promise<ParkedRow[]> {
  const rows = await store.selectFrom("parked").selectAll().where("tenantId", "=", caller.tenantId).execute();
  const mine: ParkedRow[] = [];
  for (const row of rows) {
    const names = await namesIn(row, keys);
    const known =
      sessions.some((one) => one === names["sessionId"]) || orders.some((one) => one.orderId === names["orderId"]);
    if (known || (names["candidateRef"] === candidateRef && isWithin(row.branch, caller.branch))) mine.push(row);
  }
  return mine;
}
