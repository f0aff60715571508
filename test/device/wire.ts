import { readRelayKeys } from "../../bridge/keys.ts";
import type { eventTypes } from "../../contracts/envelope.ts";
import { seconds } from "../../contracts/units.ts";
import { systemClock, timestamp } from "../../runtime/clock.ts";
import { silentLog } from "../../runtime/log.ts";
import { type MqttSession, openMqtt } from "../../runtime/mqtt.ts";
import type { CertifiedKey } from "../../runtime/seal.ts";
import { eventually } from "./waiting.ts";

export type Heard = { topic: string; payload: Buffer };
export type BrokerClient = { heard: Heard[]; session: MqttSession };

/** A client of the broker with whatever certificate a test wants to speak as. */
export async function openClient(options: {
  url: string;
  authorityPem: string;
  credential: CertifiedKey;
  subscriptions?: string[];
}): Promise<BrokerClient> {
  const heard: Heard[] = [];
  const session = openMqtt({
    url: options.url,
    tls: { ca: options.authorityPem, cert: options.credential.certificatePem, key: options.credential.keyPem },
    clientId: `test-${systemClock.id()}`,
    subscriptions: options.subscriptions ?? [],
    onMessage: (topic, payload) => heard.push({ topic, payload }),
    log: silentLog(),
    clock: systemClock,
  });
  await eventually({ what: "the test's client to reach the broker", limit: seconds(10) }, () => session.connected);
  return { heard, session };
}

/** As relay's own certificate lets one: may write what devices read. */
export async function openAsRelay(bridge: string, url: string, subscriptions: string[] = []): Promise<BrokerClient> {
  const keys = await readRelayKeys(bridge);
  return openClient({ url, authorityPem: keys.authorityPem, credential: keys.tls, subscriptions });
}

/** An envelope of the centre around whatever `data` a test wants to pass off. */
export const centreEnvelope = (
  tenantId: string,
  {
    type,
    data,
    id = systemClock.id(),
  }: { type: (typeof eventTypes)[keyof typeof eventTypes]; data: string; id?: string },
) => ({
  specversion: "1.0",
  id,
  source: `candor/${tenantId}/centre`,
  type,
  time: timestamp(systemClock.wall()),
  datacontenttype: "application/jose",
  bootid: "test-boot",
  elapsedmillis: Math.round(systemClock.monotonic()),
  sequence: 0,
  clockquality: "synchronised",
  data,
});
