import { createHmac } from "node:crypto";
import { z } from "zod";
import { type Call, post } from "../peer.ts";
import { type Connection, defineAdapter, type Outcome } from "./adapter.ts";
import { agentFor, answerLimit, authorityPem, notTaken, outcomeOf, targetUrl } from "./http.ts";

/** `t=<epoch seconds>,v1=<hex HMAC-SHA256 of "<t>.<body>">`: time within what is signed, so that a receiver can refuse old copies. */
export function webhookSignature({ secret, body, at }: { secret: string; body: string; at: number }): string {
  const t = Math.floor(at / 1000);
  return `t=${t},v1=${createHmac("sha256", secret).update(`${t}.${body}`).digest("hex")}`;
}

const options = z.strictObject({
  url: targetUrl,
  /** Key of the HMAC. */
  secret: z.string().min(16),
  authorityPem,
});

/** A CloudEvent by HTTP POST, signed, with the effect key as idempotency key. */
export const webhook = defineAdapter({
  name: "webhook",
  summary: "Posts each result as a CloudEvent to a URL, signed by HMAC-SHA256",
  guarantee:
    "Exactly one effect where the receiver keeps the Idempotency-Key; elsewhere a result may come twice when this process is killed between the delivery and its note.",
  takes: ["result", "status", "start", "help"],
  options,
  open: ({ url, secret, authorityPem }, { clock }): Connection => {
    const agent = agentFor(url, authorityPem);
    return {
      close: () => agent.destroy(),
      deliver: ({ effectKey, body }, signal): Promise<Outcome> => {
        const headers = {
          "content-type": "application/cloudevents+json; charset=utf-8",
          "idempotency-key": effectKey,
          "x-candor-signature": webhookSignature({ secret, body, at: clock.wall() }),
        };
        const call: Call = { url, body, headers, agent, limit: answerLimit, signal };
        return outcomeOf(async () => {
          const answer = await post(call);
          if (answer.status >= 200 && answer.status < 300) return { outcome: "done" };
          return notTaken(answer, clock);
        }, signal);
      },
    };
  },
});
