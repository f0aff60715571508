import { existsSync } from "node:fs";
import { type Envelope, eventTypes, type Receipt, signedTypes } from "../contracts/envelope.ts";
import type { PrivateKey } from "../contracts/identity.ts";
import { type Clock, timestamp } from "../runtime/clock.ts";
import { sign } from "../runtime/seal.ts";

export type Wrap = (event: { tenantId: string; eventId: string; type: string; data: string }) => Envelope;

/** Envelopes of one process of the centre; `sequence` counts what this start of it sent. */
export function createWrap(clock: Clock): Wrap {
  const bootid = clock.id();
  const began = clock.monotonic();
  let sequence = 0;
  return ({ tenantId, eventId, type, data }) => ({
    specversion: "1.0",
    id: eventId,
    source: `candor/${tenantId}/centre`,
    type,
    time: timestamp(clock.wall()),
    datacontenttype: "application/jose",
    bootid,
    elapsedmillis: Math.round(clock.monotonic() - began),
    sequence: sequence++,
    // systemd-timesyncd leaves this file once it has set the clock (systemd-timesyncd.service(8)).
    clockquality: existsSync("/run/systemd/timesync/synchronized") ? "synchronised" : "unknown",
    data,
  });
}

/** What an answer to a device is about, and what it says. */
export type ReceiptOf = { tenantId: string; deviceId: string; eventId: string } & Pick<Receipt, "state"> & {
    fault?: string;
    relayKey?: string;
  };

/** A receipt as compact JWS, stamped with the centre's time. */
export const signReceipt = (content: ReceiptOf, { key, clock }: { key: PrivateKey; clock: Clock }): Promise<string> =>
  sign({ ...content, at: timestamp(clock.wall()) } satisfies Receipt, { key, type: signedTypes.receipt });

/** The receipt in the envelope that carries it to the device. */
export const wrapReceipt = (
  wrap: Wrap,
  { tenantId, data, eventId }: { tenantId: string; data: string; eventId: string },
): Envelope => wrap({ tenantId, eventId, type: eventTypes.receipt, data });
