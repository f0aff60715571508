import { readFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { newKey } from "../../bridge/adapters/fakes/key.ts";
import { createToken, roles, type Scope, scope } from "../../bridge/hr/access.ts";
import { createAccount } from "../../bridge/hr/accounts.ts";
import { declared } from "../../bridge/hr/api/declared.ts";
import { bookSlot, setHours } from "../../bridge/hr/booking.ts";
import { placeOrder } from "../../bridge/hr/orders.ts";
import { enqueue } from "../../bridge/hr/outbox.ts";
import { setSource } from "../../bridge/hr/pull.ts";
import { setVacancy } from "../../bridge/hr/vacancies.ts";
import { addOperatorRoutes } from "../../bridge/service.ts";
import { eventTypes } from "../../contracts/envelope.ts";
import { days } from "../../contracts/units.ts";
import { timestamp } from "../../runtime/clock.ts";
import { projectRoot } from "../../runtime/paths.ts";
import { publicHalf } from "../../runtime/seal.ts";
import { orderFor } from "../../test/device/order.ts";
import { apiService } from "./api-alone.ts";
import { openHrAlone } from "./hr-alone.ts";
import { deviceEvent } from "./peer.ts";
import { orderBody, scorecardBody, scorecardContent } from "./samples.ts";

/** Each route of the document, asked by those who may and by those who may not, of rows in the branch /north of acme. */

type Operation = { "x-candor-access": Scope | "anyone" | "known"; responses: Record<string, unknown> };
const document = JSON.parse(readFileSync(join(projectRoot, "docs/openapi.json"), "utf8")) as {
  paths: Record<string, Record<string, Operation>>;
};
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    ...{ path, operation, access: operation["x-candor-access"] },
    method: method.toUpperCase() as "GET" | "POST" | "PUT" | "DELETE",
    name: `${method.toUpperCase()} ${path}`,
  })),
);

const began = Date.parse("2026-03-01T09:00:00Z");
const hr = await openHrAlone(began);
const { issue, intake, metrics } = hr;
const { store, clock } = issue;
const service = await apiService(hr, { requestsPerMinute: 10_000 });
addOperatorRoutes(service, { metrics, ready: async () => ({ store: true }) });
t.teardown(async () => {
  await service.close();
  await hr.stop();
});

const tokenOf = (tenantId: string, branch: string, scopes: readonly Scope[]) =>
  createToken(store, { tenantId, branch, scopes: [...scopes] }, clock);
const every = scope.options;
const password = "correct horse battery";
const { rubric, policy } = orderFor({ deviceId: "dev-1" });
const vacancy = { role: { title: "Engineer" }, rubric, policy, deviceId: "dev-1", branch: "/north" };
/** An hour of every day, in slots of half an hour. */
const hours = {
  ...{ timeZone: "UTC", slotMinutes: 30 },
  weekly: [{ days: [1, 2, 3, 4, 5, 6, 7], from: "12:00", to: "13:00" }],
};
const slot = Date.parse("2026-03-01T12:00:00Z");
const candidate = { candidateRef: "seen-candidate", name: "Zheng Marker-Quux" };
const newOrder = { ...orderBody("dev-1", { orderId: "made-north", candidate, expiresAt: timestamp(began + days(1)) }) };
const bodies: Record<string, object> = {
  "POST /v1/orders": { ...newOrder, branch: "/north" },
  "POST /v1/accounts": { login: "fresh", roles: ["hr"], password, branch: "/north" },
  "PUT /v1/vacancies/{vacancyId}": vacancy,
  "PUT /v1/devices/{deviceId}/hours": hours,
  "PUT /v1/orders/{orderId}/booking": { startsAt: timestamp(slot) },
  "POST /v1/help/{requestId}/take": { by: "seen-helper" },
  "POST /v1/help/{requestId}/close": { outcome: "solved" },
  "POST /v1/sign-in": { tenantId: "acme", login: "seen-north", password },
};

/** Files that are sent as they are. */
const files: Record<string, { type: string; payload: string }> = {
  "POST /v1/orders/upload": { type: "text/csv", payload: "application,name,vacancy\r\nA-1,Somebody,seen-vacancy\r\n" },
};
/** Addresses at which a row is made: another tenant may make its own there. */
const makes = new Set(["PUT /v1/vacancies/{vacancyId}", "PUT /v1/devices/{deviceId}/hours"]);

