import { once } from "node:events";
import { type RequestOptions, request } from "node:https";
import { z } from "zod";
import { Fault } from "../../contracts/fault.ts";
import type { OrderRequest } from "../../contracts/order.ts";
import { scorecard } from "../../contracts/scorecard.ts";
import { parseJson } from "../../runtime/parse.ts";

/** hr's API as an HR system uses it: TLS under the stack's own authority, a bearer token. */
export type ApiAccess = { url: string; authorityPem: string; token: string };
export type Answer = { status: number; body: Buffer };

const orderPosted = z.looseObject({ orderId: z.string(), revision: z.number(), state: z.string() });
const orderStatus = z.looseObject({ orderId: z.string(), state: z.string(), sessionId: z.string().nullish() });
const storedScorecard = z.looseObject({
  scorecard,
  revision: z.number(),
  receivedAt: z.string(),
  chainVerified: z.boolean(),
});
export type OrderStatus = z.infer<typeof orderStatus>;
export type StoredScorecard = z.infer<typeof storedScorecard>;

export class HrApi {
  readonly #access: ApiAccess;

  constructor(access: ApiAccess) {
    this.#access = access;
  }

  get url(): string {
    return this.#access.url;
  }

  /** One request as it is; `token: ""` sends none. @throws Fault peer.unreachable */
  async send(method: string, path: string, { body, token }: { body?: unknown; token?: string } = {}): Promise<Answer> {
    const bearer = token ?? this.#access.token;
    const text = body === undefined ? undefined : JSON.stringify(body);
    const options: RequestOptions = {
      method,
      ca: this.#access.authorityPem,
      headers: {
        ...(bearer === "" ? {} : { authorization: `Bearer ${bearer}` }),
        ...(text === undefined
          ? {}
          : { "content-type": "application/json", "content-length": Buffer.byteLength(text) }),
      },
    };
    try {
      const asked = request(new URL(path, this.#access.url), options);
      asked.end(text);
      const [response] = await once(asked, "response");
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk as Buffer);
      return { status: response.statusCode ?? 0, body: Buffer.concat(chunks) };
    } catch (error) {
      throw new Fault("peer.unreachable", `hr does not answer at ${this.#access.url}: is it running?`, {
        cause: error,
      });
    }
  }

  async #expect<T extends z.ZodType>(schema: T, asked: Promise<Answer>): Promise<z.output<T>> {
    const { status, body } = await asked;
    if (status < 200 || status > 299)
      throw new Fault("peer.refused", `hr answered ${status}: ${body.toString("utf8").slice(0, 300)}`);
    return parseJson(schema, body, { what: "hr's answer" });
  }

  postOrder(order: OrderRequest): Promise<z.infer<typeof orderPosted>> {
    return this.#expect(orderPosted, this.send("POST", "/v1/orders", { body: order }));
  }

  order(orderId: string): Promise<OrderStatus> {
    return this.#expect(orderStatus, this.send("GET", `/v1/orders/${orderId}`));
  }

  /** The signed check-in code as a PNG. */
  async checkInPicture(orderId: string): Promise<Buffer> {
    const { status, body } = await this.send("GET", `/v1/orders/${orderId}/check-in?format=png`);
    if (status !== 200)
      throw new Fault("peer.refused", `hr gave no check-in code (${status}): ${body.toString("utf8").slice(0, 300)}`);
    return body;
  }

  scorecard(sessionId: string): Promise<StoredScorecard> {
    return this.#expect(storedScorecard, this.send("GET", `/v1/scorecards/${sessionId}`));
  }
}
