import { type RawBuilder, sql } from "kysely";
import t from "tap";
import { createAccount } from "../../bridge/hr/accounts.ts";
import { keepApplications, prepareApplication } from "../../bridge/hr/applications.ts";
import { auditOf, chainHolds, record } from "../../bridge/hr/audit.ts";
import { bookSlot, setHours } from "../../bridge/hr/booking.ts";
import { addJudgement } from "../../bridge/hr/judgements.ts";
import { findOrder, placeOrder } from "../../bridge/hr/orders.ts";
import { setTarget } from "../../bridge/hr/targets.ts";
import { deletionReceipt } from "../../contracts/deletion.ts";
import { eventTypes, signedTypes } from "../../contracts/envelope.ts";
import { orderRequest } from "../../contracts/order.ts";
import { days } from "../../contracts/units.ts";
import { vacancy as vacancyShape } from "../../contracts/vacancy.ts";
import { sha256 } from "../../runtime/canonical.ts";
import { timestamp } from "../../runtime/clock.ts";
import { publicHalf, verifyWithKey } from "../../runtime/seal.ts";
import { openApiAlone } from "./api-alone.ts";
import { type HrAlone, openHrAlone } from "./hr-alone.ts";
import { deviceEvent } from "./peer.ts";
import { orderBody, scorecardBody, scorecardContent } from "./samples.ts";

const began = Date.parse("2026-03-01T09:00:00Z");
const until = timestamp(began + days(100));
const lasting = { recording: until, transcript: until, scorecard: until, journal: until };
const reference = (id: string) => [{ system: "ats", type: "candidate", id }];
const person = { candidateRef: "cand-1", name: "Zheng Marker-Quux", external: reference("ext-77-quux") };
const other = { candidateRef: "cand-2", name: "Wang Other-Baz", external: reference("ext-88-baz") };

const place = (hr: HrAlone, orderId: string, more: Record<string, unknown> = {}) =>
  placeOrder(
    orderBody("dev-1", { orderId, candidate: person, expiresAt: timestamp(began + days(1)), ...more }),
    hr.caller,
    hr.issue,
  );

async function take(hr: HrAlone, type: string, content: Record<string, unknown>): Promise<string> {
  const envelope = await deviceEvent(hr.device, type as typeof eventTypes.scorecard, content);
  return (await hr.intake.take({ envelope, receivedAt: began })).state;
}

const scorecardOf = (hr: HrAlone, names: { sessionId: string; orderId: string; revision?: number }, more = {}) =>
  scorecardContent(
    hr.device,
    [publicHalf(hr.keys.encryption)],
    scorecardBody(hr.device, names, { expiresAt: lasting, ...more }),
  );

/** Every value of every row, as a reader of the whole store would find it. */
async function everything({ issue: { store } }: HrAlone): Promise<Map<string, string>> {
  const names: RawBuilder<{ name: string }> = sql`select name from sqlite_master where type = 'table'`;
  const { rows: tables } = await names.execute(store);
  const found = new Map<string, string>();
  for (const { name } of tables)
    found.set(name, JSON.stringify((await sql`select * from ${sql.table(name)}`.execute(store)).rows));
  return found;
}
const holding = (found: Map<string, string>, mark: string): string[] =>
  [...found].flatMap(([name, text]) => (text.includes(mark) ? [name] : [])).sort();

const application = (hr: HrAlone) => {
  const { role, language, rubric, policy } = orderRequest.parse(orderBody("dev-1"));
  const vacancy = vacancyShape.parse({ deviceId: "dev-1", role, language, rubric, policy, branch: "/", validDays: 3 });
  const own = { source: "ats", applicationId: "app-quux", vacancyId: "v-1", name: person.name, external: [] };
  const one = { ...own, vacancy, candidate: person.external };
  return async (more: object = {}) => {
    const taken = await prepareApplication({ ...one, ...more }, hr.caller, hr.issue);
    await keepApplications([taken], hr.caller, hr.issue);
    return taken.prepared;
  };
};

