import t, { type Test } from "tap";
import { openApiAlone } from "../../cli/bridge/api-alone.ts";
import { type HrAlone, openHrAlone } from "../../cli/bridge/hr-alone.ts";
import { deviceEvent } from "../../cli/bridge/peer.ts";
import { orderBody } from "../../cli/bridge/samples.ts";
import { until } from "../../cli/bridge/until.ts";
import { eventTypes } from "../../contracts/envelope.ts";
import { days, hours } from "../../contracts/units.ts";
import { timestamp } from "../../runtime/clock.ts";
import { type Receiver, startReceiver } from "../adapters/receiver.ts";
import { peerTls } from "../keys.ts";
import { keepTime } from "./keeping.ts";
import { openDeliveries } from "./main.ts";
import { setTarget } from "./targets.ts";

const now = Date.parse("2026-03-01T09:00:00Z");
const secret = "a secret of sixteen";
type Told = { status?: string; revision?: number; sessionId?: string | null; external?: unknown };
const dataOf = ({ event }: Receiver["received"][number]): Told => event["data"] as Told;
const statusesAt = (receiver: Receiver): (string | undefined)[] =>
  receiver.received.map((one) => dataOf(one).status).filter((one) => one !== undefined);

async function openTold(t: Test, trouble?: Parameters<typeof startReceiver>[0]["trouble"]) {
  const hr = await openHrAlone(now);
  const api = await openApiAlone(hr);
  const { issue, keys, metrics, log } = hr;
  const receiver = await startReceiver({ secret, clock: issue.clock, ...(trouble === undefined ? {} : { trouble }) });
  const settings = { url: receiver.url, secret };
  const target = { tenantId: "acme", adapter: "webhook", settings };
  await setTarget(issue.store, { ...target, name: "hr-system", wants: ["status", "start"] }, issue.clock);
  await setTarget(issue.store, { ...target, name: "results", wants: ["result"] }, issue.clock);
  const { toSystems, connections } = openDeliveries(issue, {
    relayUrl: "https://localhost:1",
    tls: peerTls(keys),
    metrics,
    log,
  });
  t.teardown(async () => {
    await toSystems.stop();
    await connections.stop();
    await receiver.stop();
    await api.stop();
    await hr.stop();
  });
  return { hr, api, receiver, toSystems };
}

const session = async (hr: HrAlone, content: Record<string, unknown>): Promise<void> => {
  const envelope = await deviceEvent(hr.device, eventTypes.sessionState, { sessionId: "s-1", ...content });
  await hr.intake.take({ envelope, receivedAt: now });
};
const place = (orderId: string, more: object = {}) => ({
  body: orderBody("dev-1", { orderId, expiresAt: timestamp(now + days(1)), ...more }),
});

t.test("HR sees 待面试 → 面试中 → 已完成 in order, each once, and the start once", async (t) => {
  let tries = 0;
  const { hr, api, receiver, toSystems } = await openTold(t, async () => {
    tries += 1;
    // The first two tries fail: what comes behind the first status waits for it.
    return tries <= 2 ? { status: 503 } : undefined;
  });
  const external = [{ system: "successfactors", type: "application", id: "4711" }];
  await api.ask("POST", "/v1/orders", place("o-1", { external }));
  const begun = { orderId: "o-1", state: "inInterview", revision: 1 };
  await session(hr, begun);
  await session(hr, begun);
  await session(hr, { orderId: "o-1", state: "done", revision: 2 });
  await session(hr, begun);
  await toSystems.start();
  await until("a first try to fail", async () => tries >= 1);
  let at = now;
  await until("three statuses and a start at HR", async () => {
    at += hours(0.05);
    hr.goTo(at);
    toSystems.wake();
    return receiver.received.length === 4;
  });
  t.strictSame(statusesAt(receiver), ["booked", "running", "completed"]);
  t.match(receiver.received.map(({ key }) => key).toSorted(), [
    "acme/o-1/status/1",
    "acme/s-1/start/1",
    "acme/s-1/status/2",
    "acme/s-1/status/3",
  ]);
  t.match(receiver.received.map(dataOf).at(-1), { external: { order: external } }, "under the names that HR knows");
  t.notMatch(JSON.stringify(receiver.received), "Marker-Quux", "nobody's name");
  const { body } = await api.ask("GET", "/v1/orders/o-1");
  t.match(body["statuses"], [
    { revision: 1, status: "booked", label: { "zh-CN": "待面试" } },
    { revision: 2, status: "running", label: { "zh-CN": "面试中" }, sessionId: "s-1" },
    { revision: 3, status: "completed", label: { "zh-CN": "已完成" } },
  ]);
});

t.test("says of an order that it was cancelled, expired, or booked again", async (t) => {
  const { hr, api, receiver, toSystems } = await openTold(t);
  await api.ask("POST", "/v1/orders", place("o-1"));
  await api.ask("POST", "/v1/orders", place("o-1"));
  await api.ask("POST", "/v1/orders/o-1/cancel");
  await api.ask("POST", "/v1/orders/o-1/cancel");
  await api.ask("POST", "/v1/orders", place("o-2"));
  hr.goTo(now + days(2));
  await keepTime(hr.issue.store, hr.issue.clock);
  await keepTime(hr.issue.store, hr.issue.clock);
  await api.ask("POST", "/v1/orders", place("o-2", { revision: 2, expiresAt: timestamp(now + days(3)) }));
  await toSystems.start();
  await until("all statuses at HR", async () => receiver.received.length === 5);
  const of = (orderId: string): unknown[] =>
    receiver.received.filter(({ event }) => event["subject"] === orderId).map((one) => dataOf(one).status);
  t.strictSame(of("o-1"), ["booked", "cancelled"]);
  t.strictSame(of("o-2"), ["booked", "expired", "booked"]);
  t.equal(receiver.duplicates, 0);
});

t.test("a target that takes results only is told nothing else", async (t) => {
  const { hr } = await openTold(t);
  const wanted = { tenantId: "acme", adapter: "successfactors", name: "sf", settings: {}, wants: ["status" as const] };
  await t.rejects(setTarget(hr.issue.store, wanted, hr.issue.clock), { code: "use.invalid", field: "wants" });
});
