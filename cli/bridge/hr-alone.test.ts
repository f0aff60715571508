import t, { type Test } from "tap";
import { createToken } from "../../bridge/hr/access.ts";
import { auditOf, chainHolds } from "../../bridge/hr/audit.ts";
import { makeCheckIn } from "../../bridge/hr/check-in.ts";
import { keepTime } from "../../bridge/hr/keeping.ts";
import { cancelOrder, findOrder, placeOrder } from "../../bridge/hr/orders.ts";
import { type EventType, eventTypes } from "../../contracts/envelope.ts";
import { days, type EpochMillis } from "../../contracts/units.ts";
import { timestamp } from "../../runtime/clock.ts";
import { publicHalf } from "../../runtime/seal.ts";
import { apiService } from "./api-alone.ts";
import { type HrAlone, openHrAlone } from "./hr-alone.ts";
import { deviceEvent } from "./peer.ts";
import { orderBody, scorecardBody, scorecardContent } from "./samples.ts";

/** The device's certificate is made on this day and holds for a year. */
const enrolled = Date.parse("2026-03-01T09:00:00Z");

async function opened(t: Test): Promise<HrAlone> {
  const hr = await openHrAlone(enrolled);
  t.teardown(() => hr.stop());
  return hr;
}

const place = (hr: HrAlone, orderId: string, more: Record<string, unknown> = {}) =>
  placeOrder(orderBody("dev-1", { orderId, expiresAt: timestamp(enrolled + days(1)), ...more }), hr.caller, hr.issue);

const take = async (
  hr: HrAlone,
  event: { type: EventType; content: Record<string, unknown>; receivedAt: EpochMillis },
) =>
  hr.intake.take({ envelope: await deviceEvent(hr.device, event.type, event.content), receivedAt: event.receivedAt });

const scorecardOf = (hr: HrAlone, sessionId: string, orderId: string) =>
  scorecardContent(hr.device, [publicHalf(hr.keys.encryption)], scorecardBody(hr.device, { sessionId, orderId }));

t.test("takes a scorecard that waited at relay until after its device's certificate ran out", async (t) => {
  const hr = await opened(t);
  await place(hr, "order-1");
  const content = await scorecardOf(hr, "s-1", "order-1");
  hr.goTo(enrolled + days(400));
  const answer = await take(hr, { type: eventTypes.scorecard, content, receivedAt: enrolled + days(1) });
  t.equal(answer.state, "accepted");
  const kept = await hr.issue.store.selectFrom("scorecards").select(["sessionId", "receivedAt"]).execute();
  t.same(kept, [{ sessionId: "s-1", receivedAt: enrolled + days(1) }]);
});

t.test(
  "refuses an event that relay took after the certificate ran out, and believes no stamp of the future",
  async (t) => {
    const hr = await opened(t);
    const told = (revision: number) => ({ sessionId: "s-1", orderId: "order-1", state: "done", revision });
    const late = { type: eventTypes.sessionState, content: told(1), receivedAt: enrolled + days(400) };
    t.equal((await take(hr, late)).state, "accepted", "the stamp lies ahead: judged by today");
    const [row] = await hr.issue.store.selectFrom("inbox").select("receivedAt").execute();
    t.equal(row?.receivedAt, enrolled);
    hr.goTo(enrolled + days(401));
    await t.rejects(take(hr, { ...late, content: told(2) }), { code: "certificate.expired" });
  },
);