/** A candidate with an order that is open, one that is running and one that is done, with all that hangs on them. */
async function seed(hr: HrAlone): Promise<void> {
  const { store, clock } = hr.issue;
  const born = { encryptionKey: publicHalf(hr.device.encryption), software: "0.1.0", board: "emulated" };
  await take(hr, eventTypes.birth, born);
  const settings = { url: "http://localhost:9/", secret: "x".repeat(32) };
  const target = { tenantId: "acme", name: "ats", adapter: "webhook", settings };
  await setTarget(store, { ...target, wants: ["result", "status", "help"] }, clock);
  const calendar = { name: "calendar", adapter: "calendar", settings: { folder: "/srv/candor/calendar" } };
  await setTarget(store, { tenantId: "acme", ...calendar }, clock);
  await place(hr, "o-open", { expiresAt: timestamp(began + days(3)) });
  const weekly = [{ days: [1, 2, 3, 4, 5, 6, 7], from: "00:00", to: "24:00" }];
  const use = { caller: hr.caller, issue: hr.issue };
  await setHours("dev-1", { timeZone: "UTC", slotMinutes: 30, weekly }, use);
  await bookSlot("o-open", began + days(1), use);
  await place(hr, "o-running");
  await place(hr, "o-done");
  await place(hr, "o-other", { candidate: other });
  await take(hr, eventTypes.sessionState, {
    sessionId: "s-2",
    orderId: "o-running",
    state: "inInterview",
    revision: 1,
  });
  for (const [sessionId, orderId] of [
    ["s-1", "o-done"],
    ["s-2", "o-running"],
  ])
    await take(hr, eventTypes.help, { requestId: `${sessionId}-help`, sessionId, orderId, state: "called" });
  await take(hr, eventTypes.scorecard, await scorecardOf(hr, { sessionId: "s-1", orderId: "o-done" }));
  await take(hr, eventTypes.sessionState, { sessionId: "s-1", orderId: "o-done", state: "done", revision: 1 });
  await take(
    hr,
    eventTypes.scorecard,
    await scorecardOf(hr, { sessionId: "s-3", orderId: "o-other" }, { candidateRef: "cand-2" }),
  );
  const wanted = { tenantId: "acme", login: "li", roles: ["hr" as const], password: "correct horse battery" };
  const { accountId } = await createAccount(store, wanted, clock);
  const body = { kind: "override", score: 0.9, reason: "Marker-Quux drew it" };
  await addJudgement(hr.issue, { ...hr.caller, accountId }, { sessionId: "s-1", body });
  t.equal(await take(hr, "candor.unheard.v1", { sessionId: "s-1", said: "Marker-Quux" }), "parked");
  t.equal(await take(hr, "candor.unheard.v1", { sessionId: "s-3", said: "Other-Baz" }), "parked");
  // Of an order that was never placed: only the seal says whose it is.
  const unplaced = await scorecardOf(hr, { sessionId: "s-9", orderId: "o-nowhere" });
  t.equal(await take(hr, eventTypes.scorecard, unplaced), "parked");
  const facts = { target: "ats", effectKey: "acme/s-1/scorecard/1", attempts: 1 };
  const told = { tenantId: "acme", branch: "/", at: began, action: "result.delivered" as const, subject: "s-1", facts };
  await store.transaction().execute((within) => record(within, told));
}

