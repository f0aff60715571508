import type { InjectOptions } from "fastify";
import { createToken, type Scope } from "../../bridge/hr/access.ts";
import { addApi } from "../../bridge/hr/api/api.ts";
import { Puller } from "../../bridge/hr/pull.ts";
import { peerTls } from "../../bridge/keys.ts";
import { createService, type Service } from "../../bridge/service.ts";
import type { HrAlone } from "./hr-alone.ts";

export type Asked = { status: number; body: Record<string, unknown>; raw: Buffer };
export type Ask = (
  method: NonNullable<InjectOptions["method"]>,
  url: string,
  content?: { body?: object | string | Buffer; type?: string; token?: string },
) => Promise<Asked>;

/** The API of an hr in this process, over its real routes, tokens and store. */
export type ApiAlone = {
  ask: Ask;
  token: (branch: string, ...scopes: Scope[]) => Promise<string>;
  /** Listens on a free port of this machine; its address. */
  listen: () => Promise<string>;
  stop: () => Promise<void>;
};

/** The service of an hr in this process with the API on it. */
export async function apiService(hr: HrAlone, { requestsPerMinute }: { requestsPerMinute: number }): Promise<Service> {
  const { issue, intake, keys, metrics, log } = hr;
  const service = createService({ tls: peerTls(keys), certificates: "none", metrics, log });
  const puller = new Puller(issue, () => undefined);
  await addApi(service, { issue, intake, puller, wake: () => undefined }, { requestsPerMinute });
  return service;
}

export async function openApiAlone(hr: HrAlone): Promise<ApiAlone> {
  const { issue } = hr;
  const service = await apiService(hr, { requestsPerMinute: 1_000_000 });
  await service.ready();
  const token: ApiAlone["token"] = (branch, ...scopes) =>
    createToken(issue.store, { tenantId: "acme", branch, scopes }, issue.clock);
  const own = await token("/", "orders:write", "orders:read", "operate", "audit:read");
  return {
    token,
    ask: async (method, url, { body, type, token: shown = own } = {}) => {
      const answer = await service.inject({
        ...{ method, url },
        headers: { authorization: `Bearer ${shown}`, ...(type === undefined ? {} : { "content-type": type }) },
        ...(body === undefined ? {} : { payload: body }),
      });
      const json = String(answer.headers["content-type"]).startsWith("application/json");
      return {
        status: answer.statusCode,
        raw: answer.rawPayload,
        body: json ? (answer.json() as Record<string, unknown>) : {},
      };
    },
    listen: async () => {
      await service.listen({ host: "localhost", port: 0 });
      const address = service.server.address();
      return `https://localhost:${address !== null && typeof address === "object" ? address.port : 0}`;
    },
    stop: () => service.close(),
  };
}
