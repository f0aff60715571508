import { hours } from "../../contracts/units.ts";
import { systemClock } from "../../runtime/clock.ts";
import { createLog } from "../../runtime/log.ts";
import type { Part } from "../../runtime/parts.ts";
import { retryPolicies } from "../../runtime/retry.ts";
import { Dispatcher } from "../dispatch.ts";
import { centreFiles, peerTls, readHrKeys } from "../keys.ts";
import { createMetrics } from "../metrics.ts";
import { createWrap } from "../outgoing.ts";
import { peerAgent } from "../peer.ts";
import { runProcess } from "../process.ts";
import { addOperatorRoutes, createService, servicePart } from "../service.ts";
import { type Api, addApi, addInternalRoutes } from "./api/api.ts";
import type { HrConfig } from "./config.ts";
import { deliverToRelay, ResultDelivery } from "./delivery.ts";
import { Intake } from "./intake.ts";
import { type IssueOptions, issueAllWaiting } from "./issue.ts";
import { keepTime } from "./keeping.ts";
import { type OutboxJob, outboxQueue } from "./outbox.ts";
import { openHrStore } from "./store.ts";

/** Wires hr and runs it until it is asked to end. It decides nothing. */
export async function runHr(config: HrConfig, { bound }: { bound: boolean }): Promise<void> {
  const log = createLog({ name: "hr", level: config.logLevel });
  const clock = systemClock;
  const keys = await readHrKeys(config.directory);
  const tls = peerTls(keys);
  const store = await openHrStore(config.directory, keys);
  const metrics = createMetrics();
  const agent = peerAgent(tls, "relay");
  const issue: IssueOptions = { store, keys, wrap: createWrap(clock), clock };

  const delivery = { store, relayUrl: config.relayUrl, agent, metrics, clock };
  const results = new ResultDelivery(delivery);
  const common = { clock, log, policy: retryPolicies.deliver, concurrency: 8 };
  const toRelay = new Dispatcher<OutboxJob>({
    ...common,
    name: "to relay",
    queue: outboxQueue(store, ["order", "receipt"]),
    work: (job, signal) => deliverToRelay(job, delivery, signal),
  });
  const toSystems = new Dispatcher<OutboxJob>({
    ...common,
    name: "to HR systems",
    queue: outboxQueue(store, ["result"]),
    work: (job, signal) => results.deliver(job, signal),
  });
  const wake = (): void => {
    toRelay.wake();
    toSystems.wake();
  };
  const api: Api = { issue, intake: new Intake({ ...issue, metrics, log, wake }), wake };

  const publicDoor = createService({ tls, certificates: "none", metrics, log });
  const readable = async (): Promise<Record<string, boolean>> => {
    await store.selectFrom("tokens").select("tokenHash").limit(1).execute();
    return { store: true };
  };
  addOperatorRoutes(publicDoor, { metrics, ready: readable });
  await addApi(publicDoor, api, config);
  const relayDoor = createService({ tls, certificates: "demanded", metrics, log });
  addInternalRoutes(relayDoor, api);
  const door = servicePart("api", publicDoor, config);
  const back = servicePart("internal", relayDoor, { host: config.host, port: config.internalPort });

  let endKeeping = (): void => undefined;
  const keeping: Part = {
    name: "keeping",
    start: async () => {
      await issueAllWaiting(issue);
      await keepTime(store, clock.wall());
      const again = async (): Promise<void> => {
        await keepTime(store, clock.wall()).catch((error: unknown) =>
          log.error({ err: error }, "what has expired could not be erased"),
        );
      };
      endKeeping = clock.every(hours(1), again);
    },
    stop: async () => endKeeping(),
  };
  const storePart: Part = { name: "store", start: async () => undefined, stop: () => store.destroy() };
  const stopConnections = async (): Promise<void> => {
    results.close();
    agent.destroy();
  };
  const connections: Part = { name: "connections", start: async () => undefined, stop: stopConnections };

  await runProcess({
    parts: [storePart, connections, keeping, toRelay, toSystems, back, door],
    log,
    readyFile: centreFiles(config.directory).hrReady,
    ready: () => ({ url: door.url(), internalUrl: back.url() }),
    bound,
  });
}
