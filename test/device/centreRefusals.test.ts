import { join } from "node:path";
import t from "tap";
import { runCandor } from "../../cli/demo/plans.ts";
import type { FaultCode } from "../../contracts/fault.ts";
import type { Scorecard } from "../../contracts/scorecard.ts";
import { seconds } from "../../contracts/units.ts";
import { readIdentity } from "../../provisioning/enrol.ts";
import { systemClock, timestamp } from "../../runtime/clock.ts";
import { askOverTls, type Refusal, sumOf } from "./centre.ts";
import { orderFor } from "./order.ts";
import { openSystem } from "./system.ts";
import { eventually } from "./waiting.ts";
import { smallScorecard, WiredDevice } from "./wiredDevice.ts";

t.setTimeout(seconds(280));
const system = await openSystem({ without: ["emulator", "agent"] });
const { stack, centre } = system;
const deviceId = "wire-1";
const folder = join(system.scratch, deviceId);
await runCandor([
  "bridge",
  "enrol",
  "--directory",
  stack.layout.centre,
  "--tenant",
  stack.tenantId,
  "--device",
  deviceId,
  "--output",
  folder,
  "--json",
]);
const device = new WiredDevice(await readIdentity(folder), system.brokerUrl);
await device.open();
t.teardown(async () => {
  await device.close();
  await system.close();
});
const pids = { relay: stack.pid("relay"), hr: stack.pid("hr") };
const refusedByRelay = async (code: FaultCode): Promise<number> => {
  const { raw } = await askOverTls(new URL("/metrics", `https://localhost:${stack.ports.relay}`), { ca: centre.ca });
  return sumOf(raw.toString("utf8"), "candor_refused_total", { code });
};
type Parked = Record<string, unknown> & { eventId: string };
const parked = async (eventId: string): Promise<Parked | undefined> => {
  const { body } = await centre.ask<Parked[] | { parked?: Parked[]; events?: Parked[] }>("GET", "/v1/parked");
  const rows = Array.isArray(body) ? body : (body.parked ?? body.events ?? []);
  return rows.find((one) => one.eventId === eventId);
};
/** Another last character that differs in the bits that count. */
const spoilt = (token: string): string =>
  `${token.slice(0, -3)}${token.slice(-3, -2) === "A" ? "B" : "A"}${token.slice(-2)}`;

t.test(
  "relay refuses what is no event and what is wrongly signed, counts it, answers nothing and stays up",
  async (t) => {
    const order = await device.untilOrder(await centre.place(orderFor({ deviceId })));
    const good = await device.scorecardEvent(await smallScorecard(order), order);
    const stranger = { ...good, id: systemClock.id() };
    const cases: { what: string; text: string; code: FaultCode; eventId: string }[] = [
      { what: "no JSON", text: "hello", code: "message.malformed", eventId: "none" },
      {
        what: "no signature",
        text: JSON.stringify({ ...good, data: Buffer.from("{}").toString("base64url") }),
        code: "signature.missing",
        eventId: good.id,
      },
      {
        what: "a broken signature",
        text: JSON.stringify({ ...good, data: spoilt(good.data) }),
        code: "signature.invalid",
        eventId: good.id,
      },
      {
        what: "a signature for another event",
        text: JSON.stringify(stranger),
        code: "signature.invalid",
        eventId: stranger.id,
      },
      {
        what: "another device's name",
        text: JSON.stringify({ ...good, source: `candor/${stack.tenantId}/${stack.deviceId}` }),
        code: "signature.invalid",
        eventId: good.id,
      },
    ];
    for (const { what, text, code, eventId } of cases) {
      const before = await refusedByRelay(code);
      await device.sendRaw(text);
      await eventually(
        { what: `relay to count ${what} as ${code}` },
        async () => (await refusedByRelay(code)) > before,
      );
      t.notOk(
        device.receipts.some((one) => one.eventId === eventId),
        `${what}: no receipt`,
      );
    }
    t.equal(stack.pid("relay"), pids.relay, "relay stays up");
  },
);

