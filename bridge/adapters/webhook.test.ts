import t from "tap";
import { seconds } from "../../contracts/units.ts";
import { systemClock } from "../../runtime/clock.ts";
import { adapterChecks, type HttpOpposite, httpChecks } from "./conformance.ts";
import { checkWebhookSignature, startReceiver } from "./receiver.ts";
import { adapters } from "./registry.ts";
import { webhook, webhookSignature } from "./webhook.ts";

const secret = "a secret of the tests, long enough";

async function startOpposite(): Promise<HttpOpposite> {
  type Trouble = Parameters<HttpOpposite["trouble"]>[0] | Parameters<HttpOpposite["misbehave"]>[0];
  let trouble: Trouble = "none";
  const answers = { busy: { status: 429, retryAfterSeconds: 7 }, broken: { status: 503 }, refusing: { status: 422 } };
  const receiver = await startReceiver({
    secret,
    trouble: async ({ kept }) => {
      if (trouble === "none") return undefined;
      if (trouble === "slow") return new Promise(() => undefined);
      // The receiver itself would take it there, were the redirection followed.
      if (trouble === "moved") return kept ? undefined : { status: 308, location: "/elsewhere" };
      if (trouble === "garbage") return undefined;
      if (trouble === "cut") return kept ? { status: 500 } : undefined;
      return answers[trouble];
    },
  });
  return {
    options: { url: receiver.url, secret },
    overload: seconds(7),
    effects: () => receiver.received.map((one) => one.key),
    trouble: (kind) => {
      trouble = kind;
    },
    misbehave: (kind) => {
      trouble = kind;
    },
    stop: () => receiver.stop(),
  };
}

t.test("the webhook adapter conforms", async (t) => {
  for (const { sentence, holds } of [
    ...adapterChecks(webhook, startOpposite),
    ...httpChecks(webhook, startOpposite, { anyBody: true }),
  ])
    t.equal(await holds(), true, sentence);
  t.ok(adapters.includes(webhook));
});

t.test("a receiver takes a signature of now and refuses a changed, an old and a missing one", async (t) => {
  const now = systemClock.wall();
  const body = '{"a":1}';
  const header = webhookSignature({ secret, body, at: now });
  checkWebhookSignature(header, { secret, body, now });
  t.throws(() => checkWebhookSignature(header, { secret, body: '{"a":2}', now }), { code: "signature.invalid" });
  t.throws(() => checkWebhookSignature(header, { secret: "another secret altogether", body, now }), {
    code: "signature.invalid",
  });
  t.throws(() => checkWebhookSignature(header, { secret, body, now: now + seconds(600) }), {
    code: "signature.invalid",
  });
  t.throws(() => checkWebhookSignature(undefined, { secret, body, now }), { code: "signature.missing" });
});

t.test("takes plain http on this machine only", async (t) => {
  const secret = "at least 16 characters";
  for (const url of ["http://127.0.0.1:8080/results", "http://localhost/r", "https://hr.example/results"])
    t.equal(webhook.options.safeParse({ url, secret }).success, true, url);
  for (const url of ["http://hr.example/results", "http://10.0.0.5/results", "http://localhost.example/"])
    t.equal(webhook.options.safeParse({ url, secret }).success, false, url);
});
