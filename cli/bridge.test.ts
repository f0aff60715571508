import { readFile } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import { startReceiver } from "../bridge/adapters/receiver.ts";
import { eventTypes, signedTypes } from "../contracts/envelope.ts";
import { order as orderShape } from "../contracts/order.ts";
import type { PublicKey } from "../contracts/policy.ts";
import { topics } from "../contracts/topics.ts";
import { systemClock } from "../runtime/clock.ts";
import { newPrivateKey, sign, unseal, verifyWithKey } from "../runtime/seal.ts";
import type { Peer } from "./bridge/peer.ts";
import { Rig } from "./bridge/rig.ts";
import { orderBody, scorecardBody, scorecardContent } from "./bridge/samples.ts";
import { until } from "./bridge/until.ts";

const secret = "a secret of the tests, long enough";
const everything = ["orders:write", "orders:read", "scorecards:read", "audit:read", "operate"];

t.setTimeout(120_000);
const rig = await Rig.start();
let refuses = (_: string): boolean => false;
const receiver = await startReceiver({
  secret,
  trouble: async ({ key, kept }) => (!kept && refuses(key) ? { status: 422 } : undefined),
});
t.teardown(async () => {
  await rig.stop();
  await receiver.stop();
});
const token = await rig.token("acme", ...everything);
await rig.target("acme", { url: receiver.url, secret });
const identity = await rig.enrol("acme", "dev-1");
const otherIdentity = await rig.enrol("acme", "dev-2");
const device = await rig.device(identity);

/** What the device reads out of an order event it was sent. */
async function opened(
  peer: Peer,
  event: Record<string, unknown>,
): Promise<{ order: ReturnType<typeof orderShape.parse>; eventId: string }> {
  const { centre, encryption } = peer.identity;
  const outer = await verifyWithKey(String(event["data"]), { key: centre, type: signedTypes.event });
  const inner = await unseal(outer["sealed"], encryption);
  return {
    order: orderShape.parse(await verifyWithKey(inner, { key: centre, type: signedTypes.order })),
    eventId: String(event["id"]),
  };
}

const acknowledge = (peer: Peer, orderId: string, event: Record<string, unknown>): Promise<string> =>
  peer.send(eventTypes.orderAcknowledged, { orderId, revision: 1, acknowledges: event["id"], accepted: true });

const stateOf = async (orderId: string): Promise<unknown> =>
  (await rig.call("GET", `/v1/orders/${orderId}`, { token })).body["state"];

let recipients: PublicKey[] = [];
const scored = async (
  names: { sessionId: string; orderId: string; revision?: number },
  more: Record<string, unknown> = {},
) =>
  device.event(
    eventTypes.scorecard,
    await scorecardContent(identity, recipients, scorecardBody(identity, names, more)),
  );
const shipped = (sessionId: string) => receiver.received.filter(({ key }) => key.startsWith(`acme/${sessionId}/`));

t.test(
  "keeps an order for a device that has not come up, and sends it sealed at its birth until acknowledged",
  async (t) => {
    const placed = await rig.call("POST", "/v1/orders", { token, body: orderBody("dev-1", { orderId: "order-1" }) });
    t.match(placed, { status: 201, body: { orderId: "order-1", revision: 1, state: "waiting" } });
    t.equal(device.orders.length, 0);
    await device.born();
    await until("the order", () => device.orders.length > 0);
    const first = device.orders[0] ?? {};
    t.notMatch(JSON.stringify(first), /Marker|Quux/);
    const { order } = await opened(device, first);
    t.equal(order.candidate.name, "Zheng Marker-Quux");
    t.equal(order.recipients.length, 2, "HR and the recovery key");
    recipients = order.recipients;
    await until("the same order once more", () => device.orders.length > 1);
    t.equal(device.orders[1]?.["id"], first["id"]);
    await acknowledge(device, "order-1", first);
    await until("delivered", async () => (await stateOf("order-1")) === "delivered");
    const sent = device.orders.length;
    await device.born();
    t.equal(device.orders.length, sent, "an acknowledged order is not sent again");
  },
);

