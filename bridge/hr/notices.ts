import { z } from "zod";
import type { Localized } from "../../contracts/language.ts";
import { type Order, order as orderShape } from "../../contracts/order.ts";
import type { EpochMillis } from "../../contracts/units.ts";
import { type Clock, timestamp } from "../../runtime/clock.ts";
import { parseJson } from "../../runtime/parse.ts";
import { type NoticeKind, noticeKind } from "../adapters/adapter.ts";
import { enqueue } from "./outbox.ts";
import { erasedDocument, type HrStore, type HrTables, isWithin, type Within } from "./store.ts";

export type Contact = { name: string; contactRank: number };
type About = { tenantId: string; branch: string; kind: NoticeKind };

/** The targets of a branch that want this, the first contact first. */
export async function targetsThatWant(store: HrStore | Within, { tenantId, branch, kind }: About): Promise<Contact[]> {
  const rows = await store
    .selectFrom("targets")
    .select(["name", "branch", "wants", "contactRank"])
    .where("tenantId", "=", tenantId)
    .orderBy("contactRank")
    .orderBy("name")
    .execute();
  const wants = (text: string): readonly NoticeKind[] => z.array(noticeKind).parse(JSON.parse(text));
  return rows.filter((row) => isWithin(branch, row.branch) && wants(row.wants).includes(kind));
}

type OrderRow = Pick<HrTables["orders"], "tenantId" | "branch" | "orderId" | "deviceId" | "document">;

/** What a notice says of its order: references instead of a name; nothing once the order was erased. */
function orderFacts(row: OrderRow): Record<string, unknown> {
  const { tenantId, orderId, deviceId, branch, document } = row;
  const ids = { tenantId, orderId, deviceId, branch };
  if (document === erasedDocument) return ids;
  const order: Order = parseJson(orderShape, document, { what: "a stored order", otherwise: "internal" });
  return {
    ...ids,
    candidateRef: order.candidate.candidateRef,
    external: { candidate: order.candidate.external, role: order.role.external, order: order.external },
    ...{ role: order.role.title, language: order.language },
  };
}

export type Notice = {
  kind: Exclude<NoticeKind, "result" | "invitation">;
  /** The CloudEvent's type. */
  type: string;
  /** One effect at each target, however often it is tried: `tenantId/sessionId/kind/revision`. */
  effectKey: string;
  at: EpochMillis;
  /** For a person, where the target shows it to one. */
  text: Localized;
  data: Record<string, unknown>;
};

type Told = { tenantId: string; effectKey: string; type: string; orderId: string; at: EpochMillis; data: object };

/** The CloudEvent in which the centre tells of an order; its id is of its effect, so that a repeat has the same. */
export const orderEvent = ({ tenantId, effectKey, type, orderId, at, data }: Told): string =>
  JSON.stringify({
    specversion: "1.0",
    id: effectKey.replaceAll("/", "-"),
    source: `candor/${tenantId}/centre`,
    ...{ type, subject: orderId, time: timestamp(at), datacontenttype: "application/json" },
    data,
  });

/** A notice about an order as a CloudEvent, on its way to `contacts`, in the transaction of what it tells of. */
export async function notify(
  within: Within,
  row: OrderRow,
  { notice, contacts, clock }: { notice: Notice; contacts: readonly Contact[]; clock: Clock },
): Promise<void> {
  const { tenantId, branch, orderId } = row;
  const { kind, type, effectKey, at, text, data } = notice;
  const facts = { ...orderFacts(row), ...data, text };
  const body = orderEvent({ tenantId, effectKey, type, orderId, at, data: facts });
  for (const { name: target } of contacts)
    await enqueue(within, { tenantId, branch, kind, target, effectKey, subject: orderId, body }, clock);
}