/** One row of each kind in /north, reached by the ids that the addresses ask for. */
async function seed(): Promise<Record<string, string>> {
  const caller = { ...hr.caller, branch: "/north" };

  for (const orderId of ["seen-order", "seen-done"])
    await placeOrder({ ...newOrder, orderId, branch: "/north" }, caller, issue);
  const take = async (type: string, content: Record<string, unknown>) => {
    const envelope = await deviceEvent(hr.device, type as typeof eventTypes.scorecard, content);
    await intake.take({ envelope, receivedAt: began });
    return envelope.id;
  };
  const recipients = [publicHalf(hr.keys.encryption)];
  const card = scorecardBody(hr.device, { sessionId: "seen-session", orderId: "seen-done" }, { expiresAt: lasting });
  await take(eventTypes.scorecard, await scorecardContent(hr.device, recipients, card));
  const eventId = await take("candor.seen.unheard.v1", { sessionId: "seen-session" });
  await store.updateTable("parked").set({ branch: "/north" }).execute();
  const row = { tenantId: "acme", branch: "/north", kind: "result" as const, target: "seen-target" };
  await store
    .transaction()
    .execute((within) =>
      enqueue(within, { ...row, effectKey: "seen-effect", subject: "seen-session", body: "{}" }, clock),
    );
  await store.updateTable("outbox").set({ state: "dead" }).where("target", "=", "seen-target").execute();
  const { deliveryId } = await store
    .selectFrom("outbox")
    .select("deliveryId")
    .where("target", "=", "seen-target")
    .executeTakeFirstOrThrow();
  const wanted = { tenantId: "acme", branch: "/north", login: "seen-north", roles: ["hr" as const], password };
  const { accountId } = await createAccount(store, wanted, clock);
  await setVacancy("seen-vacancy", vacancy, { caller, store, clock });
  await setHours("dev-1", hours, { caller, issue });
  await bookSlot("seen-order", slot, { caller, issue });
  const call = { requestId: "seen-request", sessionId: "seen-session", orderId: "seen-order", state: "called" };
  await take(eventTypes.help, call);
  const account = { companyId: "acme", clientId: "key", userId: "candor", ...(await newKey()) };
  // Nothing listens there: what a pull brings is pull.test.ts's.
  const source = {
    name: "seen-source",
    adapter: "successfactors",
    settings: { ...account, apiUrl: "http://127.0.0.1:9" },
  };
  await setSource(store, { tenantId: "acme", branch: "/north", ...source });
  const made = {
    candidateRef: "seen-candidate",
    rubricId: "rubric-1",
    vacancyId: "seen-vacancy",
    requestId: call.requestId,
    name: source.name,
  };
  return { orderId: "seen-order", sessionId: "seen-session", eventId, deliveryId, accountId, ...made };
}
const until = timestamp(began + days(100));
const lasting = { recording: until, transcript: until, scorecard: until, journal: until };
const seeded = await seed();
const marks = ["seen-", ...Object.values(seeded)];
const ids: Record<string, string> = { ...seeded, deviceId: "dev-1" };

async function ask(one: (typeof operations)[number], token?: string) {
  const url = one.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => ids[name] ?? `no row for ${name}`);
  const file = files[one.name];
  const headers = {
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(file === undefined ? {} : { "content-type": file.type }),
  };
  const payload = bodies[one.name] ?? file?.payload;
  return service.inject({ method: one.method, url, headers, ...(payload === undefined ? {} : { payload }) });
}

/** All that a caller could have changed: whatever is asked from outside leaves it as it is. */
const rows = async (): Promise<string> =>
  JSON.stringify([
    await store.selectFrom("orders").selectAll().execute(),
    await store.selectFrom("accounts").selectAll().execute(),
    await store.selectFrom("parked").selectAll().execute(),
    await store.selectFrom("outbox").selectAll().execute(),
    await store.selectFrom("vacancies").selectAll().execute(),
    await store.selectFrom("openingHours").selectAll().execute(),
    await store.selectFrom("bookings").selectAll().execute(),
    await store.selectFrom("helpRequests").selectAll().execute(),
    await store.selectFrom("sources").selectAll().execute(),
    await store.selectFrom("audit").selectAll().where("branch", "=", "/north").execute(),
  ]);

t.test("the document names every route, and every route it names is there", async (t) => {
  t.same(operations.map(({ name }) => name.replaceAll(/\{(\w+)\}/g, ":$1")).sort(), Object.keys(declared).sort());
  for (const one of operations) {
    const url = one.path.replaceAll(/\{(\w+)\}/g, ":$1");
    t.ok(service.hasRoute({ method: one.method, url }), one.name);
  }
});

