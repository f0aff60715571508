import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import t, { type Test } from "tap";
import { startFakeWecom } from "../../bridge/adapters/fakes/wecom.ts";
import { auditOf, chainHolds } from "../../bridge/hr/audit.ts";
import { ResultDelivery } from "../../bridge/hr/delivery.ts";
import { cancelOrder, placeOrder } from "../../bridge/hr/orders.ts";
import { outboxQueue } from "../../bridge/hr/outbox.ts";
import { setTarget } from "../../bridge/hr/targets.ts";
import { peerTls } from "../../bridge/keys.ts";
import { peerAgent } from "../../bridge/peer.ts";
import { eventTypes } from "../../contracts/envelope.ts";
import { days } from "../../contracts/units.ts";
import { timestamp } from "../../runtime/clock.ts";
import { publicHalf } from "../../runtime/seal.ts";
import { openHrAlone } from "./hr-alone.ts";
import { deviceEvent } from "./peer.ts";
import { orderBody, scorecardBody, scorecardContent } from "./samples.ts";

const enrolled = Date.parse("2026-03-01T09:00:00Z");
const signal = new AbortController().signal;

type Target = { adapter: string; settings: unknown };

/** A signed and sealed scorecard, taken in and delivered to one target: what the audit log says of it. */
async function deliveredTo(t: Test, target: Target) {
  const hr = await openHrAlone(enrolled);
  t.teardown(() => hr.stop());
  const { store, clock } = hr.issue;
  await setTarget(store, { tenantId: "acme", name: "hr", ...target }, clock);
  const order = orderBody("dev-1", { orderId: "order-1", expiresAt: timestamp(enrolled + days(1)) });
  await placeOrder(order, hr.caller, hr.issue);
  const card = scorecardBody(hr.device, { sessionId: "s-1", orderId: "order-1" });
  const content = await scorecardContent(hr.device, [publicHalf(hr.keys.encryption)], card);
  const envelope = await deviceEvent(hr.device, eventTypes.scorecard, content);
  await hr.intake.take({ envelope, receivedAt: enrolled });
  const agent = peerAgent(peerTls(hr.keys), "relay");
  t.teardown(() => agent.destroy());
  const delivery = new ResultDelivery({ ...hr.issue, relayUrl: "https://localhost:1", agent, metrics: hr.metrics });
  t.teardown(() => delivery.close());
  const [job] = await outboxQueue(store, ["result"]).due({ now: clock.wall(), limit: 1, except: [] });
  if (job === undefined) throw new Error("nothing is on its way to the target");
  t.equal(await delivery.deliver(job, signal), undefined);
  const audit = await auditOf(store, "acme");
  t.ok(chainHolds(audit));
  const [row] = audit.filter(({ action }) => action.startsWith("result."));
  return {
    action: row?.action,
    subject: row?.subject,
    facts: JSON.parse(row?.facts ?? "{}") as Record<string, unknown>,
  };
}

t.test("the audit log names the fields of a result that had no column at the target", async (t) => {
  const row = await deliveredTo(t, { adapter: "file-drop", settings: { folder: t.testdir(), format: "csv" } });
  t.match(row, { action: "result.delivered", subject: "s-1", facts: { target: "hr", attempts: 1 } });
  const unplaced = String(row.facts.unplaced).split(" ");
  for (const field of ["competencies", "deviceId", "versions"]) t.ok(unplaced.includes(field), field);
  for (const field of ["total", "role", "candidateRef"]) t.notOk(unplaced.includes(field), field);
});

t.test("nothing is left over where the whole event is kept", async (t) => {
  const row = await deliveredTo(t, { adapter: "file-drop", settings: { folder: t.testdir() } });
  t.equal(row.action, "result.delivered");
  t.notOk("unplaced" in row.facts);
});

t.test("the audit log says that WeCom left a member out, and not whom", async (t) => {
  const application = { corpId: "ww1", corpSecret: "a-secret", agentId: 1 };
  const fake = await startFakeWecom({ ...application, members: ["wang"] });
  t.teardown(() => fake.stop());
  const settings = {
    ...{ ...application, apiUrl: fake.url, members: ["wang", "a-leaver"] },
    ledger: join(t.testdir(), "sent.jsonl"),
  };
  const row = await deliveredTo(t, { adapter: "wecom", settings });
  t.match(row, { action: "result.dead", facts: { fault: "delivery.refused", reason: /did not reach 1 of 2 members/ } });
  t.notMatch(JSON.stringify(row), /leaver/);
});

t.test("a calendar holds an order's slot from its booking to its cancellation, and hears of no result", async (t) => {
  const hr = await openHrAlone(enrolled);
  t.teardown(() => hr.stop());
  const { store, clock } = hr.issue;
  const folder = t.testdir();
  await setTarget(store, { tenantId: "acme", name: "slots", adapter: "calendar", settings: { folder } }, clock);
  const agent = peerAgent(peerTls(hr.keys), "relay");
  t.teardown(() => agent.destroy());
  const delivery = new ResultDelivery({ ...hr.issue, relayUrl: "https://localhost:1", agent, metrics: hr.metrics });
  t.teardown(() => delivery.close());
  const deliverAll = async (): Promise<number> => {
    const jobs = await outboxQueue(store, ["result", "invitation"]).due({ now: clock.wall(), limit: 9, except: [] });
    for (const job of jobs) t.equal(await delivery.deliver(job, signal), undefined);
    return jobs.length;
  };
  const entry = (): string =>
    readdirSync(folder)
      .map((name) => readFileSync(join(folder, name), "utf8"))
      .join();
  const place = (revision: number, times: Record<string, string>) =>
    placeOrder(orderBody("dev-1", { orderId: "order-1", revision, ...times }), hr.caller, hr.issue);
  const expiresAt = "2026-03-02T02:00:00Z";
  await place(1, { expiresAt });
  t.equal(await deliverAll(), 0, "an order that is open until it expires has no slot");
  await place(2, { notBefore: "2026-03-02T01:00:00Z", expiresAt });
  t.equal(await deliverAll(), 1);
  t.match(entry(), /DTSTART:20260302T010000Z/);
  t.notMatch(entry(), /Marker-Quux/);
  await place(3, { notBefore: "2026-03-02T01:30:00Z", expiresAt });
  await deliverAll();
  t.match(entry(), /DTSTART:20260302T013000Z/);
  await place(4, { expiresAt });
  await deliverAll();
  t.match(entry(), /SEQUENCE:4\r\n/);
  t.match(entry(), /STATUS:CANCELLED/);
  await place(5, { notBefore: "2026-03-02T01:45:00Z", expiresAt });
  await deliverAll();
  t.match(entry(), /STATUS:CONFIRMED/);
  await cancelOrder("order-1", hr.caller, hr.issue);
  await deliverAll();
  t.match(entry(), /SEQUENCE:6\r\n/);
  t.match(entry(), /STATUS:CANCELLED/);
  t.equal(readdirSync(folder).length, 1);
  const content = await scorecardContent(
    hr.device,
    [publicHalf(hr.keys.encryption)],
    scorecardBody(hr.device, { sessionId: "s-1", orderId: "order-1" }),
  );
  await hr.intake.take({ envelope: await deviceEvent(hr.device, eventTypes.scorecard, content), receivedAt: enrolled });
  t.equal(await deliverAll(), 0);
  const told = (await auditOf(store, "acme")).filter(({ action }) => action === "notice.delivered");
  t.equal(told.length, 5);
});
