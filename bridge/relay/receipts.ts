import type { Receipt } from "../../contracts/envelope.ts";
import { topics } from "../../contracts/topics.ts";
import type { Clock } from "../../runtime/clock.ts";
import type { Log } from "../../runtime/log.ts";
import type { RelayKeys } from "../keys.ts";
import type { Metrics } from "../metrics.ts";
import { createWrap, signReceipt, wrapReceipt } from "../outgoing.ts";
import type { Publish } from "./broker.ts";

export type EventName = { tenantId: string; deviceId: string; eventId: string };

/** Answers devices. An answer that does not get through is given again when the device asks again. */
export interface Receipts {
  /** relay's own: the event is on the centre's disk. */
  stored(event: EventName): Promise<void>;
  /** hr's, passed on as it is. */
  pass(event: EventName, receipt: string): Promise<void>;
}

export function createReceipts(use: {
  keys: RelayKeys;
  publish: Publish;
  clock: Clock;
  metrics: Metrics;
  log: Log;
}): Receipts {
  const { keys, publish, clock, metrics, log } = use;
  const wrap = createWrap(clock);
  const send = async ({ tenantId, deviceId }: EventName, data: string): Promise<void> => {
    try {
      const message = wrapReceipt(wrap, { tenantId, eventId: clock.id(), data });
      await publish(topics.receipts(tenantId, deviceId), JSON.stringify(message));
    } catch (error) {
      metrics.refused(error);
      log.warn({ err: error }, "a receipt did not get through; the device will ask again");
    }
  };
  return {
    stored: async (event) => {
      const content = { ...event, state: "stored" as Receipt["state"], relayKey: keys.statement };
      await send(event, await signReceipt(content, { key: keys.signing, clock }));
    },
    pass: send,
  };
}