t.test("takes the same order once, a higher revision instead, and refuses a lower or changed one", async (t) => {
  const post = (more: Record<string, unknown>) =>
    rig.call("POST", "/v1/orders", {
      token,
      body: orderBody("dev-1", { orderId: "order-2", expiresAt: "2100-01-01T00:00:00Z", ...more }),
    });
  t.equal((await post({})).status, 201);
  t.match(await post({}), { status: 200, body: { revision: 1 } });
  t.match(await post({ language: "zh-CN" }), { status: 409, body: { code: "order.stale", field: "revision" } });
  t.match(await post({ revision: 3 }), { status: 201, body: { revision: 3 } });
  t.match(await post({ revision: 2 }), { status: 409, body: { code: "order.stale" } });
  const read = await rig.call("POST", "/v1/orders/order-2/cancel", { token });
  t.match(read, { status: 200, body: { state: "cancelled", revision: 4 } });
  t.match(await post({ revision: 9 }), { status: 409, body: { code: "order.cancelled" } });
  t.match(await rig.call("GET", "/v1/orders/order-2/check-in", { token }), {
    status: 409,
    body: { code: "order.cancelled" },
  });
});

t.test("names what is wrong with an order", async (t) => {
  const body = orderBody("dev-1");
  const rubric = structuredClone(body["rubric"]) as { competencies: { weight: number }[] };
  if (rubric.competencies[0] !== undefined) rubric.competencies[0].weight = 50;
  const heavy = await rig.call("POST", "/v1/orders", { token, body: { ...body, rubric } });
  t.match(heavy, { status: 400, body: { code: "rubric.weights", field: "rubric.competencies", message: /sum to 90/ } });
  t.match(await rig.call("POST", "/v1/orders", { token, body: { ...body, langauge: "en" } }), {
    status: 400,
    body: { code: "order.invalid" },
  });
  const misspelt = { ...(body["policy"] as object), bannedSignal: ["speech.fillers"] };
  t.match(await rig.call("POST", "/v1/orders", { token, body: { ...body, policy: misspelt } }), {
    status: 400,
    body: { code: "order.invalid", field: "policy.bannedSignal" },
  });
  t.match(await rig.call("POST", "/v1/orders", { token, body: "{" }), {
    status: 400,
    body: { code: "message.malformed" },
  });
  t.match(await rig.call("POST", "/v1/orders", { body }), { status: 401, body: { code: "token.missing" } });
  t.match(await rig.call("POST", "/v1/orders", { token: "candor_wrong", body }), {
    status: 401,
    body: { code: "token.invalid" },
  });
  const reader = await rig.token("acme", "orders:read");
  t.match(await rig.call("POST", "/v1/orders", { token: reader, body }), {
    status: 403,
    body: { code: "token.scope" },
  });
  const stranger = await rig.token("other", "orders:read");
  t.match(await rig.call("GET", "/v1/orders/order-1/check-in", { token: reader }), {
    status: 403,
    body: { code: "token.scope" },
  });
  t.match(await rig.call("GET", "/v1/orders/order-1", { token: stranger }), {
    status: 404,
    body: { code: "order.unknown" },
  });
  t.equal(await rig.refusals("hr", "rubric.weights"), 1);
  t.equal(await rig.refusals("hr", "token.missing"), 1);
});

t.test("makes a signed check-in code and draws it", async (t) => {
  const { body } = await rig.call("GET", "/v1/orders/order-1/check-in", { token });
  const text = String(body["text"]);
  t.match(text, /^CANDOR1:/);
  const claims = await verifyWithKey(text.slice("CANDOR1:".length), {
    key: identity.centre,
    type: signedTypes.checkIn,
  });
  t.match(claims, { orderId: "order-1", tenantId: "acme", deviceId: "dev-1", revision: 1 });
  const png = await rig.call("GET", "/v1/orders/order-1/check-in?format=png", { token });
  t.equal(png.raw.subarray(1, 4).toString("latin1"), "PNG");
  t.match((await rig.call("GET", "/v1/orders/order-1/check-in?format=svg", { token })).raw.toString("utf8"), /<svg/);
});

t.test("brings a scorecard to HR once, however often it is sent, and follows the session's state", async (t) => {
  await device.answered(
    await device.send(eventTypes.sessionState, {
      sessionId: "s-1",
      orderId: "order-1",
      state: "inInterview",
      revision: 1,
    }),
    "accepted",
  );
  t.equal(await stateOf("order-1"), "inInterview");
  const event = await scored({ sessionId: "s-1", orderId: "order-1" }, { aFieldOfANewerRelease: { any: 1 } });
  for (let turn = 0; turn < 3; turn++) await device.publish(event);
  const stored = await device.answered(String(event["id"]), "stored");
  const statement = await verifyWithKey(stored.relayKey ?? "", { key: identity.centre, type: signedTypes.relayKey });
  t.equal(statement["use"], "relay");
  await device.answered(String(event["id"]), "accepted");
  await device.publish(await scored({ sessionId: "s-1", orderId: "order-1" }));
  await device.answered(
    await device.send(eventTypes.sessionState, { sessionId: "s-1", orderId: "order-1", state: "done", revision: 3 }),
    "accepted",
  );
  await device.answered(
    await device.send(eventTypes.sessionState, {
      sessionId: "s-1",
      orderId: "order-1",
      state: "inInterview",
      revision: 2,
    }),
    "accepted",
  );
  t.equal(await stateOf("order-1"), "done", "a late message never sets a state back");
  await until("delivery", () => shipped("s-1").length > 0);
  t.equal(shipped("s-1").length, 1);
  t.match(shipped("s-1")[0]?.event, {
    type: "candor.result.scorecard.v1",
    data: { total: 0.62, chainVerified: true, candidateRef: "cand-1" },
  });
  const kept = await rig.call("GET", "/v1/scorecards/s-1", { token });
  t.match(kept.body, { revision: 1, chainVerified: true, scorecard: { aFieldOfANewerRelease: { any: 1 } } });
  const next = await scored({ sessionId: "s-1", orderId: "order-1", revision: 2 });
  await device.publish(next);
  await until("the higher revision", () => shipped("s-1").length === 2);
  t.equal(receiver.duplicates, 0);
});

