import type { Server } from "node:https";
import Fastify, { type FastifyInstance, type FastifyReply } from "fastify";
import { asFault, Fault } from "../contracts/fault.ts";
import type { Log } from "../runtime/log.ts";
import type { Part } from "../runtime/parts.ts";
import { largestMessageBytes } from "./internal.ts";
import type { Metrics } from "./metrics.ts";
import type { PeerTls } from "./peer.ts";

export type Service = FastifyInstance<Server>;

export type ServiceOptions = {
  tls: PeerTls;
  /** Of callers: `none` is asked for, `asked` (routes demand it themselves), or `demanded` in the handshake. */
  certificates: "none" | "asked" | "demanded";
  metrics: Metrics;
  log: Log;
};

/** What Fastify itself refuses, in our words. */
function fastifyFault(error: unknown): Fault {
  const { statusCode, code } = error as { statusCode?: number; code?: string };
  const details = { cause: error };
  if (error instanceof Fault || statusCode === undefined || statusCode >= 500) return asFault(error);
  if (statusCode === 413) return new Fault("message.tooLarge", "the body is larger than this takes", details);
  if (statusCode === 429) return new Fault("peer.busy", "too many requests: wait a little, then go on slower", details);
  return new Fault("message.malformed", `the request cannot be read (${code ?? statusCode}): send JSON`, details);
}

/** A fault as JSON `{ code, message, field? }`; what was not foreseen is told to the log only. */
function answerFault(
  error: unknown,
  { reply, metrics, log }: { reply: FastifyReply; metrics: Metrics; log: Log },
): FastifyReply {
  const fault = metrics.refused(fastifyFault(error));
  const limited = (error as { statusCode?: number }).statusCode === 429;
  if (fault.code === "internal") {
    log.error({ err: error }, "a request failed for a reason that was not foreseen");
    return reply.code(500).send({ code: "internal", message: "this failed inside; the log of this process says why" });
  }
  log.info({ code: fault.code, field: fault.field }, "refused a request");
  if (fault.status === 401) reply.header("www-authenticate", "Bearer");
  return reply.code(limited ? 429 : fault.status).send(fault.toJSON());
}

/** An HTTPS service that answers faults as JSON and counts them. */
export function createService({ tls, certificates, metrics, log }: ServiceOptions): Service {
  const service = Fastify({
    https: { ...tls, requestCert: certificates !== "none", rejectUnauthorized: certificates === "demanded" },
    bodyLimit: largestMessageBytes,
    forceCloseConnections: "idle",
  });
  service.setErrorHandler((error, _, reply) => answerFault(error, { reply, metrics, log }));
  service.setNotFoundHandler((_, reply) =>
    answerFault(new Fault("use.invalid", "there is nothing at this address"), { reply, metrics, log }).code(404),
  );
  return service;
}

/** `/healthz`: the process answers · `/readyz`: its parts do · `/metrics`: for Prometheus. None of it names a person. */
export function addOperatorRoutes(
  service: Service,
  { metrics, ready }: { metrics: Metrics; ready: () => Promise<Record<string, boolean>> },
): void {
  service.get("/healthz", async () => ({ status: "up" }));
  service.get("/readyz", async (_, reply) => {
    const parts = await ready();
    const all = Object.values(parts).every(Boolean);
    return reply.code(all ? 200 : 503).send({ ready: all, parts });
  });
  service.get("/metrics", async (_, reply) => reply.type(metrics.contentType).send(await metrics.text()));
}

/** The service as a part; `url()` is known once it started. */
export function servicePart(
  name: string,
  service: Service,
  where: { host: string; port: number },
): Part & { url(): string } {
  let port = where.port;
  return {
    name,
    start: async () => {
      await service.listen({ host: where.host, port: where.port });
      const address = service.server.address();
      if (address !== null && typeof address === "object") port = address.port;
    },
    stop: () => service.close(),
    url: () => `https://localhost:${port}`,
  };
}
