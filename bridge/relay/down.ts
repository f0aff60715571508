import type { Transaction } from "kysely";
import { type OrderAcknowledged, orderEvent, signedTypes } from "../../contracts/envelope.ts";
import { Fault } from "../../contracts/fault.ts";
import type { PublicKey } from "../../contracts/policy.ts";
import { topics } from "../../contracts/topics.ts";
import { type EpochMillis, seconds } from "../../contracts/units.ts";
import type { Clock } from "../../runtime/clock.ts";
import { parse } from "../../runtime/parse.ts";
import { backOff, type RetryPolicy } from "../../runtime/retry.ts";
import { verifyWithKey } from "../../runtime/seal.ts";
import { type Again, listed, type Queue } from "../dispatch.ts";
import type { DownMessage } from "../internal.ts";
import type { Publish } from "./broker.ts";
import type { RelayStore, RelayTables } from "./store.ts";

/** A device that is there answers within a second; one that is away is told at once when it comes up. */
const resend: RetryPolicy = {
  name: "resend",
  attempts: Number.POSITIVE_INFINITY,
  first: seconds(2),
  factor: 2,
  most: seconds(60),
};

export type DownJob = {
  sequence: number;
  tenantId: string;
  deviceId: string;
  eventId: string;
  envelope: string;
  expiresAt: EpochMillis;
  attempts: number;
};

/** The down-outbox: orders and cancellations, each sent until the device's signed acknowledgement of it. */
export interface Downs extends Queue<DownJob> {
  /** Keeps a message of hr's. The same event again changes nothing. @throws Fault signature.invalid, message.malformed */
  keep(message: DownMessage): Promise<void>;
  /** Stops sending what the device has on its disk or has refused. */
  acknowledge(within: Transaction<RelayTables>, acknowledged: OrderAcknowledged): Promise<void>;
  /** The device came up, or (without one) the broker did: everything for it is due now. */
  resend(device?: { tenantId: string; deviceId: string }): Promise<void>;
  send(job: DownJob): Promise<Again | undefined>;
}

export type DownsOptions = { store: RelayStore; centre: PublicKey; publish: Publish; clock: Clock; wake: () => void };

export function createDowns(use: DownsOptions): Downs {
  const { store, clock, wake } = use;
  return {
    ...downQueue(store),
    keep: async (message) => {
      await keep(use, message);
      wake();
    },
    acknowledge: async (within, { tenantId, deviceId, acknowledges }) => {
      await within
        .updateTable("downs")
        .set({ state: "acknowledged", envelope: "" })
        .where("tenantId", "=", tenantId)
        .where("deviceId", "=", deviceId)
        .where("eventId", "=", acknowledges)
        .where("state", "=", "sending")
        .execute();
    },
    resend: async (device) => {
      const due = { notBefore: clock.wall(), attempts: 0 };
      const all = store.updateTable("downs").set(due).where("state", "=", "sending");
      const wanted =
        device === undefined
          ? all
          : all.where("tenantId", "=", device.tenantId).where("deviceId", "=", device.deviceId);
      await wanted.execute();
      wake();
    },
    send: (job) => send(use, job),
  };
}

async function keep({ store, centre, clock }: DownsOptions, message: DownMessage): Promise<void> {
  const { envelope, deviceId, branch, expiresAt } = message;
  const signed = await verifyWithKey(envelope.data, { key: centre, type: signedTypes.event });
  const { tenantId, eventId, orderId, revision, ...rest } = parse(orderEvent, signed, {
    what: "the signed order event",
  });
  if (rest.deviceId !== deviceId || eventId !== envelope.id)
    throw new Fault("signature.invalid", "what is signed names another device or event than the message");
  const now = clock.wall();
  await store.transaction().execute(async (within) => {
    const inserted = await within
      .insertInto("downs")
      .values({
        tenantId,
        branch,
        deviceId,
        eventId,
        orderId,
        revision,
        envelope: JSON.stringify(envelope),
        state: "sending",
        storedAt: now,
        expiresAt,
        attempts: 0,
        notBefore: now,
        fault: null,
      })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    if (inserted.numInsertedOrUpdatedRows === 0n) return;
    // Also an equal revision: the same order sealed anew, because the device announced another key.
    await within
      .updateTable("downs")
      .set({ state: "superseded", envelope: "" })
      .where("tenantId", "=", tenantId)
      .where("orderId", "=", orderId)
      .where("revision", "<=", revision)
      .where("eventId", "!=", eventId)
      .where("state", "=", "sending")
      .execute();
  });
}

async function send({ store, publish, clock }: DownsOptions, job: DownJob): Promise<Again | undefined> {
  const row = store.updateTable("downs").where("sequence", "=", job.sequence).where("state", "=", "sending");
  if (clock.wall() > job.expiresAt) {
    await row.set({ state: "expired", envelope: "" }).execute();
    return undefined;
  }
  // Before publishing, so that an acknowledgement or a birth that comes meanwhile has the last word.
  const notBefore = clock.wall() + backOff(resend, job.attempts, clock.random);
  await row.set({ attempts: job.attempts + 1, notBefore }).execute();
  await publish(topics.orders(job.tenantId, job.deviceId), job.envelope);
  return undefined;
}

function downQueue(store: RelayStore): Queue<DownJob> {
  return {
    due: ({ now, limit, except }) =>
      store
        .selectFrom("downs")
        .select(["sequence", "tenantId", "deviceId", "eventId", "envelope", "expiresAt", "attempts"])
        .where("state", "=", "sending")
        .where("notBefore", "<=", now)
        .where("sequence", "not in", listed(except))
        .orderBy("sequence")
        .limit(limit)
        .execute(),
    nextDue: async (except) => {
      const waiting = store
        .selectFrom("downs")
        .where("state", "=", "sending")
        .where("sequence", "not in", listed(except));
      return (await waiting.select((row) => row.fn.min("notBefore").as("due")).executeTakeFirst())?.due ?? undefined;
    },
    postpone: async (job, { fault, notBefore }) => {
      const outcome = { attempts: job.attempts + 1, notBefore, fault: fault.code };
      await store.updateTable("downs").set(outcome).where("sequence", "=", job.sequence).execute();
    },
  };
}
