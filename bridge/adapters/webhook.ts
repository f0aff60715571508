import { createHmac } from "node:crypto";
import { Agent as PlainAgent } from "node:http";
import { Agent } from "node:https";
import { z } from "zod";
import { asFault, Fault } from "../../contracts/fault.ts";
import { seconds } from "../../contracts/units.ts";
import { type Call, post, retryAfter } from "../peer.ts";
import { type Connection, defineAdapter, type Outcome } from "./adapter.ts";

/** `t=<epoch seconds>,v1=<hex HMAC-SHA256 of "<t>.<body>">`: time within what is signed, so that a receiver can refuse old copies. */
export function webhookSignature({ secret, body, at }: { secret: string; body: string; at: number }): string {
  const t = Math.floor(at / 1000);
  return `t=${t},v1=${createHmac("sha256", secret).update(`${t}.${body}`).digest("hex")}`;
}

const answerLimit = seconds(20);

const onThisMachine = /^(localhost|127(\.\d+){3}|\[::1\])$/;

const options = z.strictObject({
  url: z
    .url({ protocol: /^https?$/ })
    .refine(
      (url) => url.startsWith("https:") || onThisMachine.test(new URL(url).hostname),
      "results leave this machine by https only",
    ),
  /** Key of the HMAC. */
  secret: z.string().min(16),
  /** PEM of the authority that the receiver's certificate is checked against; without it, those of the system. */
  authorityPem: z.string().optional(),
});

/** Worth repeating: overload, the other side's own trouble, and its wish to wait (RFC 9110 §15). */
const isPassing = (status: number): boolean => status === 408 || status === 425 || status === 429 || status >= 500;

/** A CloudEvent by HTTP POST, signed, with the effect key as idempotency key. */
export const webhook = defineAdapter({
  name: "webhook",
  summary: "Posts each result as a CloudEvent to a URL, signed by HMAC-SHA256",
  guarantee:
    "Exactly one effect where the receiver keeps the Idempotency-Key; elsewhere a result may come twice when this process is killed between the delivery and its note.",
  options,
  open: ({ url, secret, authorityPem }, { clock }): Connection => {
    const agent = url.startsWith("https:")
      ? new Agent({ keepAlive: true, maxSockets: 8, ...(authorityPem === undefined ? {} : { ca: authorityPem }) })
      : new PlainAgent({ keepAlive: true, maxSockets: 8 });
    return {
      close: () => agent.destroy(),
      deliver: async ({ effectKey, body }, signal): Promise<Outcome> => {
        const headers = {
          "content-type": "application/cloudevents+json; charset=utf-8",
          "idempotency-key": effectKey,
          "x-candor-signature": webhookSignature({ secret, body, at: clock.wall() }),
        };
        const call: Call = { url, body, headers, agent, limit: answerLimit, signal };
        try {
          const { status, headers: answered } = await post(call);
          if (status >= 200 && status < 300) return { outcome: "done" };
          if (!isPassing(status))
            return { outcome: "refused", fault: new Fault("delivery.refused", `the receiver answered ${status}`) };
          const fault = new Fault("delivery.failed", `the receiver answered ${status}`);
          const afterMillis = retryAfter(answered, clock);
          return afterMillis === undefined ? { outcome: "again", fault } : { outcome: "again", fault, afterMillis };
        } catch (error) {
          return { outcome: "again", fault: asFault(error, "delivery.failed") };
        }
      },
    };
  },
});
