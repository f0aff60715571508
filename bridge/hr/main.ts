import { hours, minutes } from "../../contracts/units.ts";
import { systemClock } from "../../runtime/clock.ts";
import { createLog, type Log } from "../../runtime/log.ts";
import type { Part } from "../../runtime/parts.ts";
import { retryPolicies } from "../../runtime/retry.ts";
import { Dispatcher } from "../dispatch.ts";
import { centreFiles, peerTls, readHrKeys } from "../keys.ts";
import { createMetrics, type Metrics } from "../metrics.ts";
import { createWrap } from "../outgoing.ts";
import { type PeerTls, peerAgent } from "../peer.ts";
import { closing, runProcess } from "../process.ts";
import { addOperatorRoutes, createService, servicePart } from "../service.ts";
import { groupWrites } from "../store.ts";
import { type Api, addApi, addInternalRoutes } from "./api/api.ts";
import type { HrConfig } from "./config.ts";
import { deliverToRelay, ResultDelivery } from "./delivery.ts";
import { type HelpJob, helpQueue, repeatAlert } from "./help.ts";
import { Intake } from "./intake.ts";
import { type IssueOptions, issueAllWaiting } from "./issue.ts";
import { keepTime } from "./keeping.ts";
import { expireOrders } from "./orders.ts";
import { type OutboxJob, outboxQueue } from "./outbox.ts";
import { Puller, pullingPart } from "./pull.ts";
import { openHrStore } from "./store.ts";

/** At start and each hour: what waited for a device, what has expired. */
function keepingPart(issue: IssueOptions, log: Log): Part {
  const { store, clock } = issue;
  const look = async (): Promise<void> => {
    await issueAllWaiting(issue);
    await keepTime(store, clock);
  };
  const expire = (): Promise<void> =>
    expireOrders(store, clock).catch((error: unknown) =>
      log.error({ err: error }, "what has expired could not be noted"),
    );
  let ends: (() => void)[] = [];
  return {
    name: "keeping",
    start: async () => {
      await look();
      const again = (): Promise<void> =>
        look().catch((error: unknown) => log.error({ err: error }, "what is due could not be sent or erased"));
      // HR hears of an expired order within a minute, not an hour.
      ends = [clock.every(hours(1), again), clock.every(minutes(1), expire)];
    },
    stop: async () => {
      for (const end of ends) end();
    },
  };
}

type Deliveries = {
  toRelay: Dispatcher<OutboxJob>;
  toSystems: Dispatcher<OutboxJob>;
  toHelpers: Dispatcher<OutboxJob>;
  /** Repeats and escalates calls for help that nobody has taken. */
  alarm: Dispatcher<HelpJob>;
  connections: Part;
};

/** The workers of the outbox. Nothing is delivered before they start. */
export function openDeliveries(
  issue: IssueOptions,
  use: { relayUrl: string; tls: PeerTls; metrics: Metrics; log: Log },
): Deliveries {
  const { store, write, clock } = issue;
  const agent = peerAgent(use.tls, "relay");
  const delivery = { store, write, relayUrl: use.relayUrl, agent, metrics: use.metrics, clock };
  const results = new ResultDelivery(delivery);
  const toHelpers = new Dispatcher<OutboxJob>({
    ...{ clock, log: use.log, policy: retryPolicies.handOver, concurrency: 8 },
    name: "to helpers",
    // By itself, so that no backlog of results keeps a call for help waiting.
    queue: outboxQueue(store, ["help"]),
    work: (job, signal) => results.deliver(job, signal),
  });
  const common = { clock, log: use.log, policy: retryPolicies.deliver, concurrency: 8 };
  return {
    toRelay: new Dispatcher<OutboxJob>({
      ...common,
      policy: retryPolicies.handOver,
      name: "to relay",
      queue: outboxQueue(store, ["order", "receipt"]),
      work: (job, signal) => deliverToRelay(job, delivery, signal),
    }),
    toSystems: new Dispatcher<OutboxJob>({
      ...common,
      name: "to HR systems",
      queue: outboxQueue(store, ["result", "status", "start", "invitation"]),
      work: (job, signal) => results.deliver(job, signal),
    }),
    toHelpers,
    alarm: new Dispatcher<HelpJob>({
      ...common,
      name: "help alarm",
      queue: helpQueue(store),
      work: async (job) => {
        await repeatAlert(job, issue);
        toHelpers.wake();
        return undefined;
      },
    }),
    connections: closing("connections", async () => {
      results.close();
      agent.destroy();
    }),
  };
}

type Doors = { door: ReturnType<typeof servicePart>; back: ReturnType<typeof servicePart> };

/** The API for HR systems, and the door for relay alone. */
async function openDoors(
  api: Api,
  use: { config: HrConfig; tls: PeerTls; metrics: Metrics; log: Log },
): Promise<Doors> {
  const { config, tls, metrics, log } = use;
  const { store } = api.issue;
  const readable = async (): Promise<Record<string, boolean>> => {
    await store.selectFrom("tokens").select("tokenHash").limit(1).execute();
    return { store: true };
  };
  const open = createService({ tls, certificates: "none", metrics, log });
  addOperatorRoutes(open, { metrics, ready: readable });
  await addApi(open, api, config);
  const internal = createService({ tls, certificates: "demanded", metrics, log });
  addInternalRoutes(internal, api);
  return {
    door: servicePart("api", open, config),
    back: servicePart("internal", internal, { host: config.host, port: config.internalPort }),
  };
}

/** Wires hr and runs it until it is asked to end. It decides nothing. */
export async function runHr(config: HrConfig, { bound }: { bound: boolean }): Promise<void> {
  const log = createLog({ name: "hr", level: config.logLevel });
  const clock = systemClock;
  const keys = await readHrKeys(config.directory);
  const tls = peerTls(keys);
  const store = await openHrStore(config.directory, keys, config.store);
  const metrics = createMetrics();
  const issue: IssueOptions = { store, write: groupWrites(store), keys, wrap: createWrap(clock), clock };
  const deliveries = openDeliveries(issue, { relayUrl: config.relayUrl, tls, metrics, log });
  const { toRelay, toSystems, toHelpers, alarm, connections } = deliveries;
  const wake = (): void => {
    toRelay.wake();
    toSystems.wake();
    toHelpers.wake();
  };
  const puller = new Puller(issue, wake);
  const api: Api = { issue, intake: new Intake({ ...issue, metrics, log, wake }), puller, wake };
  const { door, back } = await openDoors(api, { config, tls, metrics, log });
  const storePart = closing("store", () => store.destroy());
  await runProcess({
    parts: [
      storePart,
      connections,
      keepingPart(issue, log),
      toRelay,
      toSystems,
      toHelpers,
      alarm,
      pullingPart(puller, { clock, log }),
      back,
      door,
    ],
    log,
    readyFile: centreFiles(config.directory).hrReady,
    ready: () => ({ url: door.url(), internalUrl: back.url() }),
    bound,
  });
}