t.test("parks what it cannot read, says so, and replays it", async (t) => {
  const unknown = await device.send("candor.session.dance.v9", { sessionId: "s-1" });
  t.match(await device.answered(unknown, "parked"), { fault: "message.unsupportedVersion" });
  const early = await scored({ sessionId: "s-2", orderId: "order-late" });
  await device.publish(early);
  t.match(await device.answered(String(early["id"]), "parked"), { fault: "order.unknown" });
  const list = await rig.call("GET", "/v1/parked", { token });
  t.match(list.body, { parked: [{ eventId: unknown }, { eventId: early["id"] }] });
  t.match(await rig.call("POST", `/v1/parked/${unknown}/replay`, { token }), {
    status: 400,
    body: { code: "message.unsupportedVersion" },
  });
  await rig.call("POST", "/v1/orders", { token, body: orderBody("dev-1", { orderId: "order-late" }) });
  t.match(await rig.call("POST", `/v1/parked/${String(early["id"])}/replay`, { token }), {
    status: 200,
    body: { state: "accepted" },
  });
  await device.answered(String(early["id"]), "accepted");
  await until("delivery after the replay", () => shipped("s-2").length === 1);
});

t.test("refuses forged, spoilt and borrowed events, counts them, and stays up", async (t) => {
  const pids = [rig.pid("relay"), rig.pid("hr")];
  const before = await rig.refusals("relay", "signature.invalid");
  const good = await device.event(eventTypes.sessionState, {
    sessionId: "s-9",
    orderId: "order-1",
    state: "done",
    revision: 9,
  });
  const [head, body, mark] = String(good["data"]).split(".");
  const spoilt = Buffer.from(
    Buffer.from(body ?? "", "base64url")
      .toString("utf8")
      .replace("done", "refused"),
  ).toString("base64url");
  await device.publish({ ...good, data: [head, spoilt, mark].join(".") });
  await device.publish({ ...good, id: "another-event" });
  await device.publish({ ...good, source: "candor/acme/dev-2" });
  await device.publish("not JSON at all");
  await device.publish({ ...good, data: "unsigned" });
  const foreign = await newPrivateKey();
  const bySelf = await sign(
    { tenantId: "acme", deviceId: "dev-1", eventId: good["id"] },
    { key: foreign, type: signedTypes.event },
  );
  await device.publish({ ...good, data: bySelf });
  await until("six refusals", async () => {
    const counts = await Promise.all(
      ["signature.invalid", "message.malformed", "signature.missing", "certificate.untrusted"].map((code) =>
        rig.refusals("relay", code),
      ),
    );
    return counts.reduce((sum, count) => sum + count, 0) >= before + 6;
  });
  t.notOk(
    device.receipts.some((one) => one.eventId === good["id"]),
    "none of them is answered",
  );
  const inside = await scorecardContent(
    otherIdentity,
    recipients,
    scorecardBody(otherIdentity, { sessionId: "s-3", orderId: "order-1" }),
  );
  const borrowed = await device.send(eventTypes.scorecard, inside);
  t.match(await device.answered(borrowed, "parked"), { fault: "signature.invalid" });
  t.equal(await rig.refusals("hr", "signature.invalid"), 1);
  t.same([rig.pid("relay"), rig.pid("hr")], pids);
});

