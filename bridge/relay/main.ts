import { Fault } from "../../contracts/fault.ts";
import { topics } from "../../contracts/topics.ts";
import { systemClock } from "../../runtime/clock.ts";
import { createLog } from "../../runtime/log.ts";
import { type MqttSession, openMqtt } from "../../runtime/mqtt.ts";
import type { Part } from "../../runtime/parts.ts";
import { retryPolicies } from "../../runtime/retry.ts";
import { Dispatcher } from "../dispatch.ts";
import { centreFiles, peerTls, readRelayKeys } from "../keys.ts";
import { createMetrics } from "../metrics.ts";
import { peerAgent } from "../peer.ts";
import { runProcess } from "../process.ts";
import { addOperatorRoutes, createService, servicePart } from "../service.ts";
import type { RelayConfig } from "./config.ts";
import { createDowns, type DownJob } from "./down.ts";
import { type ForwardJob, forward, forwardQueue } from "./forward.ts";
import { Ingest } from "./ingest.ts";
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
  const store = await openRelayStore(at.relayStore);
  const metrics = createMetrics();
  const agent = peerAgent(tls, "hr");

  let session: MqttSession | undefined;
  const publish = async (topic: string, payload: string): Promise<void> => {
    if (session === undefined) throw new Fault("peer.unreachable", "there is no connection to the broker yet");
    await session.publish(topic, payload);
  };
  const receipts = createReceipts({ keys, publish, clock, metrics, log });
  const downs = createDowns({ store, centre: keys.centre, publish, clock, wake: () => sender.wake() });
  const common = { clock, log, policy: retryPolicies.deliver };
  const sender = new Dispatcher<DownJob>({
    ...common,
    name: "orders to devices",
    queue: downs,
    concurrency: 16,
    work: (job) => downs.send(job),
  });
  const forwarder = new Dispatcher<ForwardJob>({
    ...common,
    name: "events to hr",
    queue: forwardQueue(store),
    concurrency: 8,
    work: (job, signal) => forward(job, { store, hrUrl: config.hrUrl, agent, receipts, clock }, signal),
  });
  const ingest = new Ingest({
    store,
    authorityPem: keys.authorityPem,
    receipts,
    downs,
    onStored: () => forwarder.wake(),
    metrics,
    clock,
    log,
  });

  const service = createService({ tls, certificates: "asked", metrics, log });
  addOperatorRoutes(service, { metrics, ready: async () => ({ broker: session?.connected ?? false }) });
  addInternalRoutes(service, { store, downs, receipts });
  const door = servicePart("https", service, config);

  const broker: Part = {
    name: "broker",
    start: async () => {
      session = openMqtt({
        url: config.brokerUrl,
        tls,
        clientId: "candor-relay",
        subscriptions: [topics.everyEvent, topics.everyHealth],
        onMessage: (topic, payload) => void ingest.take(topic, payload),
        onConnect: () => {
          downs
            .resend()
            .catch((error: unknown) => log.error({ err: error }, "what waits for devices could not be made due"));
        },
        log,
        clock,
      });
    },
    stop: async () => {
      await session?.stop();
    },
  };
  const storePart: Part = { name: "store", start: async () => undefined, stop: () => store.destroy() };
  const connections: Part = { name: "connections", start: async () => undefined, stop: async () => agent.destroy() };

  await runProcess({
    parts: [storePart, connections, door, forwarder, sender, broker],
    log,
    readyFile: at.relayReady,
    ready: () => ({ url: door.url() }),
    bound,
  });
}
