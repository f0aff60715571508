import t, { type Test } from "tap";
import { openApiAlone } from "../../cli/bridge/api-alone.ts";
import { openHrAlone } from "../../cli/bridge/hr-alone.ts";
import { deviceEvent } from "../../cli/bridge/peer.ts";
import { orderBody } from "../../cli/bridge/samples.ts";
import { until } from "../../cli/bridge/until.ts";
import { eventTypes } from "../../contracts/envelope.ts";
import { days, minutes, seconds } from "../../contracts/units.ts";
import { timestamp } from "../../runtime/clock.ts";
import { startReceiver } from "../adapters/receiver.ts";
import { peerTls } from "../keys.ts";
import { alertWait, contactsOf } from "./help.ts";
import { openDeliveries } from "./main.ts";
import { setTarget } from "./targets.ts";

const now = Date.parse("2026-03-01T09:00:00Z");
const secret = "a secret of sixteen";

t.test("waits longer from alert to alert, and tells one contact more each time", async (t) => {
  t.strictSame([1, 2, 3, 6, 40].map(alertWait), [seconds(30), minutes(1), minutes(2), minutes(10), minutes(10)]);
  const contacts = [
    { name: "desk", contactRank: 1 },
    { name: "desk-2", contactRank: 1 },
    { name: "lead", contactRank: 5 },
  ];
  t.strictSame(
    [1, 2, 9].map((alert) => contactsOf(contacts, alert).map(({ name }) => name)),
    [
      ["desk", "desk-2"],
      ["desk", "desk-2", "lead"],
      ["desk", "desk-2", "lead"],
    ],
  );
  t.strictSame(contactsOf([], 1), []);
});

/** An hr with two contacts, each a real receiver, whose workers can be stopped and started as a restart would. */
async function openHelped(t: Test) {
  const hr = await openHrAlone(now);
  const api = await openApiAlone(hr);
  const { issue, keys, metrics, log } = hr;
  const [desk, lead] = await Promise.all([1, 2].map(() => startReceiver({ secret, clock: issue.clock })));
  if (desk === undefined || lead === undefined) throw new Error("no receivers");
  for (const [name, contactRank, { url }] of [["desk", 0, desk] as const, ["lead", 1, lead] as const]) {
    const target = { tenantId: "acme", adapter: "webhook", settings: { url, secret }, wants: ["help" as const] };
    await setTarget(issue.store, { ...target, name, contactRank }, issue.clock);
  }
  const run = async () => {
    const deliveries = openDeliveries(issue, { relayUrl: "https://localhost:1", tls: peerTls(keys), metrics, log });
    await deliveries.toHelpers.start();
    await deliveries.alarm.start();
    return {
      wake: () => {
        deliveries.alarm.wake();
        deliveries.toHelpers.wake();
      },
      stop: async () => {
        await deliveries.alarm.stop();
        await deliveries.toHelpers.stop();
        await deliveries.connections.stop();
      },
    };
  };
  const tell = async (state: "called" | "withdrawn", requestId = "s-1-help-1"): Promise<void> => {
    const content = { sessionId: "s-1", orderId: "o-1", requestId, state };
    await hr.intake.take({ envelope: await deviceEvent(hr.device, eventTypes.help, content), receivedAt: now });
  };
  await api.ask("POST", "/v1/orders", {
    body: orderBody("dev-1", { orderId: "o-1", expiresAt: timestamp(now + days(1)) }),
  });
  t.teardown(async () => {
    await Promise.all([desk.stop(), lead.stop()]);
    await api.stop();
    await hr.stop();
  });
  return { hr, api, desk, lead, run, tell };
}

t.test("alerts once a request, again and to the next contact over a restart, until a person takes it", async (t) => {
  const { hr, api, desk, lead, run, tell } = await openHelped(t);
  await tell("called");
  await tell("called");
  const first = await run();
  await until("the first alert", () => desk.received.length === 1);
  t.match(desk.received[0], {
    key: "acme/s-1-help-1/help/1",
    event: {
      type: "candor.help.called.v1",
      data: { requestId: "s-1-help-1", deviceId: "dev-1", candidateRef: "cand-1" },
    },
  });
  t.match((await api.ask("GET", "/v1/help?state=open")).body, { help: [{ requestId: "s-1-help-1", alerts: 1 }] });
  await first.stop();
  hr.goTo(now + seconds(31));
  const second = await run();
  await until("the second alert at both", () => desk.received.length === 2 && lead.received.length === 1);
  hr.goTo(now + seconds(31) + minutes(1.1));
  second.wake();
  await until("the third alert at both", () => desk.received.length === 3 && lead.received.length === 2);
  t.equal(desk.duplicates + lead.duplicates, 0);

  const takes = await Promise.all(
    ["p-1", "p-2", "p-3"].map((by) => api.ask("POST", "/v1/help/s-1-help-1/take", { body: { by } })),
  );
  t.strictSame(takes.map(({ status }) => status).toSorted(), [200, 409, 409], "one person has it");
  const by = takes.find(({ status }) => status === 200)?.body["takenBy"];
  t.equal((await api.ask("POST", "/v1/help/s-1-help-1/take", { body: { by } })).status, 200);
  hr.goTo(now + minutes(60));
  second.wake();
  await tell("called", "s-1-help-2");
  second.wake();
  await until("another request's alert", () => desk.received.some(({ key }) => key.includes("help-2")));
  t.equal(desk.received.filter(({ key }) => key.includes("help-1")).length, 3, "what is taken alerts nobody");
  const closed = await api.ask("POST", "/v1/help/s-1-help-1/close", { body: { outcome: "solved" } });
  t.match(closed.body, { state: "closed", outcome: "solved", alerts: 3 });
  t.equal((await api.ask("POST", "/v1/help/s-1-help-2/close", { body: { outcome: "solved" } })).status, 400);
  t.notMatch(JSON.stringify(desk.received), "Marker-Quux");
  await second.stop();
  const { body } = await api.ask("GET", "/v1/audit?subject=s-1-help-1");
  t.match(body, {
    verified: true,
    entries: [{ action: "help.called" }, { action: "help.taken" }, { action: "help.closed" }],
  });
  t.equal((body["entries"] as unknown[]).length, 3);
});

t.test("a call that was taken back alerts nobody, also when the two are told in the wrong order", async (t) => {
  const { api, desk, run, tell } = await openHelped(t);
  await tell("withdrawn");
  await tell("called");
  await tell("called", "s-1-help-2");
  const running = await run();
  await until("the other request's alert", () => desk.received.length === 1);
  t.match(desk.received[0], { key: "acme/s-1-help-2/help/1" });
  await running.stop();
  t.match((await api.ask("GET", "/v1/help?state=withdrawn")).body, { help: [{ requestId: "s-1-help-1", alerts: 0 }] });
  const other = await api.token("/north", "operate");
  t.match((await api.ask("GET", "/v1/help", { token: other })).body, { help: [] });
  t.equal((await api.ask("POST", "/v1/help/s-1-help-2/take", { token: other, body: {} })).status, 404);
  const reader = await api.token("/", "orders:read");
  t.equal((await api.ask("GET", "/v1/help", { token: reader })).status, 403);
});
