import { join } from "node:path";
import { signedTypes } from "../contracts/envelope.ts";
import { Fault } from "../contracts/fault.ts";
import type { Identity } from "../contracts/identity.ts";
import { type CheckIn, checkIn, checkInPrefix, type Order } from "../contracts/order.ts";
import { DurableLog } from "../runtime/durable.ts";
import { parse } from "../runtime/parse.ts";
import { verifyWithKey } from "../runtime/seal.ts";
import type { CentreTime } from "./centreTime.ts";
import type { Orders } from "./orders.ts";

/** The nonces of check-in codes that have opened a session. */
export class NonceLedger {
  readonly #log: DurableLog;
  readonly #used: Set<string>;

  private constructor(log: DurableLog, used: Set<string>) {
    this.#log = log;
    this.#used = used;
  }

  static async open(stateDirectory: string): Promise<NonceLedger> {
    const { log, lines } = await DurableLog.open(join(stateDirectory, "nonces.jsonl"));
    return new NonceLedger(log, new Set(lines.map((line) => JSON.parse(line) as string)));
  }

  has(nonce: string): boolean {
    return this.#used.has(nonce);
  }

  /** Noted after the session's journal has begun: a plug pulled in between leaves the code usable, or the session names it. */
  async note(nonce: string): Promise<void> {
    if (this.#used.has(nonce)) return;
    await this.#log.append(JSON.stringify(nonce));
    this.#used.add(nonce);
  }

  async close(): Promise<void> {
    await this.#log.close();
  }
}

type Desk = { identity: Identity; orders: Orders; nonces: NonceLedger; time: CentreTime };

/** Times are judged only by a clock that can be believed: a wrong clock never keeps out a candidate whose signed order is here. */
function judgeTimes(code: CheckIn, order: Order, now: number | undefined): void {
  if (now === undefined) return;
  if (now < code.nbf * 1000) throw new Fault("qr.early", "the check-in code is not valid yet: come back later");
  if (now > code.exp * 1000) throw new Fault("qr.expired", "the check-in code has expired: ask for a new one");
  if (order.notBefore !== undefined && now < Date.parse(order.notBefore))
    throw new Fault("qr.early", "the interview cannot begin yet: come back later");
  if (now > Date.parse(order.expiresAt))
    throw new Fault("order.expired", "the order has expired: ask for a new appointment");
}

/**
 * The order that a check-in code opens, and the code's nonce.
 * @throws Fault qr.malformed, qr.replayed, qr.early, qr.expired, signature.invalid, order.*
 */
export async function admit(
  text: string,
  { identity, orders, nonces, time }: Desk,
): Promise<{ order: Order; nonce: string }> {
  if (!text.startsWith(checkInPrefix)) throw new Fault("qr.malformed", "this is no check-in code of an interview");
  const signed = await verifyWithKey(text.slice(checkInPrefix.length), {
    key: identity.centre,
    type: signedTypes.checkIn,
  });
  const code = parse(checkIn, signed, { what: "the check-in code", otherwise: "qr.malformed" });
  if (code.tenantId !== identity.tenantId || code.deviceId !== identity.deviceId)
    throw new Fault("order.otherDevice", "the check-in code is for another device");
  if (nonces.has(code.nonce))
    throw new Fault("qr.replayed", "the check-in code has been used already: ask for a new one");
  const { revision, state } = orders.record(code.orderId);
  if (state === "cancelled") throw new Fault("order.cancelled", "the order has been cancelled");
  if (state !== "waiting") throw new Fault("order.finished", "the interview of this order has taken place");
  if (code.revision !== revision)
    throw new Fault(
      "order.stale",
      `the check-in code is for revision ${code.revision} of the order, here is ${revision}: ask for a new code`,
    );
  const order = await orders.read(code.orderId);
  judgeTimes(code, order, time.judging());
  return { order, nonce: code.nonce };
}