t.test("lets a device speak and hear for itself alone", async (t) => {
  const other = await rig.device(otherIdentity);
  const event = await other.event(eventTypes.sessionState, {
    sessionId: "s-9",
    orderId: "order-1",
    state: "done",
    revision: 9,
  });
  await other.publish(event, topics.events("acme", "dev-1"));
  await other.publish("{}", topics.orders("acme", "dev-1"));
  const own = await other.send(eventTypes.sessionState, {
    sessionId: "s-8",
    orderId: "none",
    state: "done",
    revision: 1,
  });
  await other.answered(own, "accepted");
  t.notOk(
    device.orders.some((message) => message["id"] === undefined),
    "nothing but what relay sends, which may send an order again",
  );
  t.notOk([...other.receipts, ...device.receipts].some((one) => one.eventId === event["id"]));
});

t.test("delivers exactly once to HR when relay and hr are killed at any moment", async (t) => {
  const names = Array.from({ length: 12 }, (_, at) => `k-${at}`);
  const work = names.map(async (sessionId, at) => {
    const event = await scored({ sessionId, orderId: "order-1" });
    await systemClock.sleep(at * 120);
    const again = () => device.publish(event);
    await again().catch(() => undefined);
    await device.answered(String(event["id"]), "accepted", again);
  });
  for (const name of ["hr", "relay", "hr"] as const) {
    await systemClock.sleep(250);
    await rig.kill(name);
    await rig.run(name);
  }
  await Promise.all(work);
  await until("all results", () => names.every((name) => shipped(name).length > 0));
  for (const name of names) t.equal(shipped(name).length, 1, name);
  const dead = await rig.call("GET", "/v1/deliveries?state=dead", { token });
  t.same(dead.body, { deliveries: [] });
});

t.test("refuses an order that is too large for the broker, and goes on", async (t) => {
  const body = { text: "x".repeat(1024 * 1024) };
  const { status, body: answer } = await rig.call("POST", "/v1/orders", { token, body });
  t.equal(status, 413);
  t.match(answer, { code: "message.tooLarge" });
});

t.test("keeps a result that HR's system refused as dead, shows it, and delivers it on replay", async (t) => {
  refuses = (key) => key.startsWith("acme/s-dead/");
  await device.publish(await scored({ sessionId: "s-dead", orderId: "order-1" }));
  const dead = async (): Promise<{ deliveryId: string; subject: string }[]> => {
    const { body } = await rig.call("GET", "/v1/deliveries?state=dead", { token });
    return body["deliveries"] as { deliveryId: string; subject: string }[];
  };
  await until("the dead letter", async () => (await dead()).length > 0);
  const [letter] = await dead();
  t.match(letter, { subject: "s-dead", fault: "delivery.refused", attempts: 1 });
  t.equal(shipped("s-dead").length, 0);
  refuses = () => false;
  await rig.call("POST", `/v1/deliveries/${letter?.deliveryId}/replay`, { token });
  await until("the replayed result", () => shipped("s-dead").length === 1);
  t.same(await dead(), []);
});

t.test("says so in its own journal when consent was refused, and that nothing was scored", async (t) => {
  const refused = {
    purpose: "scoring",
    textId: "c2",
    version: 1,
    hash: "h",
    language: "en",
    given: false,
    at: "2026-01-01T00:00:00Z",
  };
  const event = await scored(
    { sessionId: "s-no", orderId: "order-1" },
    { ended: "refused", score: null, consents: [refused] },
  );
  await device.publish(event);
  await device.answered(String(event["id"]), "accepted");
  const { body } = await rig.call("GET", "/v1/audit?action=consent.refused", { token });
  t.match(body["entries"], [{ subject: "s-no", facts: { purposes: "scoring", scored: false } }]);
  await until("HR to be told", () => shipped("s-no").length === 1);
  t.match(shipped("s-no")[0]?.event, { data: { ended: "refused", total: null, competencies: [] } });
});

t.test("keeps an audit whose chain holds, and no name in its logs", async (t) => {
  const audit = await rig.call("GET", "/v1/audit", { token });
  t.equal(audit.body["verified"], true);
  const actions = new Set((audit.body["entries"] as { action: string }[]).map((one) => one.action));
  for (const action of [
    "order.received",
    "order.delivered",
    "order.cancelled",
    "checkIn.made",
    "scorecard.accepted",
    "event.parked",
    "event.replayed",
    "result.delivered",
  ])
    t.ok(actions.has(action), action);
  t.notMatch(rig.logs, /Marker|Quux|queue keep its promises/);
  for (const file of ["relay/store.sqlite", "relay/store.sqlite-wal", "hr/store.sqlite", "hr/store.sqlite-wal"]) {
    const bytes = await readFile(join(rig.directory, file));
    for (const word of ["Marker-Quux", Buffer.from("Marker-Quux").toString("base64").slice(1, -3)])
      t.notOk(bytes.includes(word), `${file}: ${word}`);
  }
});
