import { scorecardEvent, signedTypes } from "../../../contracts/envelope.ts";
import { Fault } from "../../../contracts/fault.ts";
import { firstPrevious, type JournalLine, journalLine } from "../../../contracts/journal.ts";
import { type Order, order as orderShape } from "../../../contracts/order.ts";
import { type Scorecard, scorecard } from "../../../contracts/scorecard.ts";
import { days } from "../../../contracts/units.ts";
import { sha256 } from "../../../runtime/canonical.ts";
import { parse, parseJson } from "../../../runtime/parse.ts";
import { unseal, verifyWithCertificate } from "../../../runtime/seal.ts";
import { record } from "../audit.ts";
import type { IssueOptions } from "../issue.ts";
import { targetsThatWant } from "../notices.ts";
import { enqueue } from "../outbox.ts";
import { effectKeyOf, resultEvent } from "../result.ts";
import { erasedDocument, type HrTables, isDeleted, orderOf, type Within } from "../store.ts";
import type { Handler, Incoming } from "./handler.ts";

type Read = { card: Scorecard; token: string };

function journalLineOf(text: string): JournalLine | undefined {
  try {
    return journalLine.safeParse(JSON.parse(text)).data;
  } catch {
    // Not JSON: no line of a journal, which is what the caller asks.
    return undefined;
  }
}

/** Whether the journal is whole: lines count up without a hole, each names the hash of the one before, the last is the head. */
export function journalHolds({ lines, head }: Scorecard["journal"]): boolean {
  let prev = firstPrevious;
  let expected: number | undefined;
  for (const text of lines) {
    const line = journalLineOf(text);
    if (line === undefined || line.prev !== prev || (expected !== undefined && line.seq !== expected)) return false;
    prev = sha256(text);
    expected = line.seq + 1;
  }
  return lines.length > 0 && prev === head;
}

/** Opens the seal and checks the signature inside. @throws Fault seal.unreadable, signature.*, message.* */
async function read(event: Incoming, { keys }: IssueOptions): Promise<Read> {
  const outer = parse(scorecardEvent, event.payload, { what: "the scorecard event" });
  const token = await unseal(outer.sealed, keys.encryption);
  // By the day it came, as the signature outside: its certificate may have run out since.
  const trust = { authorityPem: keys.authorityPem, type: signedTypes.scorecard, atMillis: event.receivedAt };
  const { payload, subject } = await verifyWithCertificate(token, trust);
  if (subject !== `${event.tenantId}:${event.deviceId}`)
    throw new Fault("signature.invalid", "the scorecard is signed by another device than the one that sent it");
  if (payload.version !== 1)
    throw new Fault(
      "message.unsupportedVersion",
      `a scorecard of version ${JSON.stringify(payload.version)}: update hr, then replay`,
      { field: "version" },
    );
  const card = parse(scorecard, payload, { what: "the scorecard" });
  const { tenantId, deviceId } = event;
  const named = { tenantId, deviceId, sessionId: outer.sessionId, revision: outer.revision };
  const other = Object.entries(named).find(([name, value]) => card[name] !== value);
  if (other !== undefined)
    throw new Fault("signature.invalid", `the scorecard names another ${other[0]} than its envelope`, {
      field: other[0],
    });
  return { card, token };
}

/** @throws Fault order.unknown, order.otherDevice */
async function orderFor(card: Scorecard, { store }: IssueOptions): Promise<{ row: HrTables["orders"]; order: Order }> {
  const row = await orderOf(store, card);
  if (row === undefined) throw new Fault("order.unknown", "the scorecard is for an order that was never placed here");
  if (row.deviceId !== card.deviceId)
    throw new Fault("order.otherDevice", "the scorecard is for an order that went to another device");
  if (row.document === erasedDocument)
    throw new Fault("order.unknown", "the scorecard is for an order that was erased when its retention ran out");
  return { row, order: parseJson(orderShape, row.document, { what: "a stored order", otherwise: "internal" }) };
}

