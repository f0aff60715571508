import { type Envelope, envelope as envelopeShape, eventTypes, orderAcknowledged } from "../../contracts/envelope.ts";
import { Fault } from "../../contracts/fault.ts";
import { ownerOf } from "../../contracts/topics.ts";
import type { Clock } from "../../runtime/clock.ts";
import type { Log } from "../../runtime/log.ts";
import { parseJson } from "../../runtime/parse.ts";
import type { Metrics } from "../metrics.ts";
import { type DeviceEvent, deviceOfSource, verifyOrigin } from "../origin.ts";
import type { Taken } from "./broker.ts";
import type { Downs } from "./down.ts";
import type { Receipts } from "./receipts.ts";
import type { RelayStore, RelayWrite } from "./store.ts";

export type IngestOptions = {
  store: RelayStore;
  write: RelayWrite;
  authorityPem: string;
  receipts: Receipts;
  downs: Downs;
  /** A new row waits for hr. */
  onStored: () => void;
  metrics: Metrics;
  clock: Clock;
  log: Log;
};

/** Events being worked on at once; beyond, they are left to the device's next try rather than to this process's memory. */
const mostAtOnce = 2000;
/** A health document is small; a larger one is no health document. */
const largestHealthBytes = 64 * 1024;

const knownTypes: readonly string[] = Object.values(eventTypes);
/** Types are free text of whoever signed: a counter for each would grow without end. */
const labelOf = (type: string): string => (knownTypes.includes(type) ? type : "unknown");

/** Takes what devices publish: checks whose it is, keeps it, answers. Opens nothing. */
export class Ingest {
  readonly #use: IngestOptions;
  #working = 0;

  constructor(options: IngestOptions) {
    this.#use = options;
  }

  /** Never throws: what cannot be taken is counted and logged by its code, and the process goes on. */
  async take(topic: string, payload: Buffer): Promise<Taken> {
    const { metrics, log } = this.#use;
    this.#working++;
    try {
      if (this.#working > mostAtOnce)
        throw new Fault("peer.busy", "more events at once than can be worked on; the device will ask again");
      const owner = ownerOf(topic);
      if (owner === undefined) throw new Fault("message.malformed", "the topic is not one of ours");
      if (owner.leaf === "health") await this.#health(owner, payload);
      else await this.#event(owner, payload);
      return "settled";
    } catch (error) {
      const fault = metrics.refused(error);
      log.warn({ code: fault.code, field: fault.field, err: fault }, "refused a message of a device");
      // What nobody foresaw, such as a store that cannot be written, says nothing against the message.
      return fault.retryable || fault.code === "internal" ? "again" : "settled";
    } finally {
      this.#working--;
    }
  }

  async #health({ tenantId, deviceId }: { tenantId: string; deviceId: string }, payload: Buffer): Promise<void> {
    if (payload.length > largestHealthBytes)
      throw new Fault("message.tooLarge", "a health document of this size is none");
    const seen = { health: payload.toString("utf8"), healthAt: this.#use.clock.wall() };
    await this.#use.store
      .insertInto("devices")
      .values({ tenantId, deviceId, branch: "/", bornAt: null, ...seen })
      .onConflict((conflict) => conflict.columns(["tenantId", "deviceId"]).doUpdateSet(seen))
      .execute();
  }

  async #event(owner: { tenantId: string; deviceId: string }, payload: Buffer): Promise<void> {
    const { authorityPem, clock, receipts, metrics, onStored } = this.#use;
    const message = parseJson(envelopeShape, payload, { what: "the event" });
    const source = deviceOfSource(message.source);
    if (source.tenantId !== owner.tenantId || source.deviceId !== owner.deviceId)
      throw new Fault("signature.invalid", "the event came on another device's topic than its source names", {
        field: "source",
      });
    const event = await verifyOrigin(message, { authorityPem, at: clock.wall() });
    const known = await this.#keep(event, message);
    if (known !== undefined) {
      metrics.event(labelOf(event.type), "duplicate");
      if (known.receipt === null) await receipts.stored(event);
      else await receipts.pass(event, known.receipt);
      return;
    }
    metrics.event(labelOf(event.type), "stored");
    // On its way before hr is asked, so that the device hears "stored" before "accepted".
    const answered = receipts.stored(event);
    onStored();
    await answered;
    if (event.type === eventTypes.birth) await this.#use.downs.resend(event);
  }

  /** In one transaction: the event, its way to hr, and what it means here. Hands back the answer known when it is not new. */
  async #keep(event: DeviceEvent, message: Envelope): Promise<{ receipt: string | null } | undefined> {
    const { write, clock } = this.#use;
    const { tenantId, deviceId, eventId, type } = event;
    const now = clock.wall();
    return write(async (within) => {
      const device = await within
        .selectFrom("devices")
        .select("branch")
        .where("tenantId", "=", tenantId)
        .where("deviceId", "=", deviceId)
        .executeTakeFirst();
      const owned = { tenantId, deviceId, eventId, branch: device?.branch ?? "/" };
      const inserted = await within
        .insertInto("inbox")
        .values({ ...owned, type, envelope: JSON.stringify(message), receivedAt: now, state: "stored", receipt: null })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst();
      if (inserted.numInsertedOrUpdatedRows === 0n)
        return within
          .selectFrom("inbox")
          .select("receipt")
          .where("tenantId", "=", tenantId)
          .where("deviceId", "=", deviceId)
          .where("eventId", "=", eventId)
          .executeTakeFirstOrThrow();
      await within
        .insertInto("forwards")
        .values({ ...owned, attempts: 0, notBefore: now, fault: null })
        .execute();
      const acknowledged =
        type === eventTypes.orderAcknowledged ? orderAcknowledged.safeParse(event.payload).data : undefined;
      if (acknowledged !== undefined) await this.#use.downs.acknowledge(within, acknowledged);
      return undefined;
    });
  }
}
