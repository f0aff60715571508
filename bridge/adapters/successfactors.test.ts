import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import { minutes, seconds } from "../../contracts/units.ts";
import { systemClock } from "../../runtime/clock.ts";
import { run } from "../../runtime/subprocess.ts";
import { adapterChecks, type HttpOpposite, httpChecks } from "./conformance.ts";
import { newKey } from "./fakes/key.ts";
import { asOpposite } from "./fakes/server.ts";
import { assertionHolds, type FakeSuccessFactors, startFakeSuccessFactors } from "./fakes/successfactors.ts";
import { adapters } from "./registry.ts";
import { signedAssertion } from "./saml.ts";
import { externalCode, successFactors } from "./successfactors.ts";

const key = await newKey();
const client = { companyId: "acme", clientId: "an-api-key", userId: "candor<&>", certificatePem: key.certificatePem };

const optionsOf = (fake: FakeSuccessFactors) => {
  const { companyId, clientId, userId } = client;
  return { apiUrl: `${fake.url}/`, companyId, clientId, userId, ...key };
};

async function startOpposite(): Promise<HttpOpposite> {
  const fake = await startFakeSuccessFactors(client);
  return asOpposite(fake, {
    options: optionsOf(fake),
    overload: seconds(7),
    effects: () => [...fake.records.values()].map((record) => String(record.externalCode)),
  });
}

t.test("the SuccessFactors adapter conforms", async (t) => {
  for (const { sentence, holds } of [
    ...adapterChecks(successFactors, startOpposite),
    ...httpChecks(successFactors, startOpposite),
  ])
    t.equal(await holds(), true, sentence);
  t.ok(adapters.includes(successFactors));
});

const data = { sessionId: "s", total: 0.5, interval: [0.4, 0.6], consents: [{ a: 1 }] };
const shipment = (revision: number) => ({ effectKey: `t/s/scorecard/${revision}`, body: JSON.stringify({ data }) });
const signal = new AbortController().signal;

t.test("one token serves deliveries that begin together, and another comes when the target ends it", async (t) => {
  const fake = await startFakeSuccessFactors(client);
  t.teardown(() => fake.stop());
  const connection = successFactors.open(optionsOf(fake), { clock: systemClock });
  t.teardown(() => connection.close());
  const tokensAsked = () => fake.asked.filter(({ path }) => path === "/oauth/token").length;
  const outcomes = await Promise.all([1, 2, 3].map((revision) => connection.deliver(shipment(revision), signal)));
  t.ok(outcomes.every(({ outcome }) => outcome === "done"));
  t.equal(tokensAsked(), 1);
  fake.endTokens();
  t.same(await connection.deliver(shipment(4), signal), { outcome: "done", unplaced: ["consents"] });
  t.equal(tokensAsked(), 2);
  t.match(fake.records.get("cust_CandorResult('t/s/scorecard/4')"), { cust_total: 0.5, cust_intervalHigh: 0.6 });
});

t.test("waits five minutes after a 429 that does not say how long", async (t) => {
  const fake = await startFakeSuccessFactors(client);
  t.teardown(() => fake.stop());
  const connection = successFactors.open(optionsOf(fake), { clock: systemClock });
  t.teardown(() => connection.close());
  fake.mood = "overloaded";
  t.match(await connection.deliver(shipment(1), signal), { outcome: "again", afterMillis: minutes(5) });
});

t.test("a key that the target does not know is refused, and the refusal holds no secret", async (t) => {
  const fake = await startFakeSuccessFactors(client);
  t.teardown(() => fake.stop());
  const connection = successFactors.open({ ...optionsOf(fake), ...(await newKey()) }, { clock: systemClock });
  t.teardown(() => connection.close());
  const outcome = await connection.deliver(shipment(1), signal);
  t.equal(outcome.outcome, "refused");
  if (outcome.outcome === "refused") t.match(outcome.fault.message, /certificate registered there/);
  t.equal(fake.records.size, 0);
});

t.test("an assertion holds until a letter of it is changed", async (t) => {
  const tokenUrl = "https://api.example/oauth/token";
  const xml = signedAssertion(
    {
      ...{ id: "1", at: systemClock.wall(), issuer: "i", subject: "candor", recipient: tokenUrl },
      ...{ audience: "www.successfactors.com", attributes: { api_key: client.clientId } },
    },
    key,
  );
  const user = { ...client, userId: "candor" };
  t.ok(assertionHolds(xml, user, tokenUrl));
  t.notOk(assertionHolds(xml.replace(">candor<", ">admin<"), { ...user, userId: "admin" }, tokenUrl));
});

t.test("xmlsec1 finds the assertion's signature good, and bad when a letter of it is changed", async (t) => {
  const xml = signedAssertion(
    {
      ...{ id: "1", at: systemClock.wall(), issuer: "www.successfactors.com", subject: 'a<b>&"é' },
      ...{ recipient: "https://api.example/oauth/token", audience: "www.successfactors.com" },
      attributes: { api_key: "k\ney" },
    },
    key,
  );
  const folder = t.testdir({ "certificate.pem": key.certificatePem, "good.xml": xml });
  await writeFile(join(folder, "bad.xml"), xml.replace("www.successfactors.com<", "www.successfactors.org<"));
  const verify = (name: string) =>
    run("xmlsec1", [
      ...["--verify", "--enabled-key-data", "rsa", "--pubkey-cert-pem", join(folder, "certificate.pem")],
      ...["--id-attr:ID", "urn:oasis:names:tc:SAML:2.0:assertion:Assertion", join(folder, name)],
    ]);
  await verify("good.xml");
  await t.rejects(verify("bad.xml"));
});

t.test("the key of a record fits SuccessFactors' 128 characters", async (t) => {
  t.equal(externalCode("t/s/scorecard/1"), "t/s/scorecard/1");
  t.equal(externalCode(`${"t".repeat(64)}/${"s".repeat(64)}/scorecard/1`).length, 64);
});
