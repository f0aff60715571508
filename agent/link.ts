import { type Birth, envelope, eventTypes } from "../contracts/envelope.ts";
import { Fault } from "../contracts/fault.ts";
import type { Identity } from "../contracts/identity.ts";
import { topics } from "../contracts/topics.ts";
import { seconds } from "../contracts/units.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Log } from "../runtime/log.ts";
import { type MqttSession, openMqtt } from "../runtime/mqtt.ts";
import { parseJson } from "../runtime/parse.ts";
import type { Part } from "../runtime/parts.ts";
import { publicHalf } from "../runtime/seal.ts";
import type { CentreTime } from "./centreTime.ts";
import type { Health, HealthDocument } from "./health.ts";
import type { Orders } from "./orders.ts";
import type { Outbox } from "./outbox.ts";
import { readReceipt, settle } from "./receipts.ts";

export type LinkOptions = {
  url: string;
  identity: Identity;
  software: string;
  board: string;
  clock: Clock;
  log: Log;
  orders: Orders;
  outbox: Outbox;
  time: CentreTime;
  health: Health;
  document: () => HealthDocument;
  /** HR has the scorecard of the session: the device may erase it. */
  onAccepted: (sessionId: string, eventId: string) => Promise<void>;
};

const healthEvery = seconds(15);

/** The device's end of the wire: announces itself, takes in orders and receipts, and gives the outbox its way out. */
export class Link implements Part {
  readonly name = "link";
  readonly #options: LinkOptions;
  readonly #topics: { events: string; health: string; orders: string; receipts: string };
  #session: MqttSession | undefined;
  #queue: Promise<void> = Promise.resolve();
  #stopHealth: (() => void) | undefined;

  constructor(options: LinkOptions) {
    this.#options = options;
    const { tenantId, deviceId } = options.identity;
    this.#topics = {
      events: topics.events(tenantId, deviceId),
      health: topics.health(tenantId, deviceId),
      orders: topics.orders(tenantId, deviceId),
      receipts: topics.receipts(tenantId, deviceId),
    };
  }

  async start(): Promise<void> {
    const { url, identity, clock, log, health } = this.#options;
    const { orders, receipts, health: healthTopic } = this.#topics;
    this.#session = openMqtt({
      url,
      tls: { ca: identity.authorityPem, cert: identity.certificatePem, key: identity.keyPem },
      // As in the certificate: with a letter that ids may hold between them, two devices could share one.
      clientId: `${identity.tenantId}:${identity.deviceId}`,
      will: { topic: healthTopic, payload: JSON.stringify({ online: false }), retain: true },
      subscriptions: [orders, receipts],
      onMessage: (topic, payload) => this.#receive(topic, payload),
      onConnect: () => void this.#announce().catch((error) => health.count(error, "link")),
      clock,
      log,
    });
    this.#stopHealth = clock.every(healthEvery, () => this.#tellHealth());
  }

  async stop(): Promise<void> {
    this.#stopHealth?.();
    const session = this.#session;
    if (session === undefined) return;
    if (session.connected)
      await session
        .publish(this.#topics.health, JSON.stringify({ online: false }), { retain: true })
        .catch((error) => this.#options.health.count(error, "link"));
    await session.stop();
    await this.#queue;
  }

  get connected(): boolean {
    return this.#session?.connected ?? false;
  }

  /** @throws Fault peer.unreachable */
  async publish(payload: string): Promise<void> {
    if (!this.connected) throw new Fault("peer.unreachable", "there is no connection to the broker");
    await this.#session?.publish(this.#topics.events, payload);
  }

  /** Who came up, with the key that orders are sealed to; only the newest birth matters. */
  async #announce(): Promise<void> {
    const { identity, software, board, clock, outbox, health } = this.#options;
    health.say("link", "working");
    await outbox.supersede(eventTypes.birth);
    const payload: Pick<Birth, "encryptionKey" | "software" | "board"> = {
      encryptionKey: publicHalf(identity.encryption),
      software,
      board,
    };
    await outbox.put({ eventId: clock.id(), type: eventTypes.birth, payload, until: "stored" });
    outbox.kick();
    await this.#tellHealth();
  }

  async #tellHealth(): Promise<void> {
    if (!this.connected) return this.#options.health.say("link", "degraded", "peer.unreachable");
    try {
      await this.#session?.publish(this.#topics.health, JSON.stringify(this.#options.document()), { retain: true });
      this.#options.health.stamp("link");
    } catch (error) {
      this.#options.health.count(error, "link");
    }
  }

  /** One message at a time, in the order received. Whatever comes, the link stays up. */
  #receive(topic: string, payload: Buffer): void {
    const take = topic === this.#topics.orders ? () => this.#takeOrder(payload) : () => this.#takeReceipt(payload);
    this.#queue = this.#queue.then(take).catch((error) => this.#options.health.count(error, "link"));
  }

  async #takeOrder(payload: Buffer): Promise<void> {
    const { orders, outbox, clock, health } = this.#options;
    const { acknowledgement, fault } = await orders.receive(payload);
    if (fault !== undefined) health.count(fault, "orders");
    if (acknowledgement === undefined) return;
    await outbox.put({
      eventId: clock.id(),
      type: eventTypes.orderAcknowledged,
      payload: acknowledgement,
      until: "stored",
    });
  }

  async #takeReceipt(payload: Buffer): Promise<void> {
    const { identity, outbox, time, onAccepted, health } = this.#options;
    const brought = parseJson(envelope, payload, { what: "a receipt message" });
    if (brought.type !== eventTypes.receipt)
      throw new Fault("message.unsupportedVersion", "a message of this type is not known here: update the device");
    const found = await readReceipt(brought.data, identity);
    const known = outbox.find(found.eventId);
    await time.saw(found.at, known?.entry.state === "waiting" ? known.madeAt : undefined);
    if (found.state === "parked")
      health.count(
        new Fault(
          "delivery.refused",
          `the centre could not read an event (${found.fault ?? "no reason given"}): it is kept`,
        ),
        "outbox",
      );
    await settle(found, { outbox, onAccepted });
  }
}