t.test("without credentials, or with made-up ones, each route answers 401", async (t) => {
  for (const one of operations.filter(({ access }) => access !== "anyone")) {
    t.equal((await ask(one)).statusCode, 401, one.name);
    t.equal((await ask(one, "candor_madeup")).statusCode, 401, one.name);
  }
});

t.test("with every scope but the one that is needed, each route answers 403", async (t) => {
  const needed = operations.filter(({ access }) => access !== "anyone" && access !== "known");
  t.ok(needed.length > 10);
  for (const one of needed) {
    const token = await tokenOf(
      "acme",
      "/north",
      every.filter((each) => each !== one.access),
    );
    t.equal((await ask(one, token)).statusCode, 403, one.name);
  }
});

t.test("from another branch or tenant no route shows or changes anything of this one", async (t) => {
  const strangers = [await tokenOf("acme", "/south", every), await tokenOf("acme", "/northern", every)];
  const below = await tokenOf("acme", "/north/harbour", every);
  const elsewhere = await tokenOf("other", "/", every);
  strangers.push(below, elsewhere);
  for (const token of strangers)
    for (const one of operations.filter(({ access }) => access !== "anyone")) {
      // A new row of the asker's own is its right; here the body names a branch that is not.
      const made = makes.has(one.name) || (!one.path.includes("{") && bodies[one.name] !== undefined);
      if (made && token === elsewhere) continue;
      // A device may serve the branches below the one that set its hours: they see when it is free.
      if (one.path.endsWith("/slots") && token === below) continue;
      const before = await rows();
      const answer = await ask(one, token);
      // What a file says is told back, with the cell that says it.
      const file = files[one.name];
      for (const mark of marks.filter((each) => file?.payload.includes(each) !== true))
        t.notOk(answer.body.includes(mark), `${one.name} shows nothing of ${mark}`);
      if (made) t.equal(answer.statusCode, 403, one.name);
      else if (file !== undefined) t.equal(answer.statusCode, 400, one.name);
      else if (one.path.includes("{")) t.equal(answer.statusCode, 404, one.name);
      t.equal(await rows(), before, `${one.name} changes nothing`);
    }
});

t.test("from its own branch each route answers as the document says", async (t) => {
  const token = await tokenOf("acme", "/north", every);
  // What ends a row comes after what reads it.
  const ending = [/^DELETE /, /^PUT .*booking$/, /take$/, /close$/, /cancel$|disable$/, /delete$/];
  const last = (name: string): number => ending.findIndex((end) => end.test(name));
  // Those that send a browser elsewhere are asked in identity.test.ts.
  const here = operations.filter(({ operation }) => !("302" in operation.responses));
  for (const one of here.toSorted((a, b) => last(a.name) - last(b.name))) {
    const answer = await ask(one, token);
    // The parked event is of a type that nobody reads: it stays parked, for that reason.
    if (one.path.endsWith("/parked/{eventId}/replay")) {
      t.match(answer.json(), { code: "message.unsupportedVersion" }, one.name);
      continue;
    }
    if (one.access === "scorecards:judge") {
      t.match(answer.json(), { code: "token.scope", message: /a person judges/ }, one.name);
      continue;
    }
    if (one.path.endsWith("/sources/{name}/pull")) {
      t.match(answer.json(), { code: "peer.unreachable" }, one.name);
      continue;
    }
    const { status = 200, answer: shape } = declared[one.name.replaceAll(/\{(\w+)\}/g, ":$1")] ?? {};
    t.equal(answer.statusCode, status, one.name);
    t.ok(String(status) in one.operation.responses, one.name);
    if (shape !== undefined) t.equal(shape.safeParse(answer.json()).error?.message, undefined, one.name);
    // These answer with times, codes or what is the same for all.
    const nameless = /me$|template$|check-in$|slots$|booking$/;
    const listed = one.method === "GET" && one.path.startsWith("/v1/") && !nameless.test(one.path);
    if (listed)
      t.ok(
        marks.some((mark) => answer.body.includes(mark)),
        `${one.name} shows the row`,
      );
  }
});

t.test("no role may do everything, and each scope belongs to a role", async (t) => {
  for (const [name, scopes] of Object.entries(roles)) t.ok(scopes.length < every.length, name);
  t.same([...new Set(Object.values(roles).flat())].sort(), [...every].sort());
});
