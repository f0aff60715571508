import t, { type Test } from "tap";
import { openApiAlone } from "../../cli/bridge/api-alone.ts";
import { openHrAlone } from "../../cli/bridge/hr-alone.ts";
import { minutes, seconds } from "../../contracts/units.ts";
import { systemClock } from "../../runtime/clock.ts";
import { silentLog } from "../../runtime/log.ts";
import { orderFor } from "../../test/device/order.ts";
import { newKey } from "../adapters/fakes/key.ts";
import { type FakeApplication, startFakeSuccessFactors } from "../adapters/fakes/successfactors.ts";
import { Puller, setSource } from "./pull.ts";

const { privateKeyPem, certificatePem } = await newKey();
const account = {
  ...{ companyId: "acme", clientId: "an-api-key", userId: "candor" },
  certificatePem,
};
const { rubric, policy } = orderFor({ deviceId: "dev-1" });
/** Assertions are judged by the true time. */
const now = systemClock.wall();
const changed = Math.floor(now / 1000) * 1000 - minutes(90);

const application = (applicationId: number, more: Partial<FakeApplication> = {}): FakeApplication => ({
  ...{ applicationId, candidateId: applicationId + 1000, jobReqId: 77, firstName: "小明", lastName: "李" },
  ...{ appStatusSetItemId: "45", lastModifiedDateTime: changed + applicationId * 1000, ...more },
});

async function open(t: Test, settings: object = {}) {
  const hr = await openHrAlone(now);
  const api = await openApiAlone(hr);
  const fake = await startFakeSuccessFactors(account);
  t.teardown(async () => {
    await fake.stop();
    await api.stop();
    await hr.stop();
  });
  const options = { apiUrl: fake.url, ...account, privateKeyPem, pageSize: 2, ...settings };
  const set = () =>
    setSource(hr.issue.store, { tenantId: "acme", name: "sf", adapter: "successfactors", settings: options });
  await set();
  const vacancy = (id: string) => ({
    role: { title: "后端工程师", external: [{ system: "successfactors", type: "requisition", id }] },
    ...{ rubric, policy, deviceId: "dev-1" },
  });
  await api.ask("PUT", "/v1/vacancies/backend", { body: vacancy("77") });
  const source = async (): Promise<Record<string, unknown>> =>
    ((await api.ask("GET", "/v1/sources")).body["sources"] as Record<string, unknown>[])[0] ?? {};
  const orders = () => hr.issue.store.selectFrom("orders").selectAll().orderBy("orderId").execute();
  return { hr, api, fake, set, vacancy, source, orders, pull: () => api.ask("POST", "/v1/sources/sf/pull") };
}

t.test("pulls every application over its pages as an order under its external ids, and each once", async (t) => {
  const { fake, orders, pull, source } = await open(t);
  // Five changed in the same second, more than a page.
  const crowd = [11, 12, 13, 14, 15].map((id) => application(id, { lastModifiedDateTime: changed + seconds(60) }));
  fake.applications.push(...[1, 2, 3].map((id) => application(id)), ...crowd);
  t.match((await pull()).body, { new: 8, same: 0, problems: 0 });
  const documents = (await orders()).map(({ document }) => JSON.parse(document) as Record<string, unknown>);
  t.equal(documents.length, 8);
  t.match(
    documents.find((one) => JSON.stringify(one["external"]).includes('"id":"2"')),
    {
      candidate: { name: "李小明", external: [{ system: "successfactors", type: "candidate", id: "1002" }] },
      external: [{ system: "successfactors", type: "application", id: "2" }],
      role: { external: [{ system: "successfactors", type: "requisition", id: "77" }] },
    },
  );
  t.match((await pull()).body, { new: 0, superseded: 0 }, "the same again is nothing new");
  t.equal((await orders()).length, 8);
  t.match(await source(), { fault: null, problems: [], watermark: /^\{"since":\d+\}$/ });
});

t.test("goes on from its watermark, and a changed application supersedes its order", async (t) => {
  const { fake, orders, pull, set } = await open(t);
  fake.applications.push(application(1), application(2));
  await pull();
  // Set again, as after a restart or with another key: it does not begin anew.
  await set();
  const before = fake.asked.length;
  const [first] = fake.applications;
  Object.assign(first ?? {}, { firstName: "大明", lastModifiedDateTime: changed + minutes(20) });
  fake.applications.push(application(3, { lastModifiedDateTime: changed + minutes(21) }));
  t.match((await pull()).body, { new: 1, superseded: 1 });
  const filters = fake.asked.slice(before).map(({ query }) => query.get("$filter"));
  t.ok(filters.filter((one) => one !== null).every((one) => one.startsWith("lastModifiedDateTime ge datetimeoffset'")));
  t.match(
    (await orders())
      .map(({ document, revision }) => [JSON.parse(document).candidate.name as string, revision])
      .toSorted(),
    [
      ["李大明", 2],
      ["李小明", 1],
      ["李小明", 1],
    ],
  );
});

t.test("shows what became no order, takes it once its vacancy is there, and the rest goes on", async (t) => {
  const { api, fake, orders, pull, source, vacancy } = await open(t);
  fake.applications.push(application(1), application(2, { jobReqId: 88 }), application(3));
  t.match((await pull()).body, { new: 2, problems: 1 });
  t.match(await source(), { problems: [{ applicationId: "2", fault: "order.invalid", message: /requisition 88/ }] });
  await api.ask("PUT", "/v1/vacancies/other", { body: vacancy("88") });
  t.match((await pull()).body, { new: 1, problems: 0 });
  t.equal((await orders()).length, 3);
  t.match(await source(), { problems: [] });
});

t.test("keeps the watermark when the system is in trouble, says so, and catches up", async (t) => {
  const { hr, api, fake, orders, pull, source } = await open(t);
  fake.applications.push(application(1));
  await pull();
  const { watermark } = await source();
  fake.applications.push(application(2));
  for (const mood of ["busy", "broken", "garbage"] as const) {
    fake.mood = mood;
    t.equal((await pull()).status, 502, mood);
    t.match(await source(), { fault: "delivery.failed", watermark }, mood);
  }
  fake.mood = "none";
  fake.endTokens();
  // As the part does it, which asks nobody.
  const puller = new Puller(hr.issue, () => undefined);
  await Promise.all([puller.pullAll(silentLog()), puller.pullAll(silentLog())]);
  await puller.stop();
  t.equal((await orders()).length, 2);
  t.match(await source(), { fault: null, message: null });
  const other = await api.token("/north", "operate");
  t.match((await api.ask("GET", "/v1/sources", { token: other })).body, { sources: [] });
  t.equal((await api.ask("POST", "/v1/sources/sf/pull", { token: other })).status, 404);
});

t.test("takes only what the filter lets through, and says when the filter is none", async (t) => {
  const { fake, pull, source } = await open(t, { filter: "appStatusSetItemId eq '45'" });
  fake.applications.push(application(1), application(2, { appStatusSetItemId: "46" }), application(3));
  t.match((await pull()).body, { new: 2 });
  const wrong = await open(t, { filter: "nothing at all" });
  t.equal((await wrong.pull()).status, 502);
  t.match(await wrong.source(), { fault: "delivery.refused", message: /check `filter`/ });
  t.match(await source(), { fault: null });
});
