import {
  type Envelope,
  type EventType,
  eventTypes,
  type Receipt,
  receipt,
  signedTypes,
} from "../../contracts/envelope.ts";
import type { Identity } from "../../contracts/identity.ts";
import { topics } from "../../contracts/topics.ts";
import { systemClock as clock, timestamp } from "../../runtime/clock.ts";
import { silentLog } from "../../runtime/log.ts";
import { openMqtt } from "../../runtime/mqtt.ts";
import { publicHalf, sign } from "../../runtime/seal.ts";
import { until } from "./until.ts";

/** An event as a device signs and sends it. */
export async function deviceEvent(
  { tenantId, deviceId, keyPem, certificatePem }: Identity,
  type: string,
  content: Record<string, unknown>,
): Promise<Envelope> {
  const eventId = String(content["eventId"] ?? clock.id());
  const data = await sign(
    { tenantId, deviceId, ...content, eventId },
    { key: { keyPem, certificatePem }, type: signedTypes.event },
  );
  return {
    ...{ specversion: "1.0", id: eventId, source: `candor/${tenantId}/${deviceId}`, type },
    ...{ time: timestamp(clock.wall()), datacontenttype: "application/jose" },
    ...{ bootid: "boot-1", elapsedmillis: 1, sequence: 0, clockquality: "unknown" },
    data,
  };
}

/** A device's side of the protocol: signs and publishes, keeps what it is sent. */
export class Peer {
  readonly identity: Identity;
  readonly receipts: Receipt[] = [];
  readonly orders: Record<string, unknown>[] = [];
  #sequence = 0;
  #publish: (topic: string, payload: string) => Promise<void> = async () => undefined;
  #stop: () => Promise<void> = async () => undefined;

  private constructor(identity: Identity) {
    this.identity = identity;
  }

  static async connect(url: string, identity: Identity): Promise<Peer> {
    const peer = new Peer(identity);
    const { tenantId, deviceId, authorityPem: ca, certificatePem: cert, keyPem: key } = identity;
    const session = openMqtt({
      url,
      tls: { ca, cert, key },
      clientId: `${tenantId}-${deviceId}`,
      subscriptions: [topics.orders(tenantId, deviceId), topics.receipts(tenantId, deviceId)],
      onMessage: (topic, payload) => peer.#take(topic, payload),
      log: silentLog(),
      clock,
    });
    peer.#publish = (topic, payload) => session.publish(topic, payload);
    peer.#stop = () => session.stop();
    await until("the device to connect", () => session.connected);
    return peer;
  }

  #take(topic: string, payload: Buffer): void {
    const message = JSON.parse(payload.toString("utf8")) as Record<string, unknown>;
    if (topic.endsWith("/orders")) this.orders.push(message);
    else
      this.receipts.push(
        receipt.parse(
          JSON.parse(Buffer.from(String(message["data"]).split(".")[1] ?? "", "base64url").toString("utf8")),
        ),
      );
  }

  /** The event as a device sends it; `change` may spoil the envelope. */
  async event(
    type: EventType | string,
    content: Record<string, unknown>,
    change: Record<string, unknown> = {},
  ): Promise<Record<string, unknown>> {
    return { ...(await deviceEvent(this.identity, type, content)), sequence: this.#sequence++, ...change };
  }

  async publish(
    event: object | string,
    topic = topics.events(this.identity.tenantId, this.identity.deviceId),
  ): Promise<void> {
    await this.#publish(topic, typeof event === "string" ? event : JSON.stringify(event));
  }

  async send(type: EventType | string, content: Record<string, unknown>): Promise<string> {
    const event = await this.event(type, content);
    await this.publish(event);
    return String(event["id"]);
  }

  /** Waits for an answer of this state, publishing again every second as a device's outbox does. */
  async answered(eventId: string, state: Receipt["state"], again?: () => Promise<void>): Promise<Receipt> {
    const find = (): Receipt | undefined => this.receipts.find((one) => one.eventId === eventId && one.state === state);
    let next = clock.monotonic() + 1000;
    await until(`${state} of ${eventId}`, async () => {
      if (again !== undefined && clock.monotonic() > next) {
        next = clock.monotonic() + 1000;
        await again().catch(() => undefined);
      }
      return find() !== undefined;
    });
    return find() as Receipt;
  }

  async born(): Promise<void> {
    const content = { encryptionKey: publicHalf(this.identity.encryption), software: "0.1.0", board: "emulated" };
    await this.answered(await this.send(eventTypes.birth, content), "accepted");
  }

  async stop(): Promise<void> {
    await this.#stop();
  }
}
