import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { prepareZXingModule, writeBarcode } from "zxing-wasm/writer";
import { signedTypes } from "../../contracts/envelope.ts";
import { Fault } from "../../contracts/fault.ts";
import { type CheckIn, checkInPrefix, order as orderShape } from "../../contracts/order.ts";
import { timestamp } from "../../runtime/clock.ts";
import { parseJson } from "../../runtime/parse.ts";
import { sign } from "../../runtime/seal.ts";
import type { Caller } from "./access.ts";
import { record } from "./audit.ts";
import type { IssueOptions } from "./issue.ts";
import { findOrder, stateAt } from "./orders.ts";
import { bookingOf } from "./slots.ts";

export type CheckInCode = { text: string; expiresAt: string };

/**
 * A code that the candidate shows to the device: signed, for this order's newest revision, valid as long as the order,
 * used once. Each call makes another. @throws Fault order.unknown, order.cancelled, order.expired, order.finished
 */
export async function makeCheckIn(
  orderId: string,
  caller: Caller,
  { store, keys, clock }: IssueOptions,
): Promise<CheckInCode> {
  const row = await findOrder(store, caller, orderId);
  const now = clock.wall();
  const state = stateAt(row, now);
  if (state === "cancelled") throw new Fault("order.cancelled", "this order was cancelled");
  if (state === "expired")
    throw new Fault("order.expired", "this order has expired: send a higher revision with a later expiresAt");
  if (state === "refused" && row.sessionId === null)
    throw new Fault("order.finished", `the device refused this order (${row.fault}): send a higher revision`);
  if (state !== "waiting" && state !== "delivered")
    throw new Fault("order.finished", `the interview of this order has begun or ended (${state})`);
  const document = parseJson(orderShape, row.document, { what: "a stored order", otherwise: "internal" });
  const { tenantId, branch, deviceId, revision } = row;
  const booking = await bookingOf(store, row);
  const nbf = Math.floor((document.notBefore === undefined ? row.issuedAt : Date.parse(document.notBefore)) / 1000);
  const claims: CheckIn = {
    orderId,
    tenantId,
    deviceId,
    revision,
    nonce: clock.id(),
    ...(booking === undefined ? {} : { bookingId: booking.bookingId }),
    nbf,
    exp: Math.floor(row.expiresAt / 1000),
  };
  const text = `${checkInPrefix}${await sign(claims, { key: keys.centre, type: signedTypes.checkIn })}`;
  await store.transaction().execute(async (within) => {
    await record(within, {
      tenantId,
      branch,
      at: now,
      action: "checkIn.made",
      subject: orderId,
      facts: { revision, nonce: claims.nonce },
    });
  });
  return { text, expiresAt: timestamp(row.expiresAt) };
}

let prepared: Promise<void> | undefined;

/** The library would fetch its binary over the network; it is beside it on the disk. */
async function prepare(): Promise<void> {
  const path = createRequire(import.meta.url).resolve("zxing-wasm/writer/zxing_writer.wasm");
  const binary = await readFile(path);
  const wasmBinary = binary.buffer.slice(binary.byteOffset, binary.byteOffset + binary.byteLength) as ArrayBuffer;
  await prepareZXingModule({ overrides: { wasmBinary }, fireImmediately: true });
}

/** A code as a picture: error correction M, a quiet zone, 6 pixels a module (PNG). */
export async function drawCheckIn(text: string): Promise<{ svg: string; png: Buffer }> {
  prepared ??= prepare();
  await prepared;
  const drawn = await writeBarcode(text, { format: "QRCode", ecLevel: "M", scale: 6, addQuietZones: true });
  if (drawn.image === null) throw new Fault("internal", `the code could not be drawn: ${drawn.error}`);
  return { svg: drawn.svg, png: Buffer.from(await drawn.image.arrayBuffer()) };
}
