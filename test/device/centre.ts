import { readFile } from "node:fs/promises";
import { request } from "node:https";
import { join } from "node:path";
import type { FaultCode } from "../../contracts/fault.ts";
import type { Scorecard } from "../../contracts/scorecard.ts";
import { seconds } from "../../contracts/units.ts";
import type { PostedOrder } from "./order.ts";
import { eventually } from "./waiting.ts";

export type Answer<T = unknown> = { status: number; body: T; raw: Buffer };
export type Refusal = { code: FaultCode; message: string; field?: string };

/** The row of a scorecard as hr's API gives it. */
export type KeptScorecard = { scorecard: Scorecard; revision: number; receivedAt: string; chainVerified: boolean };

/** hr's API as an HR system uses it: TLS checked against the authority, a bearer token. */
export type Centre = {
  readonly ca: string;
  ask<T = unknown>(
    method: string,
    path: string,
    options?: { body?: unknown; token?: string | null; raw?: string },
  ): Promise<Answer<T>>;
  place(order: PostedOrder): Promise<string>;
  untilState(orderId: string, state: string, limitSeconds?: number): Promise<Record<string, unknown>>;
  /** The scorecard of the session that the device has named for an order. */
  scorecardOf(orderId: string, limitSeconds?: number): Promise<KeptScorecard>;
  scorecard(sessionId: string, limitSeconds?: number): Promise<KeptScorecard>;
  /** A counter of `/metrics`, summed over its labels where they match. */
  counter(name: string, labels?: Record<string, string>): Promise<number>;
};

/** A GET, POST … over TLS that trusts `ca` alone. */
export function askOverTls(
  url: URL,
  options: {
    method?: string;
    ca: string;
    headers?: Record<string, string>;
    body?: string;
    client?: { cert: string; key: string };
  },
): Promise<{ status: number; raw: Buffer }> {
  return new Promise((resolve, reject) => {
    const call = request(
      url,
      { method: options.method ?? "GET", ca: options.ca, agent: false, headers: options.headers, ...options.client },
      (answer) => {
        const parts: Buffer[] = [];
        answer.on("data", (part: Buffer) => parts.push(part));
        answer.on("end", () => resolve({ status: answer.statusCode ?? 0, raw: Buffer.concat(parts) }));
        answer.on("error", reject);
      },
    );
    call.on("error", reject);
    call.end(options.body);
  });
}

/** Sum of the samples of `name` in Prometheus text whose labels hold all of `labels`. */
export function sumOf(text: string, name: string, labels: Record<string, string> = {}): number {
  const wanted = Object.entries(labels).map(([key, value]) => `${key}="${value}"`);
  return text
    .split("\n")
    .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
    .filter((line) => wanted.every((one) => line.includes(one)))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" ") + 1)), 0);
}

const parsed = (raw: Buffer): unknown => {
  const text = raw.toString("utf8");
  return text.startsWith("{") || text.startsWith("[") ? JSON.parse(text) : text;
};

export async function openCentre({
  bridge,
  url,
  token,
}: {
  bridge: string;
  url: () => string;
  token: string;
}): Promise<Centre> {
  const ca = await readFile(join(bridge, "authority", "authority.pem"), "utf8");
  const ask: Centre["ask"] = async <T>(
    method: string,
    path: string,
    options: { body?: unknown; token?: string | null; raw?: string } = {},
  ) => {
    const shown = options.token === undefined ? token : options.token;
    const body = options.raw ?? (options.body === undefined ? undefined : JSON.stringify(options.body));
    const { status, raw } = await askOverTls(new URL(path, url()), {
      method,
      ca,
      headers: {
        ...(shown === null ? {} : { authorization: `Bearer ${shown}` }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body }),
    });
    return { status, raw, body: parsed(raw) as T };
  };
  const stateOf = async (orderId: string): Promise<Record<string, unknown>> =>
    (await ask<Record<string, unknown>>("GET", `/v1/orders/${orderId}`)).body;
  const kept = async (sessionId: string): Promise<KeptScorecard | undefined> => {
    const answer = await ask<KeptScorecard>("GET", `/v1/scorecards/${sessionId}`);
    return answer.status === 200 ? answer.body : undefined;
  };
  return {
    ca,
    ask,
    place: async (order) => {
      const answer = await ask<{ orderId: string }>("POST", "/v1/orders", { body: order });
      if (answer.status !== 201 && answer.status !== 200)
        throw new Error(`hr refused the order with ${answer.status}: ${answer.raw.toString("utf8")}`);
      return answer.body.orderId;
    },
    untilState: async (orderId, state, limitSeconds = 20) => {
      let last: Record<string, unknown> = {};
      return eventually({ what: `order to be ${state}`, limit: seconds(limitSeconds) }, async () => {
        last = await stateOf(orderId);
        return last["state"] === state ? last : undefined;
      }).catch((error: Error) => {
        throw new Error(`${error.message}; it is ${JSON.stringify(last)}`, { cause: error });
      });
    },
    scorecard: (sessionId, limitSeconds = 60) =>
      eventually(
        { what: `the scorecard of session ${sessionId} at hr`, limit: seconds(limitSeconds), pause: 100 },
        () => kept(sessionId),
      ),
    scorecardOf: (orderId, limitSeconds = 60) =>
      eventually(
        { what: `the scorecard of order ${orderId} at hr`, limit: seconds(limitSeconds), pause: 100 },
        async () => {
          const sessionId = (await stateOf(orderId))["sessionId"];
          return typeof sessionId === "string" ? kept(sessionId) : undefined;
        },
      ),
    counter: async (name, labels) =>
      sumOf((await askOverTls(new URL("/metrics", url()), { ca })).raw.toString("utf8"), name, labels),
  };
}
