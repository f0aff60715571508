import { readFile } from "node:fs/promises";
import { join } from "node:path";
import t, { type Test } from "tap";
import { minutes, seconds } from "../../contracts/units.ts";
import { adapterChecks, type HttpOpposite, httpChecks } from "./conformance.ts";
import { movingClock } from "./fakes/clock.ts";
import { withLedger } from "./fakes/with-ledger.ts";
import { startFakeYonyou } from "./fakes/yonyou.ts";
import { adapters } from "./registry.ts";
import { resubmitCheckKey, yonyou, yonyouSignature } from "./yonyou.ts";

const tenant = { appKey: "an-app-key", appSecret: "an-app-secret", savePath: "/yonbip/hrcloud/candorResult/save" };
const optionsOf = (url: string, ledger: string) => ({ ...tenant, authUrl: url, apiUrl: url, ledger });

const startOpposite = async (): Promise<HttpOpposite> => {
  const fake = await startFakeYonyou(tenant);
  return withLedger(fake, (ledger) => ({
    options: optionsOf(fake.url, ledger),
    overload: minutes(1),
    effects: () => fake.records.map(({ code }) => String(code)),
  }));
};

t.test("the 用友 adapter conforms", async (t) => {
  for (const { sentence, holds } of [...adapterChecks(yonyou, startOpposite), ...httpChecks(yonyou, startOpposite)])
    t.equal(await holds(), true, sentence);
  t.ok(adapters.includes(yonyou));
});

const signal = new AbortController().signal;
const shipment = (revision: number) => ({
  effectKey: `t/s/scorecard/${revision}`,
  body: JSON.stringify({ data: { role: "装配工", total: 0.5, consents: [{ a: 1 }] } }),
});

async function bench(t: Test, more: Record<string, unknown> = {}) {
  const clock = movingClock();
  const fake = await startFakeYonyou(tenant, clock);
  const options = { ...optionsOf(fake.url, join(t.testdir(), "sent.jsonl")), ...more };
  const open = () => {
    const connection = yonyou.open(options, { clock });
    t.teardown(() => connection.close());
    return connection;
  };
  t.teardown(() => fake.stop());
  return { clock, fake, open, ledger: options.ledger, connection: open() };
}

t.test("signs as the platform's own example says", async (t) => {
  const asked = { timestamp: "1568098531823", appKey: "41832a3d2df94989b500da6a22268747" };
  // openssl dgst -sha256 -hmac an-app-secret, over the text that the page of "获取 access_token" gives for these values.
  t.equal(
    yonyouSignature({ ...asked, signature: "x" }, tenant.appSecret),
    "WhMzocKaRSPcfOmQvLWZ1ZD60V+UPoZ90g9z8iunHeY=",
  );
});

t.test("one token serves until it ends, and another comes when the gateway takes it for none", async (t) => {
  const { clock, fake, connection } = await bench(t);
  const tokensAsked = () => fake.asked.filter(({ method }) => method === "GET").length;
  await Promise.all([1, 2, 3].map((revision) => connection.deliver(shipment(revision), signal)));
  t.equal(tokensAsked(), 1);
  clock.pass(seconds(7200));
  await connection.deliver(shipment(4), signal);
  t.equal(tokensAsked(), 2);
  fake.endTokens();
  t.same(await connection.deliver(shipment(5), signal), { outcome: "done", unplaced: ["consents"] });
  t.equal(tokensAsked(), 3);
  t.match(fake.records[4], { role: "装配工", total: 0.5, code: "t/s/scorecard/5", _status: "Insert" });
});

t.test("has one record of a save whose answer was lost, and of one that the platform has forgotten", async (t) => {
  const { fake, open, connection } = await bench(t);
  fake.mood = "cut";
  t.equal((await connection.deliver(shipment(1), signal)).outcome, "again");
  fake.mood = "none";
  t.equal((await connection.deliver(shipment(1), signal)).outcome, "done");
  t.equal(fake.records.length, 1);
  fake.forgetKeys();
  connection.close();
  t.same(await open().deliver(shipment(1), signal), { outcome: "done" });
  t.equal(fake.records.length, 1);
});

t.test("holds back what is more than the calls of a minute", async (t) => {
  const { clock, fake, connection } = await bench(t, { callsPerMinute: 2 });
  await connection.deliver(shipment(1), signal);
  await connection.deliver(shipment(2), signal);
  const late = await connection.deliver(shipment(3), signal);
  t.equal(late.outcome, "again");
  t.equal(fake.records.length, 2);
  if (late.outcome === "again") clock.pass(late.afterMillis ?? 0);
  t.equal((await connection.deliver(shipment(3), signal)).outcome, "done");
});

t.test("no secret stands in what a refused token, a refused record or a dead gateway says", async (t) => {
  const { fake, connection, open: _, ledger } = await bench(t);
  fake.mood = "refusing";
  const outcomes = [await connection.deliver(shipment(1), signal)];
  const wrong = yonyou.open({ ...optionsOf(fake.url, `${ledger}2`), appSecret: "s3cr3t" }, { clock: movingClock() });
  t.teardown(() => wrong.close());
  outcomes.push(await wrong.deliver(shipment(1), signal));
  await fake.stop();
  outcomes.push(await connection.deliver(shipment(1), signal));
  t.same(
    outcomes.map(({ outcome }) => outcome),
    ["refused", "refused", "again"],
  );
  const tokens = fake.asked.map(({ query }) => query.get("access_token")).filter((token) => token !== null);
  for (const outcome of outcomes) {
    if (outcome.outcome === "done") continue;
    const said = `${outcome.fault.stack}${JSON.stringify(outcome.fault.cause)}`;
    for (const secret of ["s3cr3t", "access_token", "signature", ...tokens]) t.notOk(said.includes(secret));
  }
  t.notMatch(await readFile(ledger, "utf8"), /an-app/);
});

t.test("the key of a save fits the platform's 32 characters", async (t) => {
  t.equal(resubmitCheckKey("t/s/scorecard/1").length, 32);
  t.not(resubmitCheckKey("t/s/scorecard/1"), resubmitCheckKey("t/s/scorecard/2"));
});
