import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import {
  type Envelope,
  envelope,
  eventTypes,
  type OrderAcknowledged,
  type OrderEvent,
  orderEvent,
  signedTypes,
} from "../contracts/envelope.ts";
import { asFault, Fault } from "../contracts/fault.ts";
import type { Identity } from "../contracts/identity.ts";
import { type Order, order, orderCancellation } from "../contracts/order.ts";
import { days, type EpochMillis } from "../contracts/units.ts";
import { contentHash } from "../runtime/canonical.ts";
import { readIfThere, writeDurably } from "../runtime/durable.ts";
import { parse, parseJson } from "../runtime/parse.ts";
import { unseal, verifyWithKey } from "../runtime/seal.ts";

const record = z.looseObject({
  version: z.literal(1),
  orderId: z.string(),
  revision: z.number().int().positive(),
  state: z.enum(["waiting", "inInterview", "done", "cancelled"]),
  /** The signed event that brought the order, as received: who the candidate is stays sealed on the disk. Absent once it is over or has expired. */
  token: z.string().optional(),
  /** RFC 3339, beside the seal so that the order can be erased also where its seal can no longer be opened. */
  expiresAt: z.string().optional(),
});
export type OrderRecord = z.infer<typeof record>;

/** What is to be told to the centre about an order event. */
export type Acknowledgement = Pick<OrderAcknowledged, "orderId" | "revision" | "acknowledges" | "accepted" | "fault">;

export type Received = { acknowledgement: Acknowledgement | undefined; fault: Fault | undefined };

/** Whoever has checked in at the last minute is done by then. */
const keptAfterExpiry = days(1);

type OrdersOptions = { stateDirectory: string; identity: Identity; onTime: (issuedAt: string) => Promise<void> };

/** Orders that are on this device. They stay sealed on the disk and are opened in memory when needed. */
export class Orders {
  readonly #options: OrdersOptions;
  readonly #directory: string;
  readonly #records = new Map<string, OrderRecord>();
  #changes: Promise<unknown> = Promise.resolve();

  constructor(options: OrdersOptions) {
    this.#options = options;
    this.#directory = join(options.stateDirectory, "orders");
  }

