import { Fault } from "../../contracts/fault.ts";
import { topics } from "../../contracts/topics.ts";
import { systemClock } from "../../runtime/clock.ts";
import { createLog } from "../../runtime/log.ts";
import { type MqttOptions, type MqttSession, openMqtt } from "../../runtime/mqtt.ts";
import type { Part } from "../../runtime/parts.ts";
import { retryPolicies } from "../../runtime/retry.ts";
import { Dispatcher } from "../dispatch.ts";
import { centreFiles, peerTls, readRelayKeys } from "../keys.ts";
import { createMetrics } from "../metrics.ts";
import { peerAgent } from "../peer.ts";
import { closing, runProcess } from "../process.ts";
import { addOperatorRoutes, createService, servicePart } from "../service.ts";
import { groupWrites } from "../store.ts";
import type { RelayConfig } from "./config.ts";
import { createDowns, type DownJob } from "./down.ts";
import { type ForwardJob, forward, forwardQueue } from "./forward.ts";
import { Ingest } from "./ingest.ts";
import { createReceipts } from "./receipts.ts";
import { addInternalRoutes } from "./routes.ts";
import { openRelayStore } from "./store.ts";

/** The session with the broker, which comes and goes; who publishes while it is gone is told so. */
function brokerLink(options: Pick<MqttOptions, "url" | "tls" | "log" | "clock">) {
  let session: MqttSession | undefined;
  return {
    connected: (): boolean => session?.connected ?? false,
    publish: async (topic: string, payload: string): Promise<void> => {
      if (session === undefined) throw new Fault("peer.unreachable", "there is no connection to the broker yet");
      await session.publish(topic, payload);
    },
    part: (on: { message: MqttOptions["onMessage"]; connect: () => void }): Part => ({
      name: "broker",
      start: async () => {
        const subscriptions = [topics.everyEvent, topics.everyHealth];
        const { message: onMessage, connect: onConnect } = on;
        session = openMqtt({ ...options, clientId: "candor-relay", subscriptions, onMessage, onConnect });
      },
      stop: async () => session?.stop(),
    }),
  };
}

/** Wires relay and runs it until it is asked to end. It decides nothing. */
export async function runRelay(config: RelayConfig, { bound }: { bound: boolean }): Promise<void> {
  const log = createLog({ name: "relay", level: config.logLevel });
  const clock = systemClock;
  const keys = await readRelayKeys(config.directory);
  const tls = peerTls(keys);
  const at = centreFiles(config.directory);
  const store = await openRelayStore(at.relayStore);
  const write = groupWrites(store);
  const metrics = createMetrics();
  const agent = peerAgent(tls, "hr");
  const link = brokerLink({ url: config.brokerUrl, tls, log, clock });
  const { publish } = link;

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
  const broker = link.part({
    message: (topic, payload) => void ingest.take(topic, payload),
    connect: () => {
      downs
        .resend()
        .catch((error: unknown) => log.error({ err: error }, "what waits for devices could not be made due"));
    },
  });
  const service = createService({ tls, certificates: "asked", metrics, log });
  addOperatorRoutes(service, { metrics, ready: async () => ({ broker: link.connected() }) });
  addInternalRoutes(service, { store, downs, receipts });
  const door = servicePart("https", service, config);
  const storePart = closing("store", () => store.destroy());
  const connections = closing("connections", async () => agent.destroy());
  const parts = [storePart, connections, door, forwarder, sender, broker];
  await runProcess({ parts, log, readyFile: at.relayReady, ready: () => ({ url: door.url() }), bound });
}