/** The result of a session: kept as signed, and on its way to every target of the tenant, in one transaction. */
export const onScorecard: Handler = async (event, use) => {
  const { card, token } = await read(event, use);
  const known = await orderOf(use.store, card);
  if (known?.deviceId === card.deviceId && (await isDeleted(use.store, card)))
    return { branch: known.branch, apply: (within) => noteDropped(within, { event, card, branch: known.branch }) };
  const { row, order } = await orderFor(card, use);
  const chainVerified = journalHolds(card.journal);
  return {
    branch: row.branch,
    apply: async (within) => {
      // The candidate may have been deleted since the order was read.
      if (await isDeleted(within, card)) return noteDropped(within, { event, card, branch: row.branch });
      const kept = await keep(within, { event, card, token, chainVerified, branch: row.branch, order });
      if (kept === "old") return;
      await noteAccepted(within, { event, card, chainVerified, branch: row.branch });
      if (kept === "newest")
        await ship(
          within,
          {
            card,
            branch: row.branch,
            body: JSON.stringify(resultEvent(card, { order, receivedAt: event.receivedAt, chainVerified })),
          },
          use,
        );
    },
  };
};

type Kept = { event: Incoming; card: Scorecard; token: string; chainVerified: boolean; branch: string; order: Order };

/** `old`: this revision is here already · `late`: a higher one is · `newest`: it is what HR should have. */
async function keep(
  within: Within,
  { event, card, token, chainVerified, branch, order }: Kept,
): Promise<"old" | "late" | "newest"> {
  const { tenantId, deviceId, eventId, receivedAt } = event;
  const { sessionId, revision, orderId } = card;
  const inserted = await within
    .insertInto("scorecards")
    .values({
      tenantId,
      branch,
      sessionId,
      revision,
      orderId,
      deviceId,
      eventId,
      token,
      chainVerified: chainVerified ? 1 : 0,
      receivedAt,
      expiresAt: Math.round(receivedAt + days(order.policy.retention.scorecardDays)),
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  if (inserted.numInsertedOrUpdatedRows === 0n) return "old";
  const higher = await within
    .selectFrom("scorecards")
    .select("revision")
    .where("tenantId", "=", tenantId)
    .where("sessionId", "=", sessionId)
    .where("revision", ">", revision)
    .executeTakeFirst();
  return higher === undefined ? "newest" : "late";
}

/** Its candidate was deleted. It is acknowledged, so that the device lets go of it, and not kept. */
async function noteDropped(within: Within, { event, card, branch }: Pick<Kept, "event" | "card" | "branch">) {
  const { tenantId, receivedAt: at } = event;
  const { sessionId: subject, orderId, revision } = card;
  await record(within, { tenantId, branch, at, action: "scorecard.dropped", subject, facts: { orderId, revision } });
}

async function noteAccepted(
  within: Within,
  { event, card, chainVerified, branch }: Omit<Kept, "token" | "order">,
): Promise<void> {
  const { tenantId, receivedAt: at } = event;
  const { sessionId, revision, orderId, ended } = card;
  const entry = { tenantId, branch, at, subject: sessionId };
  await record(within, { ...entry, action: "scorecard.accepted", facts: { orderId, revision, ended, chainVerified } });
  if (ended === "complete") return;
  const refused = card.consents.filter((one) => !one.given).map((one) => one.purpose);
  const action = ended === "refused" ? "consent.refused" : "consent.withdrawn";
  await record(within, {
    ...entry,
    action,
    facts: { orderId, revision, purposes: refused.join(" "), scored: card.score !== null },
  });
}

/** Also takes back what still waits of lower revisions: HR is told the newest only. */
async function ship(
  within: Within,
  shipment: { card: Scorecard; branch: string; body: string },
  { clock }: IssueOptions,
): Promise<void> {
  const { card, branch, body } = shipment;
  const { tenantId, sessionId } = card;
  await within
    .updateTable("outbox")
    .set({ state: "superseded", body: "", doneAt: clock.wall() })
    .where("tenantId", "=", tenantId)
    .where("kind", "=", "result")
    .where("subject", "=", sessionId)
    .where("state", "=", "waiting")
    .execute();
  for (const { name: target } of await targetsThatWant(within, { tenantId, branch, kind: "result" }))
    await enqueue(
      within,
      { tenantId, branch, kind: "result", target, effectKey: effectKeyOf(card), subject: sessionId, body },
      clock,
    );
}