t.test("hr refuses malformed orders, naming the field, counts them and stays up", async (t) => {
  const good = orderFor({ deviceId: stack.deviceId });
  const light = {
    ...good,
    rubric: {
      ...good.rubric,
      competencies: good.rubric.competencies.map((one, at) => (at === 0 ? { ...one, weight: one.weight - 10 } : one)),
    },
  };
  const older = { audio: "T2dnUw", textHash: "0".repeat(64), by: "recording" };
  const stale = {
    ...good,
    rubric: {
      ...good.rubric,
      questions: good.rubric.questions.map((one, at) => (at === 0 ? { ...one, prompts: { en: older } } : one)),
    },
  };
  const cases: { what: string; body?: unknown; raw?: string; code: FaultCode; field?: RegExp }[] = [
    { what: "text that is no JSON", raw: '{"deviceId": ', code: "message.malformed" },
    { what: "a misspelt key", body: { ...good, langauge: "en" }, code: "order.invalid", field: /langauge/ },
    { what: "a missing candidate", body: { ...good, candidate: undefined }, code: "order.invalid", field: /candidate/ },
    {
      what: "a prompt of an older text",
      body: stale,
      code: "rubric.prompt",
      field: /rubric\.questions\[0\]\.prompts\.en/,
    },
    { what: "weights that sum to 90", body: light, code: "rubric.weights", field: /competencies/ },
    {
      what: "an expiry that is no time",
      body: { ...good, expiresAt: "tomorrow" },
      code: "order.invalid",
      field: /expiresAt/,
    },
  ];
  for (const { what, body, raw, code, field } of cases) {
    const before = await centre.counter("candor_refused_total", { code });
    const answer = await centre.ask<Refusal>("POST", "/v1/orders", {
      ...(body === undefined ? {} : { body }),
      ...(raw === undefined ? {} : { raw }),
    });
    t.ok(answer.status >= 400 && answer.status < 500, `${what} is refused (${answer.status})`);
    t.equal(answer.body.code, code, `${what}: ${answer.body.message}`);
    if (field !== undefined)
      t.match(`${answer.body.field ?? ""} ${answer.body.message}`, field, `${what}: the field is named`);
    t.equal(await centre.counter("candor_refused_total", { code }), before + 1, `${what} is counted`);
  }
  t.equal(stack.pid("hr"), pids.hr, "hr stays up");
});

t.test("hr refuses requests without a token, with a wrong one and outside its scope", async (t) => {
  const narrow = await stack.createToken(["orders:read"]);
  const other = await stack.createToken(["orders:read", "scorecards:read"], "another-tenant");
  const orderId = await centre.place(
    orderFor({ deviceId: stack.deviceId, expiresAt: timestamp(systemClock.wall() + seconds(600)) }),
  );
  const cases: { what: string; method: string; path: string; token: string | null; code: FaultCode; status: number }[] =
    [
      {
        what: "no token",
        method: "GET",
        path: `/v1/orders/${orderId}`,
        token: null,
        code: "token.missing",
        status: 401,
      },
      {
        what: "a made-up token",
        method: "GET",
        path: `/v1/orders/${orderId}`,
        token: "candor_madeup",
        code: "token.invalid",
        status: 401,
      },
      {
        what: "a token that may not write",
        method: "POST",
        path: "/v1/orders",
        token: narrow,
        code: "token.scope",
        status: 403,
      },
      {
        what: "a token that may not read scorecards",
        method: "GET",
        path: "/v1/scorecards/none",
        token: narrow,
        code: "token.scope",
        status: 403,
      },
      {
        what: "another tenant's token",
        method: "GET",
        path: `/v1/orders/${orderId}`,
        token: other,
        code: "order.unknown",
        status: 404,
      },
    ];
  for (const { what, method, path, token, code, status } of cases) {
    const before = await centre.counter("candor_refused_total", { code });
    const body = method === "POST" ? { body: orderFor({ deviceId: stack.deviceId }) } : {};
    const answer = await centre.ask<Refusal>(method, path, { token, ...body });
    t.equal(answer.status, status, `${what}: ${answer.raw.toString("utf8")}`);
    t.equal(answer.body.code, code);
    t.equal(await centre.counter("candor_refused_total", { code }), before + 1, `${what} is counted`);
  }
  await centre.ask("POST", `/v1/orders/${orderId}/cancel`);
  t.equal(stack.pid("hr"), pids.hr, "hr stays up");
});

