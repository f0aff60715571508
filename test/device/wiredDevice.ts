import { envelope, eventTypes, orderEvent, type Receipt, receipt, signedTypes } from "../../contracts/envelope.ts";
import type { Identity } from "../../contracts/identity.ts";
import { type Order, order as orderSchema } from "../../contracts/order.ts";
import type { Scorecard } from "../../contracts/scorecard.ts";
import { topics } from "../../contracts/topics.ts";
import { hours, seconds } from "../../contracts/units.ts";
import { sha256 } from "../../runtime/canonical.ts";
import { systemClock, timestamp } from "../../runtime/clock.ts";
import { silentLog } from "../../runtime/log.ts";
import { type MqttSession, openMqtt } from "../../runtime/mqtt.ts";
import {
  newDataKey,
  publicHalf,
  seal,
  sealBytes,
  sign,
  toBase64url,
  unseal,
  verifyWithKey,
} from "../../runtime/seal.ts";
import { eventually } from "./waiting.ts";

export type SentReceipt = Receipt & { signedBy: "relay" | "hr" };
export type Envelope = ReturnType<typeof envelope.parse>;

/** The unverified payload of a compact JWS: a test may look into what it does not rely on. */
export const payloadOf = (token: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8")) as Record<string, unknown>;

/**
 * The wire end of an enrolled device without a board: announces itself, acknowledges orders, publishes what a test asks
 * it to and collects receipts. What it signs and seals is real; it has no outbox, the test decides what is sent again.
 */
export class WiredDevice {
  readonly identity: Identity;
  readonly orders = new Map<string, Order>();
  readonly receipts: SentReceipt[] = [];
  readonly #url: string;
  readonly #boot = systemClock.id();
  #sequence = 0;
  #session: MqttSession | undefined;

  constructor(identity: Identity, brokerUrl: string) {
    this.identity = identity;
    this.#url = brokerUrl;
  }

  async open(): Promise<void> {
    const { tenantId, deviceId, keyPem, certificatePem, authorityPem } = this.identity;
    this.#session = openMqtt({
      url: this.#url,
      tls: { ca: authorityPem, cert: certificatePem, key: keyPem },
      clientId: `${tenantId}-${deviceId}-wire`,
      subscriptions: [topics.orders(tenantId, deviceId), topics.receipts(tenantId, deviceId)],
      onMessage: (topic, payload) => void this.#take(topic, payload),
      log: silentLog(),
      clock: systemClock,
    });
    await eventually(
      { what: "the test's device to reach the broker", limit: seconds(20) },
      () => this.#session?.connected,
    );
    await this.send(
      await this.envelope(eventTypes.birth, {
        encryptionKey: publicHalf(this.identity.encryption),
        software: "test",
        board: "none",
      }),
    );
  }

  async close(): Promise<void> {
    await this.#session?.stop();
  }

  async #take(topic: string, payload: Buffer): Promise<void> {
    const event = envelope.parse(JSON.parse(payload.toString("utf8")));
    if (topic.endsWith("/receipts")) {
      const found = receipt.parse(payloadOf(event.data));
      this.receipts.push({ ...found, signedBy: found.relayKey === undefined ? "hr" : "relay" });
      return;
    }
    const said = orderEvent.parse(
      await verifyWithKey(event.data, { key: this.identity.centre, type: signedTypes.event }),
    );
    if (event.type === eventTypes.order) {
      const inner = await unseal(said.sealed, this.identity.encryption);
      const order = orderSchema.parse(
        await verifyWithKey(inner, { key: this.identity.centre, type: signedTypes.order }),
      );
      this.orders.set(order.orderId, order);
    }
    await this.send(
      await this.envelope(eventTypes.orderAcknowledged, {
        orderId: said.orderId,
        revision: said.revision,
        acknowledges: said.eventId,
        accepted: true,
      }),
    );
  }

  /** A CloudEvent of this device, signed; `eventId` is drawn unless given. */
  async envelope(type: string, content: object, eventId = systemClock.id()): Promise<Envelope> {
    const { tenantId, deviceId, keyPem, certificatePem } = this.identity;
    return envelope.parse({
      specversion: "1.0",
      id: eventId,
      source: `candor/${tenantId}/${deviceId}`,
      type,
      time: timestamp(systemClock.wall()),
      datacontenttype: "application/jose",
      bootid: this.#boot,
      elapsedmillis: Math.round(systemClock.monotonic()),
      sequence: this.#sequence++,
      clockquality: "unknown",
      data: await sign(
        { tenantId, deviceId, eventId, ...content },
        { key: { keyPem, certificatePem }, type: signedTypes.event },
      ),
    });
  }

  async send(event: object): Promise<void> {
    const { tenantId, deviceId } = this.identity;
    await this.#session?.publish(topics.events(tenantId, deviceId), JSON.stringify(event));
  }

  /** Publishes bytes that are no event at all. */
  async sendRaw(text: string): Promise<void> {
    const { tenantId, deviceId } = this.identity;
    await this.#session?.publish(topics.events(tenantId, deviceId), text);
  }

  untilOrder(orderId: string): Promise<Order> {
    return eventually({ what: `order ${orderId} on the test's device`, limit: seconds(20) }, () =>
      this.orders.get(orderId),
    );
  }

  /** A scorecard event: signed, sealed to the order's recipients, signed again outside. `change` may spoil the inner signature. */
  async scorecardEvent(
    card: Scorecard,
    order: Order,
    options: { eventId?: string; change?: (inner: string) => string } = {},
  ): Promise<Envelope> {
    const { keyPem, certificatePem } = this.identity;
    const inner = await sign(card, { key: { keyPem, certificatePem }, type: signedTypes.scorecard });
    const sealed = await seal(options.change?.(inner) ?? inner, order.recipients);
    return this.envelope(
      eventTypes.scorecard,
      { sessionId: card.sessionId, revision: card.revision, sealed },
      options.eventId,
    );
  }

  untilReceipt(eventId: string, state: Receipt["state"], limitSeconds = 20): Promise<SentReceipt> {
    return eventually({ what: `a receipt "${state}" for ${eventId}`, limit: seconds(limitSeconds), pause: 10 }, () =>
      this.receipts.find((one) => one.eventId === eventId && one.state === state),
    ).catch((error: Error) => {
      const came = this.receipts
        .filter((one) => one.eventId === eventId)
        .map((one) => `${one.state} ${one.fault ?? ""}`);
      throw new Error(`${error.message}; receipts that came: ${came.join(", ") || "none"}`, { cause: error });
    });
  }

  /** Publishes again and again, as an outbox does, until hr has accepted it. */
  async deliver(event: Envelope, limitSeconds = 30): Promise<SentReceipt> {
    return eventually(
      { what: `event ${event.id} to be accepted`, limit: seconds(limitSeconds), pause: 400 },
      async () => {
        // The broker may be away just now: the next round sends it again.
        const sent = await this.send(event).then(
          () => true,
          () => false,
        );
        return sent ? this.receipts.find((one) => one.eventId === event.id && one.state === "accepted") : undefined;
      },
    );
  }
}

