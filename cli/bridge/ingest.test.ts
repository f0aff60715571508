import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t, { type Test } from "tap";
import { centreFiles, createCentreKeys, readRelayKeys } from "../../bridge/keys.ts";
import { createMetrics } from "../../bridge/metrics.ts";
import { createDowns } from "../../bridge/relay/down.ts";
import { Ingest } from "../../bridge/relay/ingest.ts";
import { createReceipts } from "../../bridge/relay/receipts.ts";
import { openRelayStore, type RelayStore } from "../../bridge/relay/store.ts";
import { groupWrites } from "../../bridge/store.ts";
import { eventTypes } from "../../contracts/envelope.ts";
import { topics } from "../../contracts/topics.ts";
import { createAuthority } from "../../provisioning/authority.ts";
import { enrolDevice } from "../../provisioning/enrol.ts";
import { systemClock as clock } from "../../runtime/clock.ts";
import { silentLog } from "../../runtime/log.ts";
import { deviceEvent } from "./peer.ts";

/** relay's ingest in this process, with its real keys and store, one device, and what it published. */
async function opened(t: Test) {
  const folder = await mkdtemp(join(tmpdir(), "candor-ingest-"));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const directory = join(folder, "centre");
  const authority = await createAuthority(join(directory, "authority"), clock);
  const [relayTls, hrTls] = await Promise.all([
    authority.issueServerCertificate({ name: "relay", hosts: ["localhost"] }),
    authority.issueServerCertificate({ name: "hr", hosts: ["localhost"] }),
  ]);
  const { certificatePem: authorityPem } = authority;
  const { centre } = await createCentreKeys({ directory, authorityPem, relayTls, hrTls, clock });
  const named = { tenantId: "acme", deviceId: "dev-1" };
  const device = await enrolDevice({ ...named, authority, centre, directory: join(folder, "device") });
  const keys = await readRelayKeys(directory);
  const published: string[] = [];
  const publish = async (topic: string): Promise<void> => void published.push(topic);
  const [metrics, log] = [createMetrics(), silentLog()];
  const ingestOn = (store: RelayStore): Ingest =>
    new Ingest({
      ...{ store, write: groupWrites(store), authorityPem, metrics, clock, log },
      receipts: createReceipts({ keys, publish, clock, metrics, log }),
      downs: createDowns({ store, centre: keys.centre, publish, clock, wake: () => undefined }),
      onStored: () => undefined,
    });
  const content = { sessionId: "s-1", orderId: "order-1", state: "done", revision: 1 };
  const event = Buffer.from(JSON.stringify(await deviceEvent(device, eventTypes.sessionState, content)));
  return { ingestOn, event, published, openStore: () => openRelayStore(centreFiles(directory).relayStore) };
}

const own = topics.events("acme", "dev-1");
const kept = (store: RelayStore) => store.selectFrom("inbox").select("deviceId").execute();

t.test("asks for an event again while the store fails, gives no receipt, and keeps it once afterwards", async (t) => {
  const { ingestOn, event, published, openStore } = await opened(t);
  const failing = await openStore();
  await failing.destroy();
  t.equal(await ingestOn(failing).take(own, event), "again");
  t.same(published, []);
  const store = await openStore();
  t.teardown(() => store.destroy());
  const ingest = ingestOn(store);
  t.equal(await ingest.take(own, event), "settled");
  t.equal(await ingest.take(own, event), "settled", "a second time");
  t.same(await kept(store), [{ deviceId: "dev-1" }]);
  t.same(published, [topics.receipts("acme", "dev-1"), topics.receipts("acme", "dev-1")]);
});

t.test("settles what no second try can mend, and keeps nothing of it", async (t) => {
  const { ingestOn, event, published, openStore } = await opened(t);
  const store = await openStore();
  t.teardown(() => store.destroy());
  const ingest = ingestOn(store);
  t.equal(await ingest.take(own, Buffer.from("{")), "settled", "no JSON");
  t.equal(await ingest.take(topics.events("acme", "dev-2"), event), "settled", "another device's topic");
  t.equal(await ingest.take("weather/today", event), "settled", "no topic of ours");
  t.same(await kept(store), []);
  t.same(published, []);
});