t.test("hr parks a scorecard whose own signature is broken, says so, and HR gets nothing", async (t) => {
  const order = await device.untilOrder(await centre.place(orderFor({ deviceId })));
  const card = await smallScorecard(order);
  const before = await centre.counter("candor_refused_total", { code: "signature.invalid" });
  const event = await device.scorecardEvent(card, order, { change: spoilt });
  await device.send(event);
  const answer = await device.untilReceipt(event.id, "parked");
  t.equal(answer.fault, "signature.invalid");
  t.ok((await centre.counter("candor_refused_total", { code: "signature.invalid" })) > before, "hr counts it");
  t.ok(await parked(event.id), "it is kept sealed among the parked");
  await systemClock.sleep(seconds(1));
  t.equal(system.results(card.sessionId).length, 0, "nothing is delivered");
  t.equal(stack.pid("hr"), pids.hr, "hr stays up");
});

t.test("a scorecard of a newer release with additional fields passes, and keeps them", async (t) => {
  const order = await device.untilOrder(await centre.place(orderFor({ deviceId })));
  const card = { ...(await smallScorecard(order)), brandNew: { level: 9 } } as Scorecard;
  const event = await device.scorecardEvent(card, order);
  await device.deliver({ ...event, brandnew: "yes" });
  const kept = await centre.scorecard(card.sessionId);
  t.match(kept.scorecard, { sessionId: card.sessionId, brandNew: { level: 9 } });
  await eventually({ what: "the result at the HR system" }, () => system.results(card.sessionId).length === 1);
});

t.test("parks an event of a type that it does not know, says so, and can be asked to read it again", async (t) => {
  const event = await device.envelope("candor.session.scorecard.v9", {
    sessionId: systemClock.id(),
    revision: 1,
    sealed: {},
  });
  await device.send(event);
  const answer = await device.untilReceipt(event.id, "parked");
  t.equal(answer.fault, "message.unsupportedVersion");
  t.ok(await parked(event.id), "it is listed");
  const replay = await centre.ask("POST", `/v1/parked/${event.id}/replay`);
  t.ok(replay.status < 500, `the replay is answered: ${replay.raw.toString("utf8")}`);
  t.ok(await parked(event.id), "it still cannot be read and stays parked");
  t.equal((await centre.ask("POST", "/v1/parked/nothing/replay")).status, 404, "what is not parked cannot be replayed");
});

t.test("takes a parked scorecard once it can be read, and delivers it once", async (t) => {
  const other = await device.untilOrder(await centre.place(orderFor({ deviceId })));
  const orderId = `late-${systemClock.id().slice(0, 8)}`;
  const card = await smallScorecard({ ...other, orderId });
  const event = await device.scorecardEvent(card, other);
  await device.send(event);
  t.equal((await device.untilReceipt(event.id, "parked")).fault, "order.unknown");
  t.equal(system.results(card.sessionId).length, 0, "nothing is delivered while its order is unknown");
  await centre.place(orderFor({ deviceId, orderId }));
  await device.untilOrder(orderId);
  const replay = await centre.ask("POST", `/v1/parked/${event.id}/replay`);
  t.ok(replay.status < 300, `the replay is taken: ${replay.raw.toString("utf8")}`);
  await device.untilReceipt(event.id, "accepted");
  await eventually({ what: "the result at the HR system" }, () => system.results(card.sessionId).length === 1);
  t.notOk(await parked(event.id), "it is parked no more");
});

t.test("both processes of the centre are those that were started", async (t) => {
  t.same({ relay: stack.pid("relay"), hr: stack.pid("hr") }, pids);
});