t.test("erases an order's document when its retention has run out since its end, and not before", async (t) => {
  const hr = await opened(t);
  const { store } = hr.issue;
  await place(hr, "unused");
  // Not every reader of JSON takes these: their order is due like any other.
  await place(hr, "held", { role: { title: "\u0000 \\u0041 \\\u0000 \ud800" } });
  const receivedAt = enrolled + days(10);
  hr.goTo(receivedAt);
  const content = { sessionId: "s-1", orderId: "held", state: "done", revision: 1 };
  await take(hr, { type: eventTypes.sessionState, content, receivedAt });
  const named = async (): Promise<string[]> => {
    const rows = await store.selectFrom("orders").select(["orderId", "document"]).orderBy("orderId").execute();
    return rows.filter(({ document }) => document.includes("Marker-Quux")).map(({ orderId }) => orderId);
  };
  // The policy keeps scorecards for 180 days; the one that nobody came for expired after a day.
  hr.goTo(enrolled + days(181) - 1);
  await keepTime(store, hr.issue.clock);
  t.same(await named(), ["held", "unused"]);
  hr.goTo(enrolled + days(181));
  await keepTime(store, hr.issue.clock);
  t.same(await named(), ["held"]);
  hr.goTo(enrolled + days(190));
  await keepTime(store, hr.issue.clock);
  t.same(await named(), []);
  hr.goTo(enrolled + days(191));
  await keepTime(store, hr.issue.clock);
  const audit = await auditOf(store, "acme");
  t.same(
    audit.filter(({ action }) => action === "order.erased").map(({ subject }) => subject),
    ["unused", "held"],
  );
  t.ok(chainHolds(audit));
  t.match(await findOrder(store, hr.caller, "held"), { state: "done", sessionId: "s-1" }, "the order itself is known");
  const late = { type: eventTypes.scorecard, content: await scorecardOf(hr, "s-1", "held"), receivedAt };
  t.equal((await take(hr, late)).state, "parked", "a scorecard that comes later still does not loop at relay");
});

t.test("issues an order again that the device refused, under a higher revision", async (t) => {
  const hr = await opened(t);
  const { store } = hr.issue;
  const born = { encryptionKey: publicHalf(hr.device.encryption), software: "0.1.0", board: "emulated" };
  await take(hr, { type: eventTypes.birth, content: born, receivedAt: enrolled });
  const refuse = async (orderId: string, revision: number): Promise<void> => {
    const { eventId: acknowledges } = await findOrder(store, hr.caller, orderId);
    const content = { orderId, revision, acknowledges, accepted: false, fault: "policy.banned" };
    await take(hr, { type: eventTypes.orderAcknowledged, content, receivedAt: enrolled });
    t.match(await findOrder(store, hr.caller, orderId), { state: "refused", fault: "policy.banned" });
  };
  await place(hr, "order-1");
  await refuse("order-1", 1);
  await t.rejects(makeCheckIn("order-1", hr.caller, hr.issue), { code: "order.finished", message: /refused.*higher/ });
  t.match(await place(hr, "order-1", { revision: 2 }), { state: "waiting", revision: 2, created: true });
  await refuse("order-1", 2);
  t.match(await cancelOrder("order-1", hr.caller, hr.issue), { state: "cancelled", revision: 3 });
  await place(hr, "order-2");
  const content = { sessionId: "s-2", orderId: "order-2", state: "refused", revision: 1 };
  await take(hr, { type: eventTypes.sessionState, content, receivedAt: enrolled });
  await t.rejects(place(hr, "order-2", { revision: 2 }), { code: "order.finished" }, "a candidate's refusal ends it");
});

t.test("counts made-up tokens by their address, and a known token by itself", async (t) => {
  const hr = await opened(t);
  const { issue } = hr;
  const service = await apiService(hr, { requestsPerMinute: 3 });
  t.teardown(() => service.close());
  const wanted = { tenantId: "acme", scopes: ["orders:read" as const] };
  const token = await createToken(issue.store, wanted, issue.clock);
  const ask = async (bearer: string, remoteAddress: string, path = "/v1/orders"): Promise<number> =>
    (await service.inject({ url: path, headers: { authorization: `Bearer ${bearer}` }, remoteAddress })).statusCode;
  for (const made of ["a", "b", "c"]) t.equal(await ask(made, "192.0.2.1"), 401);
  t.equal(await ask("d", "192.0.2.1"), 429, "a fresh token does not escape the limit");
  t.equal(await ask("e", "192.0.2.2"), 401);
  t.equal(await ask(token, "192.0.2.1"), 200, "nor does it take a known token's share");
  t.equal(await ask(token, "192.0.2.2"), 200);
  t.equal(await ask(token, "192.0.2.3", "/v1/orders/order-1/check-in"), 403, "orders:read mints no check-in code");
  t.equal(await ask(token, "192.0.2.3"), 429, "a known token's share is one, wherever it is used");
});