t.test("deletes a candidate everywhere, says so in a signed receipt, and keeps nothing that comes late", async (t) => {
  const hr = await openHrAlone(began);
  t.teardown(() => hr.stop());
  const api = await openApiAlone(hr);
  t.teardown(() => api.stop());
  const { store } = hr.issue;
  await seed(hr);
  const before = await everything(hr);
  for (const table of ["orders", "outbox", "judgements", "parked"])
    t.ok(before.get(table)?.includes("uux") || table === "parked", `${table} is what the test is about`);
  const token = await api.token("/", "candidates:delete");
  const ask = (ref: string, by = token) => api.ask("POST", `/v1/candidates/${ref}/delete`, { token: by });
  t.match(await ask("nobody"), { status: 404, body: { code: "candidate.unknown" } });
  t.match(await ask("cand-1", await api.token("/south", "candidates:delete")), { status: 404 });
  t.match(await ask("cand-1", await api.token("/", "orders:write")), { status: 403 });
  const { status, body } = await ask("cand-1");
  t.equal(status, 200);

  const receipt = body["receipt"] as string;
  const trust = { key: publicHalf(hr.keys.centre), type: signedTypes.deletion };
  const said = deletionReceipt.parse(await verifyWithKey(receipt, trust));
  t.same(said, body["deletion"], "what is answered is what is signed");
  t.equal(said.candidateHash, sha256("acme cand-1"));
  t.same(said.orders, ["o-done", "o-open", "o-running"]);
  t.same(said.sessions, ["s-1", "s-2"]);
  t.match(said.erased, { orders: 3, scorecards: 1, judgements: 1, bookings: 1, helpRequests: 1, parked: 2 });
  t.same(said.cancelled, [{ orderId: "o-open", deviceId: "dev-1" }]);
  t.same(said.unreached, [
    { kind: "target", name: "ats", got: ["result"] },
    { kind: "device", name: "dev-1", orders: ["o-done", "o-running"] },
  ]);
  await t.rejects(verifyWithKey(`${receipt.slice(0, -4)}AAAA`, trust), { code: "signature.invalid" });

  const left = await everything(hr);
  for (const mark of ["Marker-Quux", "ext-77-quux", "cand-1"]) t.same(holding(left, mark), [], mark);
  t.same(await store.selectFrom("parked").select("deviceId").execute(), [{ deviceId: "dev-1" }], "the other's stays");
  for (const mark of ["Other-Baz", "ext-88-baz"]) t.ok(holding(left, mark).includes("orders"), mark);
  t.equal((await store.selectFrom("scorecards").select("sessionId").execute()).length, 1);
  const { state, eventId } = await findOrder(store, hr.caller, "o-open");
  t.equal(state, "cancelled");
  const down = store.selectFrom("outbox").select(["effectKey", "state"]).where("kind", "=", "order");
  t.same(
    await down.where("subject", "=", "o-open").where("body", "!=", "").execute(),
    [{ effectKey: eventId, state: "waiting" }],
    "the device is told to drop the order, and gets no other",
  );
  t.same(await store.selectFrom("bookedCells").select("cell").execute(), [], "the slot is free again");
  const told = store.selectFrom("outbox").select(["body", "kind"]).where("subject", "=", "o-open");
  const waiting = await told.where("state", "=", "waiting").where("kind", "!=", "order").orderBy("kind").execute();
  t.match(
    waiting.map(({ kind, body: text }) => [kind, JSON.parse(text) as unknown]),
    [
      ["invitation", { data: { state: "cancelled" } }],
      ["status", { data: { status: "cancelled" } }],
    ],
    "calendars and HR are told that it was cancelled, without a name or a reference",
  );
  const audit = await auditOf(store, "acme");
  t.ok(chainHolds(audit));
  t.equal(audit.filter(({ action }) => action === "candidate.deleted").length, 1);

  t.same((await ask("cand-1")).body, body, "again is the same");
  t.match(await ask("cand-1", await api.token("/south", "candidates:delete")), { status: 404 });
  const late = await scorecardOf(hr, { sessionId: "s-2", orderId: "o-running" });
  t.equal(await take(hr, eventTypes.scorecard, late), "accepted", "the device may let go of it");
  const end = { sessionId: "s-2", orderId: "o-running", state: "done", revision: 2 };
  t.equal(await take(hr, eventTypes.sessionState, end), "accepted");
  for (const mark of ["Marker-Quux", "ext-77-quux"]) t.same(holding(await everything(hr), mark), [], mark);
  t.equal((await store.selectFrom("scorecards").select("sessionId").execute()).length, 1);
  t.ok(chainHolds(await auditOf(store, "acme")));
});

t.test("an application of a deleted candidate that HR still shows becomes no order again", async (t) => {
  const hr = await openHrAlone(began);
  t.teardown(() => hr.stop());
  const api = await openApiAlone(hr);
  t.teardown(() => api.stop());
  const apply = application(hr);
  const { summary } = await apply();
  const { document } = await findOrder(hr.issue.store, hr.caller, summary.orderId);
  const { candidateRef } = (JSON.parse(document) as { candidate: typeof person }).candidate;
  const token = await api.token("/", "candidates:delete");
  const { body } = await api.ask("POST", `/v1/candidates/${candidateRef}/delete`, { token });
  t.match(body, { deletion: { erased: { orders: 1, applications: 1 }, unreached: [] } });
  t.match(await apply({ name: "Zheng Marker-Quux II" }), { verdict: "same", summary: { state: "cancelled" } });
  const left = await everything(hr);
  for (const mark of ["Marker-Quux", "ext-77-quux", "app-quux"]) t.same(holding(left, mark), [], mark);
});
