import { appendFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import t, { type Test } from "tap";
import { minutes, seconds } from "../../contracts/units.ts";
import { sha256 } from "../../runtime/canonical.ts";
import { adapterChecks, type HttpOpposite, httpChecks } from "./conformance.ts";
import { movingClock } from "./fakes/clock.ts";
import { type FakeOrganisation, startFakeWecom } from "./fakes/wecom.ts";
import { withLedger } from "./fakes/with-ledger.ts";
import { adapters } from "./registry.ts";
import { messageText, wecom } from "./wecom.ts";

const secret = "a-secret-of-the-application";
const organisation = { corpId: "ww1", corpSecret: secret, agentId: 1000002, members: ["wang", "li"] };
const settings = { corpId: "ww1", corpSecret: secret, agentId: 1000002, members: ["Wang", "li"] };

const startOpposite = async (): Promise<HttpOpposite> => {
  const fake = await startFakeWecom(organisation);
  return withLedger(fake, (ledger) => ({
    options: { ...settings, apiUrl: fake.url, ledger },
    overload: minutes(1),
    effects: () =>
      fake.shown.filter(({ member }) => member === "wang").map(({ content }) => /编号: (\S+)/.exec(content)?.[1] ?? ""),
  }));
};

t.test("the WeCom adapter conforms", async (t) => {
  for (const { sentence, holds } of [...adapterChecks(wecom, startOpposite), ...httpChecks(wecom, startOpposite)])
    t.equal(await holds(), true, sentence);
  t.ok(adapters.includes(wecom));
});

const signal = new AbortController().signal;
const shipment = (revision: number) => ({
  effectKey: `t/s/scorecard/${revision}`,
  body: JSON.stringify({ data: { role: "装配工", total: 0.5, consents: [{ a: 1 }] } }),
});

async function bench(t: Test, more: Partial<FakeOrganisation> = {}) {
  const clock = movingClock();
  const fake = await startFakeWecom({ ...organisation, ...more }, clock);
  const ledger = join(t.testdir(), "sent.jsonl");
  const open = () => wecom.open({ ...settings, apiUrl: fake.url, ledger }, { clock });
  const connection = open();
  t.teardown(() => fake.stop());
  t.teardown(() => connection.close());
  return { clock, fake, ledger, open, connection };
}

t.test("one token serves many messages, and is renewed when it ends or is refused", async (t) => {
  const { clock, fake, connection } = await bench(t);
  const tokensAsked = () => fake.asked.filter(({ path }) => path === "/cgi-bin/gettoken").length;
  await Promise.all([1, 2, 3].map((revision) => connection.deliver(shipment(revision), signal)));
  t.equal(tokensAsked(), 1);
  clock.pass(seconds(7200));
  await connection.deliver(shipment(4), signal);
  t.equal(tokensAsked(), 2);
  fake.endTokens();
  t.same(await connection.deliver(shipment(5), signal), { outcome: "done", unplaced: ["consents"] });
  t.equal(tokensAsked(), 3);
  t.equal(fake.shown.length, 10);
});

t.test("what the ledger holds is not sent again after a restart, long after WeCom's own window", async (t) => {
  const { clock, fake, open, connection, ledger } = await bench(t);
  await connection.deliver(shipment(1), signal);
  connection.close();
  clock.pass(seconds(7200));
  const restarted = open();
  t.teardown(() => restarted.close());
  t.same(await restarted.deliver(shipment(1), signal), { outcome: "done" });
  t.equal(fake.shown.length, 2);
  t.notMatch(await readFile(ledger, "utf8"), /wang|a-secret/);
});

t.test(
  "a message whose answer was lost comes once within the window, and twice after it as the guarantee says",
  async (t) => {
    const { clock, fake, connection } = await bench(t);
    fake.mood = "cut";
    await connection.deliver(shipment(1), signal);
    await connection.deliver(shipment(2), signal);
    fake.mood = "none";
    clock.pass(seconds(1799));
    t.equal((await connection.deliver(shipment(1), signal)).outcome, "done");
    t.equal(fake.shown.length, 4);
    clock.pass(seconds(2));
    t.equal((await connection.deliver(shipment(2), signal)).outcome, "done");
    t.equal(fake.shown.length, 6);
  },
);

t.test("holds the 31st message of a minute back, which WeCom would drop without a word", async (t) => {
  const { clock, fake, connection } = await bench(t);
  for (let revision = 1; revision <= 30; revision++) await connection.deliver(shipment(revision), signal);
  const late = await connection.deliver(shipment(31), signal);
  t.equal(late.outcome, "again");
  if (late.outcome === "again") clock.pass(late.afterMillis ?? 0);
  t.equal((await connection.deliver(shipment(31), signal)).outcome, "done");
  t.equal(fake.shown.length, 62);
  t.equal(fake.dropped(), 0);
});

t.test("holds the 1,001st message of an hour back, and loses none", async (t) => {
  const { clock, fake, ledger, connection } = await bench(t);
  // What an earlier process sent within the hour, as its ledger says.
  const sha = (member: string) => sha256(`${settings.corpId} ${settings.agentId} ${member}`);
  const at = clock.wall();
  const lines = Array.from({ length: 1000 }, (_, n) => JSON.stringify({ effect: `e/${n}`, to: sha("wang"), at }));
  await appendFile(ledger, `${lines.join("\n")}\n`);
  clock.pass(minutes(10));
  const late = await connection.deliver(shipment(1), signal);
  t.match(late, { outcome: "again", fault: { message: /1,000 this hour/ } });
  t.equal(fake.shown.length, 0);
  if (late.outcome === "again") clock.pass(late.afterMillis ?? 0);
  t.equal((await connection.deliver(shipment(1), signal)).outcome, "done");
  t.equal(fake.shown.length, 2);
});

t.test("a member whom WeCom leaves out is no success; the others hear once, also after a replay", async (t) => {
  for (const more of [{ members: ["wang"] }, { unlicensed: ["li"] }]) {
    const { fake, connection } = await bench(t, more);
    for (const _ of [1, 2]) {
      const outcome = await connection.deliver(shipment(1), signal);
      t.equal(outcome.outcome, "refused");
    }
    t.same(
      fake.shown.map(({ member }) => member),
      ["wang"],
    );
  }
});

t.test("no secret stands in what a refused token or a dead server says", async (t) => {
  const { fake, ledger, clock } = await bench(t);
  const connection = wecom.open({ ...settings, corpSecret: "s3cr3t-wrong", apiUrl: fake.url, ledger }, { clock });
  const outcomes = [await connection.deliver(shipment(1), signal)];
  await fake.stop();
  outcomes.push(await connection.deliver(shipment(1), signal));
  connection.close();
  t.same(
    outcomes.map(({ outcome }) => outcome),
    ["refused", "again"],
  );
  for (const outcome of outcomes)
    if (outcome.outcome !== "done")
      t.notMatch(`${outcome.fault.stack}${JSON.stringify(outcome.fault.cause)}`, /s3cr3t/);
});

t.test("the text is in both languages, and a long role leaves it within 2,048 bytes", async (t) => {
  const data = { role: "岗".repeat(2000), total: 0.5, interval: [0.4, 0.6] };
  t.match(messageText(data, { effectKey: "t/s/scorecard/1", language: "en" }), /Total: 0.5 \(0.4–0.6\)\nNumber: t\/s/);
  const text = messageText(data, { effectKey: `${"t".repeat(64)}/${"s".repeat(64)}/scorecard/1`, language: "zh-CN" });
  t.ok(Buffer.byteLength(text) < 2048);
});
