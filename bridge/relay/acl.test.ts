import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import mqtt from "mqtt";
import t from "tap";
import { topics } from "../../contracts/topics.ts";
import { seconds } from "../../contracts/units.ts";
import { type Credential, createAuthority } from "../../provisioning/authority.ts";
import { admitDevice, reloadBroker, writeBrokerConfig } from "../../provisioning/broker.ts";
import { systemClock as clock } from "../../runtime/clock.ts";
import { retry, retryPolicies } from "../../runtime/retry.ts";
import { spawnBound, stopProcess } from "../../runtime/subprocess.ts";

const directory = await mkdtemp(join(tmpdir(), "candor-acl-"));
const authority = await createAuthority(join(directory, "authority"), clock);
const port = await new Promise<number>((resolve) => {
  const server = createServer().listen(0, "127.0.0.1", () => {
    const address = server.address();
    server.close(() => resolve(address !== null && typeof address === "object" ? address.port : 0));
  });
});
const broker = join(directory, "broker");
const configuration = await writeBrokerConfig({
  directory: broker,
  port,
  authorityPem: authority.certificatePem,
  credential: await authority.issueServerCertificate({ name: "broker", hosts: ["localhost"] }),
  devices: [
    { tenantId: "acme", deviceId: "one" },
    { tenantId: "acme", deviceId: "two" },
  ],
});
const mosquitto = spawnBound("/usr/sbin/mosquitto", ["-c", configuration], { stdio: "ignore" });

type Party = { client: mqtt.MqttClient; heard: string[] };
const open: mqtt.MqttClient[] = [];

async function connect(credential: Credential | undefined): Promise<Party> {
  const client = await retry({ ...retryPolicies.connect, attempts: 40 }, { clock }, () =>
    mqtt.connectAsync(
      `mqtts://localhost:${port}`,
      {
        protocolVersion: 4,
        reconnectPeriod: 0,
        connectTimeout: seconds(3),
        ca: authority.certificatePem,
        ...(credential === undefined ? {} : { cert: credential.certificatePem, key: credential.keyPem }),
      },
      false,
    ),
  );
  const heard: string[] = [];
  client.on("message", (topic) => heard.push(topic));
  open.push(client);
  return { client, heard };
}

t.setTimeout(60_000);
t.teardown(async () => {
  for (const client of open) client.end(true);
  await stopProcess(mosquitto, clock);
  await rm(directory, { recursive: true, force: true });
});

const relay = await connect(await authority.issueServerCertificate({ name: "relay", hosts: ["localhost"] }));
await relay.client.subscribeAsync([topics.everyEvent, topics.everyHealth], { qos: 1 });
const one = await connect(await authority.issueDeviceCertificate({ tenantId: "acme", deviceId: "one" }));

/** The broker handles a client's packets in order: what was heard by then is all there is to hear. */
async function settle(): Promise<void> {
  const before = relay.heard.length;
  await one.client.publishAsync(topics.events("acme", "one"), "end", { qos: 1 });
  while (relay.heard.length === before) await clock.sleep(10);
  await clock.sleep(100);
}

t.test("a device publishes to its own events and health, and to nobody else's", async (t) => {
  const own = [topics.events("acme", "one"), topics.health("acme", "one")];
  const foreign = [topics.events("acme", "two"), topics.health("acme", "two"), topics.events("other", "one")];
  for (const topic of [...own, ...foreign]) await one.client.publishAsync(topic, "x", { qos: 1 });
  await settle();
  for (const topic of own) t.ok(relay.heard.includes(topic), topic);
  for (const topic of foreign) t.notOk(relay.heard.includes(topic), topic);
});

t.test("a device hears its own orders and receipts, and nobody else's", async (t) => {
  const own = [topics.orders("acme", "one"), topics.receipts("acme", "one")];
  const foreign = [topics.orders("acme", "two"), topics.receipts("acme", "two")];
  // mosquitto grants a subscription by its pattern's form and checks each message when it is delivered.
  for (const pattern of [...own, ...foreign, "candor/v1/+/+/orders", "#"])
    await one.client.subscribeAsync(pattern, { qos: 1 }).catch((error: unknown) => t.match(String(error), /ubscri/));
  for (const topic of [...own, ...foreign]) await relay.client.publishAsync(topic, "x", { qos: 1 });
  await settle();
  t.same([...new Set(one.heard)].sort(), own.sort());
});

t.test("a device may not pass for relay: it cannot give orders", async (t) => {
  const two = await connect(await authority.issueDeviceCertificate({ tenantId: "acme", deviceId: "two" }));
  await two.client.subscribeAsync(topics.orders("acme", "two"), { qos: 1 });
  await one.client.publishAsync(topics.orders("acme", "two"), "x", { qos: 1 });
  await settle();
  t.same(two.heard, []);
});

t.test("nobody connects without a certificate of the authority", async (t) => {
  const stranger = await createAuthority(join(directory, "stranger"), clock);
  const forged = await stranger.issueServerCertificate({ name: "relay", hosts: ["localhost"] });
  for (const credential of [undefined, forged]) {
    const tries = mqtt.connectAsync(
      `mqtts://localhost:${port}`,
      {
        protocolVersion: 4,
        reconnectPeriod: 0,
        ca: authority.certificatePem,
        ...(credential === undefined ? {} : { cert: credential.certificatePem, key: credential.keyPem }),
      },
      false,
    );
    await t.rejects(tries);
  }
});

t.test("a device that is enrolled while the broker runs is let in after a reload", async (t) => {
  const late = await connect(await authority.issueDeviceCertificate({ tenantId: "acme", deviceId: "late" }));
  await late.client.publishAsync(topics.events("acme", "late"), "before", { qos: 1 });
  await settle();
  t.notOk(relay.heard.includes(topics.events("acme", "late")));
  await admitDevice(broker, { tenantId: "acme", deviceId: "late" });
  t.equal(await reloadBroker(broker), true);
  const again = async (): Promise<void> => {
    await late.client.publishAsync(topics.events("acme", "late"), "after", { qos: 1 });
    await settle();
    if (!relay.heard.includes(topics.events("acme", "late"))) throw new Error("not heard");
  };
  await retry({ ...retryPolicies.connect, attempts: 20 }, { clock }, again);
  t.ok(relay.heard.includes(topics.events("acme", "late")));
});
