import { isIP } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { type IClientOptions, MqttClient } from "mqtt";
import { Fault } from "../contracts/fault.ts";
import { seconds } from "../contracts/units.ts";
import { type Clock, deadline } from "./clock.ts";
import type { Log } from "./log.ts";
import { checkCertificate } from "./seal.ts";

export type MqttOptions = {
  /** `mqtts://host:port` */
  url: string;
  /** PEM texts. */
  tls: { ca: string; cert: string; key: string };
  clientId: string;
  will?: { topic: string; payload: string; retain: boolean };
  subscriptions: readonly string[];
  onMessage: (topic: string, payload: Buffer) => void;
  onConnect?: () => void;
  log: Log;
  clock: Clock;
};

/** A session with the broker: MQTT 3.1.1, clean, QoS 1, reconnecting for ever with jitter. What must not be lost waits in an outbox of ours. */
export interface MqttSession {
  readonly connected: boolean;
  /** Resolves on the broker's PUBACK, which says received, not stored. @throws Fault peer.unreachable, message.tooLarge */
  publish(topic: string, payload: string, options?: { retain?: boolean }): Promise<void>;
  stop(): Promise<void>;
}

/**
 * A TLS connection to a broker whose certificate the pinned authority issued for that host. Whether the certificate is
 * valid *today* is not asked: a device's clock may be wrong by years, and the broker checks the device's certificate by
 * its own clock.
 */
function connectPinned(url: URL, tls: MqttOptions["tls"]): TLSSocket {
  const socket = connectTls({
    host: url.hostname,
    port: Number(url.port || 8883),
    servername: isIP(url.hostname) === 0 ? url.hostname : "",
    ...tls,
    rejectUnauthorized: false,
  });
  socket.once("secureConnect", () => {
    try {
      const certificate = socket.getPeerX509Certificate();
      if (certificate === undefined) throw new Fault("certificate.untrusted", "the broker showed no certificate");
      checkCertificate(certificate, { authorityPem: tls.ca });
      if (certificate.checkHost(url.hostname) === undefined && certificate.checkIP(url.hostname) === undefined)
        throw new Fault("certificate.untrusted", `the broker's certificate is not for ${url.hostname}`);
    } catch (error) {
      socket.destroy(error as Error);
    }
  });
  return socket;
}

/**
 * The broker closes the connection on a packet over its limit (16 MiB here), and the client would send it again at every
 * reconnect: nothing near that is given to it.
 */
const largestPayloadBytes = 15 * 1024 * 1024;

/** PUBACK within this, or the message counts as not sent. */
const acknowledgementLimit = seconds(10);

export function openMqtt(options: MqttOptions): MqttSession {
  const { log, clock } = options;
  const settings: IClientOptions = {
    protocolVersion: 4,
    clean: true,
    clientId: options.clientId,
    connectTimeout: seconds(10),
    keepalive: 15,
    reconnectPeriod: 300 + 700 * clock.random(),
    queueQoSZero: false,
    resubscribe: false,
    ...(options.will === undefined
      ? {}
      : { will: { ...options.will, payload: Buffer.from(options.will.payload), qos: 1 as const } }),
  };
  const address = new URL(options.url);
  const client = new MqttClient(() => connectPinned(address, options.tls), settings);
  let subscribed = false;
  client.on("connect", async () => {
    try {
      if (options.subscriptions.length > 0) await client.subscribeAsync([...options.subscriptions], { qos: 1 });
      subscribed = true;
      log.info("connected to the broker");
      options.onConnect?.();
    } catch (error) {
      log.warn({ err: error }, "the broker refused the subscriptions");
    }
  });
  client.on("close", () => {
    if (subscribed) log.warn("the connection to the broker is gone");
    subscribed = false;
  });
  client.on("error", (error) => log.warn({ err: error }, "no connection to the broker"));
  client.on("message", (topic, payload) => options.onMessage(topic, payload));
  return {
    get connected() {
      return client.connected && subscribed;
    },
    publish: async (topic, payload, { retain = false } = {}) => {
      if (!client.connected) throw new Fault("peer.unreachable", "there is no connection to the broker");
      if (Buffer.byteLength(payload) > largestPayloadBytes)
        throw new Fault(
          "message.tooLarge",
          `a message of more than ${largestPayloadBytes} bytes cannot pass the broker`,
        );
      const late = (): Fault => new Fault("peer.unreachable", "the broker did not acknowledge in time");
      await deadline(acknowledgementLimit, late, () => client.publishAsync(topic, payload, { qos: 1, retain }));
    },
    stop: async () => {
      await client.endAsync(!client.connected);
    },
  };
}
