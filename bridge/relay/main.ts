import { systemClock } from "../../runtime/clock.ts";
import { createLog } from "../../runtime/log.ts";
import { retryPolicies } from "../../runtime/retry.ts";
import { Dispatcher } from "../dispatch.ts";
import { centreFiles, peerTls, readRelayKeys } from "../keys.ts";
import { createMetrics } from "../metrics.ts";
import { peerAgent } from "../peer.ts";
import { storeAt } from "../postgres.ts";
import { closing, runProcess } from "../process.ts";
import { addOperatorRoutes, createService, servicePart } from "../service.ts";
import { groupWrites } from "../store.ts";
import type { RelayConfig } from "./config.ts";
import { createDowns, type DownJob } from "./down.ts";
import { type ForwardJob, forward, forwardQueue } from "./forward.ts";
import { Ingest } from "./ingest.ts";
import { mosquitto } from "./mosquitto.ts";
import { createReceipts } from "./receipts.ts";
import { addInternalRoutes } from "./routes.ts";
import { openRelayStore } from "./store.ts";

/** Wires relay and runs it until it is asked to end. It decides nothing. */
export async function runRelay(config: RelayConfig, { bound }: { bound: boolean }): Promise<void> {
  const log = createLog({ name: "relay", level: config.logLevel });
  const clock = systemClock;
  const keys = await readRelayKeys(config.directory);
  const tls = peerTls(keys);
  const at = centreFiles(config.directory);
  const store = await openRelayStore(storeAt(config.store, at.relayStore));
  const write = groupWrites(store);
  const metrics = createMetrics();
  const agent = peerAgent(tls, "hr");
  const broker = mosquitto({ url: config.brokerUrl, tls, log, clock });
  const { publish } = broker;

  const receipts = createReceipts({ keys, publish, clock, metrics, log });
  const downs = createDowns({ store, centre: keys.centre, publish, clock, wake: () => sender.wake() });
  const common = { clock, log, policy: retryPolicies.deliver };
  const send = { queue: downs, concurrency: 16, work: (job: DownJob) => downs.send(job) };
  const sender = new Dispatcher<DownJob>({ ...common, ...send, name: "orders to devices" });
  const forwarder = new Dispatcher<ForwardJob>({
    ...common,
    policy: retryPolicies.handOver,
    name: "events to hr",
    queue: forwardQueue(store),
    concurrency: 8,
    work: (job, signal) => forward(job, { store, write, hrUrl: config.hrUrl, agent, receipts, clock }, signal),
  });
  const { authorityPem } = keys;
  const onStored = (): void => forwarder.wake();
  const ingest = new Ingest({ store, write, authorityPem, receipts, downs, onStored, metrics, clock, log });
  const brokerPart = broker.part({
    take: (topic, payload) => ingest.take(topic, payload),
    onConnect: () => {
      downs
        .resend()
        .catch((error: unknown) => log.error({ err: error }, "what waits for devices could not be made due"));
    },
  });
  const service = createService({ tls, certificates: "asked", metrics, log });
  addOperatorRoutes(service, { metrics, ready: async () => ({ broker: broker.connected() }) });
  addInternalRoutes(service, { store, downs, receipts });
  const door = servicePart("https", service, config);
  const storePart = closing("store", () => store.destroy());
  const connections = closing("connections", async () => agent.destroy());
  const parts = [storePart, connections, door, forwarder, sender, brokerPart];
  await runProcess({ parts, log, readyFile: at.relayReady, ready: () => ({ url: door.url() }), bound });
}