/** A whole and valid scorecard of a session that ended at consent, with a journal of one line. */
export async function smallScorecard(order: Order, given: Partial<Scorecard> = {}): Promise<Scorecard> {
  const sessionId = given.sessionId ?? systemClock.id();
  const [journal, content] = [newDataKey(), newDataKey()];
  const start = "0".repeat(64);
  const box = sealBytes(
    journal,
    Buffer.from(JSON.stringify({ type: "ended", ended: "refused" })),
    `${sessionId}/journal/0/${start}`,
  );
  const line = JSON.stringify({ seq: 0, prev: start, box: toBase64url(box) });
  const now = timestamp(systemClock.wall());
  const later = timestamp(systemClock.wall() + hours(24));
  return {
    version: 1,
    sessionId,
    orderId: order.orderId,
    tenantId: order.tenantId,
    deviceId: order.deviceId,
    revision: 1,
    candidateRef: order.candidate.candidateRef,
    language: order.language,
    ended: "refused",
    consents: order.policy.consents.map((one) => ({
      purpose: one.purpose,
      textId: one.textId,
      version: one.version,
      hash: sha256(one.text.en ?? ""),
      language: "en",
      given: false,
      at: now,
    })),
    expiresAt: { recording: later, transcript: later, scorecard: later, journal: later },
    score: null,
    answers: [],
    framing: [],
    gaps: [],
    stages: { consent: 1200 },
    versions: { software: "test", scorer: "test", rubric: order.rubricHash, policy: order.policyHash, models: {} },
    clock: { quality: "unknown", startedAt: now, endedAt: now, elapsedMillis: 1200 },
    media: [],
    wrappedKey: {
      ...(await seal(
        JSON.stringify({ journal: toBase64url(journal), content: toBase64url(content) }),
        order.recipients,
      )),
    },
    journal: { lines: [line], head: sha256(line) },
    external: order.external,
    ...given,
  };
}
