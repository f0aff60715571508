import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { Fault } from "../../contracts/fault.ts";
import { type EpochMillis, minutes } from "../../contracts/units.ts";
import { type Clock, systemClock } from "../../runtime/clock.ts";

/** One result as an HR system keeps it: exactly one for an idempotency key. */
export type Received = { key: string; event: Record<string, unknown>; at: EpochMillis };

export type Receiver = {
  readonly url: string;
  readonly received: readonly Received[];
  /** Requests whose key was there already; they are answered like the first. */
  readonly duplicates: number;
  /** Fault codes of what was refused, in order. */
  readonly refused: readonly string[];
  stop(): Promise<void>;
};

export type ReceiverOptions = {
  secret: string;
  port?: number;
  clock?: Clock;
  /** Called once for each new result. */
  onResult?: (received: Received) => void;
  /** May answer in the receiver's place (a status, with a Retry-After in seconds or another address), to be a receiver in trouble; after it has kept the result or before. */
  trouble?: (request: {
    key: string;
    attempt: number;
    kept: boolean;
  }) => Promise<{ status: number; retryAfterSeconds?: number; location?: string } | undefined>;
};

/** A signature older than this is a copy somebody sends again. */
const signatureLife = minutes(5);
const largestBody = 16 * 1024 * 1024;

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > largestBody) throw new Fault("message.tooLarge", "the result is too large");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** @throws Fault signature.missing, signature.invalid */
export function checkWebhookSignature(
  header: string | undefined,
  { secret, body, now }: { secret: string; body: string; now: EpochMillis },
): void {
  const [, t, given] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(header ?? "") ?? [];
  if (t === undefined || given === undefined)
    throw new Fault("signature.missing", "X-Candor-Signature is missing or not t=…,v1=…");
  if (Math.abs(now - Number(t) * 1000) > signatureLife)
    throw new Fault("signature.invalid", "the signature is too old or from the future");
  const wanted = createHmac("sha256", secret).update(`${t}.${body}`).digest();
  if (!timingSafeEqual(wanted, Buffer.from(given, "hex")))
    throw new Fault("signature.invalid", "the signature does not hold");
}

/** A plain HTTP server that takes results as an HR system should: checks the signature, keeps one record a key. */
export async function startReceiver(options: ReceiverOptions): Promise<Receiver> {
  const clock = options.clock ?? systemClock;
  const received: Received[] = [];
  const refused: string[] = [];
  const attempts = new Map<string, number>();
  let duplicates = 0;

  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await bodyOf(request);
    checkWebhookSignature(request.headers["x-candor-signature"]?.toString(), {
      secret: options.secret,
      body,
      now: clock.wall(),
    });
    const key = request.headers["idempotency-key"]?.toString();
    if (key === undefined) throw new Fault("message.malformed", "Idempotency-Key is missing");
    const attempt = (attempts.get(key) ?? 0) + 1;
    attempts.set(key, attempt);
    const refuse = async (kept: boolean): Promise<boolean> => {
      const answer = await options.trouble?.({ key, attempt, kept });
      if (answer === undefined) return false;
      if (answer.retryAfterSeconds !== undefined) response.setHeader("retry-after", String(answer.retryAfterSeconds));
      if (answer.location !== undefined) response.setHeader("location", answer.location);
      response.writeHead(answer.status).end();
      return true;
    };
    if (await refuse(false)) return;
    if (received.some((one) => one.key === key)) duplicates++;
    else {
      const result = { key, event: JSON.parse(body) as Record<string, unknown>, at: clock.wall() };
      received.push(result);
      options.onResult?.(result);
    }
    if (await refuse(true)) return;
    response.writeHead(204).end();
  };

  const server = createServer((request, response) => {
    take(request, response).catch((error: unknown) => {
      const fault =
        error instanceof Fault ? error : new Fault("message.malformed", "the result cannot be read", { cause: error });
      refused.push(fault.code);
      if (!response.headersSent) response.writeHead(fault.status, { "content-type": "application/json" });
      response.end(JSON.stringify(fault));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, "127.0.0.1", resolve);
  });
  const address = server.address();
  const port = address !== null && typeof address === "object" ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}/results`,
    received,
    get duplicates() {
      return duplicates;
    },
    refused,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