  /** Reads what is there. Files that cannot be read are handed to `onFault` and left where they are. */
  async start(onFault: (error: unknown) => void): Promise<void> {
    const names = await readdir(this.#directory).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return [];
      throw error;
    });
    for (const name of names.filter((one) => one.endsWith(".json") && !one.startsWith("."))) {
      try {
        const found = parseJson(record, (await readIfThere(join(this.#directory, name))) ?? "", {
          what: "a kept order",
          otherwise: "file.unreadable",
        });
        this.#records.set(found.orderId, found);
      } catch (error) {
        onFault(error);
      }
    }
  }

  /** @throws Fault order.unknown */
  record(orderId: string): OrderRecord {
    const found = this.#records.get(orderId);
    if (found === undefined)
      throw new Fault("order.unknown", "there is no such order on this device: wait until it has arrived");
    return found;
  }

  /** The order itself, from its sealed event. @throws Fault order.unknown, order.finished, order.cancelled, order.expired */
  async read(orderId: string): Promise<Order> {
    const { token, state } = this.record(orderId);
    if (token === undefined && state === "waiting")
      throw new Fault("order.expired", "the order has expired and was erased: ask for a new appointment");
    if (token === undefined)
      throw new Fault(state === "cancelled" ? "order.cancelled" : "order.finished", `the order is ${state}`);
    return this.#open(await this.#verified(token));
  }

  mark(orderId: string, state: OrderRecord["state"]): Promise<void> {
    return this.#inTurn(async () => {
      const found = this.#records.get(orderId);
      if (found === undefined || found.state === state || found.state === "done") return;
      const { token, ...rest } = found;
      const over = state === "done" || state === "cancelled";
      await this.#write({ ...rest, state, ...(over || token === undefined ? {} : { token }) });
    });
  }

  /**
   * Erases the orders, and with them who the candidates are, whose expiry is more than a day ago. What stays names nobody:
   * id, revision and state, so that the same order brought again is not taken for a new one. Orders that are done or
   * cancelled were erased when they became so. `now` undefined: no clock can be believed, nothing is erased.
   */
  async expire(now: EpochMillis | undefined, onFault: (error: unknown) => void): Promise<void> {
    if (now === undefined) return;
    for (const orderId of [...this.#records.keys()])
      await this.#inTurn(() => this.#expireOne(orderId, now)).catch(onFault);
  }

  async #expireOne(orderId: string, now: EpochMillis): Promise<void> {
    const found = this.#records.get(orderId);
    if (found?.token === undefined) return;
    const expiresAt = found.expiresAt ?? (await this.read(orderId)).expiresAt;
    if (now <= Date.parse(expiresAt) + keptAfterExpiry) return;
    const { token: _, ...rest } = found;
    await this.#write({ ...rest, expiresAt });
  }

  /** One change after the other: each is decided on what stands there then. */
  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const turn = this.#changes.then(change);
    this.#changes = turn.catch(() => undefined);
    return turn;
  }

  /**
   * Takes in a message of the orders topic. What is wrongly signed gets no answer; what is signed by the centre and
   * cannot be used is answered with its fault; all else is on the disk before it is acknowledged.
   */
  async receive(payload: Uint8Array): Promise<Received> {
    let brought: Envelope;
    let event: OrderEvent;
    try {
      brought = parseJson(envelope, payload, { what: "an order message" });
      event = await this.#verified(brought.data);
      if (event.eventId !== brought.id) throw new Fault("signature.invalid", "the signature is for another event");
    } catch (error) {
      return { acknowledgement: undefined, fault: asFault(error) };
    }
    const base = { orderId: event.orderId, revision: event.revision, acknowledges: event.eventId };
    try {
      await this.#inTurn(() => this.#take(brought, event));
      return { acknowledgement: { ...base, accepted: true }, fault: undefined };
    } catch (error) {
      const fault = asFault(error);
      // What may succeed later is not answered: the centre sends it again.
      if (fault.retryable) return { acknowledgement: undefined, fault };
      return { acknowledgement: { ...base, accepted: false, fault: fault.code }, fault };
    }
  }

  async #take(brought: Envelope, event: OrderEvent): Promise<void> {
    if (brought.type === eventTypes.orderCancelled) return this.#cancel(event);
    if (brought.type !== eventTypes.order)
      throw new Fault("message.unsupportedVersion", "a message of this type is not known here: update the device");
    const opened = await this.#open(event);
    const known = this.#records.get(event.orderId);
    if (known !== undefined && known.revision >= event.revision) {
      // The same again, or one that came late: it is settled, so saying so again does no harm. Sealed anew to a key that
      // this device has announced since, it takes the place of what the old key alone could open.
      const { revision, state, token } = known;
      if (revision === event.revision && state === "waiting" && token !== undefined && token !== brought.data)
        await this.#write({ ...known, token: brought.data, expiresAt: opened.expiresAt });
      await this.#options.onTime(opened.issuedAt);
      return;
    }
    if (known?.state === "inInterview" || known?.state === "done")
      throw new Fault("order.finished", "the interview of this order has begun: issue a new order");
    await this.#write({
      version: 1,
      orderId: event.orderId,
      revision: event.revision,
      state: "waiting",
      token: brought.data,
      expiresAt: opened.expiresAt,
    });
    await this.#options.onTime(opened.issuedAt);
  }

  async #cancel(event: OrderEvent): Promise<void> {
    const { tenantId, deviceId, encryption, centre } = this.#options.identity;
    const signed = await verifyWithKey(await unseal(event.sealed, encryption), {
      key: centre,
      type: signedTypes.cancellation,
    });
    const said = parse(orderCancellation, signed, { what: "the cancellation" });
    if (said.orderId !== event.orderId || said.tenantId !== tenantId || said.deviceId !== deviceId)
      throw new Fault("order.otherDevice", "the cancellation is for another order or device");
    const known = this.#records.get(event.orderId);
    if (known?.state === "inInterview" || known?.state === "done")
      throw new Fault("order.finished", "the interview of this order has begun: it goes on");
    const revision = Math.max(said.revision, known?.revision ?? 0);
    if (known !== undefined && known.revision > said.revision) return;
    await this.#write({ version: 1, orderId: event.orderId, revision, state: "cancelled" });
    await this.#options.onTime(said.issuedAt);
  }

  async #verified(token: string): Promise<OrderEvent> {
    const { tenantId, deviceId, centre } = this.#options.identity;
    const event = parse(orderEvent, await verifyWithKey(token, { key: centre, type: signedTypes.event }), {
      what: "the order event",
    });
    if (event.tenantId !== tenantId || event.deviceId !== deviceId)
      throw new Fault("order.otherDevice", "the order is for another device");
    return event;
  }

  async #open(event: OrderEvent): Promise<Order> {
    const { tenantId, deviceId, encryption, centre } = this.#options.identity;
    const signed = await verifyWithKey(await unseal(event.sealed, encryption), {
      key: centre,
      type: signedTypes.order,
    });
    const found = parse(order, signed, { what: "the order", otherwise: "order.invalid" });
    if (found.tenantId !== tenantId || found.deviceId !== deviceId)
      throw new Fault("order.otherDevice", "the order is for another device");
    if (found.orderId !== event.orderId || found.revision !== event.revision)
      throw new Fault("order.invalid", "the sealed order is not the one that its event names");
    for (const [named, hash] of [
      ["rubric", found.rubricHash],
      ["policy", found.policyHash],
    ] as const)
      if (contentHash((signed as Record<string, unknown>)[named]) !== hash)
        throw new Fault("order.invalid", `the ${named} is not the one that its hash names`, { field: `${named}Hash` });
    for (const purpose of ["recording", "scoring"] as const)
      if (!found.policy.consents.some((one) => one.purpose === purpose))
        throw new Fault(
          "order.invalid",
          `the policy asks no consent for ${purpose}: nobody may be interviewed under it`,
          { field: "policy.consents" },
        );
    return found;
  }

  async #write(found: OrderRecord): Promise<void> {
    await writeDurably(join(this.#directory, `${found.orderId}.json`), JSON.stringify(found));
    this.#records.set(found.orderId, found);
  }
}
