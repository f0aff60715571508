import { type IncomingHttpHeaders, type Agent as PlainAgent, request as plainRequest } from "node:http";
import { Agent, request as secureRequest } from "node:https";
import type { Socket } from "node:net";
import { checkServerIdentity, type PeerCertificate, TLSSocket } from "node:tls";
import { Fault } from "../contracts/fault.ts";
import type { Millis } from "../contracts/units.ts";
import { type Clock, deadline } from "../runtime/clock.ts";

/** PEM texts of one process of the centre: it serves and calls with the same certificate. */
export type PeerTls = { ca: string; cert: string; key: string };

const commonName = (certificate: PeerCertificate): string | undefined => {
  const name: string | string[] | undefined = certificate.subject?.CN;
  return Array.isArray(name) ? name[0] : name;
};

/** Keeps connections open, so that a result does not pay for a handshake; the server must be `peer` by its certificate. */
export function peerAgent(tls: PeerTls, peer: string): Agent {
  return new Agent({
    ...tls,
    keepAlive: true,
    maxSockets: 16,
    checkServerIdentity: (host, certificate) => {
      if (commonName(certificate) !== peer)
        return new Fault("certificate.untrusted", `${host} is not ${peer} by its certificate: correct the address`);
      return checkServerIdentity(host, certificate);
    },
  });
}

/** Refuses a caller that did not prove to be `peer`. @throws Fault certificate.untrusted */
export function demandPeer(socket: Socket, peer: string): void {
  if (socket instanceof TLSSocket && socket.authorized && commonName(socket.getPeerCertificate()) === peer) return;
  throw new Fault("certificate.untrusted", `only ${peer} may call this, with its certificate`);
}

export type Call = {
  url: string;
  /** POST where nothing is said. */
  method?: "GET" | "POST" | "PUT";
  body: string | Uint8Array;
  headers?: Readonly<Record<string, string>>;
  agent: Agent | PlainAgent;
  limit: Millis;
  signal: AbortSignal;
};
export type Answer = { status: number; headers: IncomingHttpHeaders; body: string };

/** An answer longer than this is cut off: what is asked here answers with a receipt or nothing. */
const longestAnswer = 1024 * 1024;

/** The other side had closed an idle connection just when it was used again: nothing was wrong, a fresh one will do. */
class StaleConnection extends Error {}

function send(call: Call, signal: AbortSignal): Promise<Answer> {
  const { url, body, agent, headers, method = "POST" } = call;
  const start = url.startsWith("https:") ? secureRequest : plainRequest;
  return new Promise((resolve, reject) => {
    const request = start(url, {
      method,
      agent,
      signal,
      headers: { "content-type": "application/json", "content-length": Buffer.byteLength(body), ...headers },
    });
    request.on("error", (error: NodeJS.ErrnoException) => {
      const stale = request.reusedSocket && (error.code === "ECONNRESET" || error.code === "EPIPE");
      reject(stale ? new StaleConnection("the connection was stale", { cause: error }) : error);
    });
    request.on("response", (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        text += chunk;
        if (text.length > longestAnswer) response.destroy(new Fault("message.tooLarge", "the answer is too long"));
      });
      response.on("error", reject);
      response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }));
    });
    request.end(body);
  });
}

/** Everything sent here carries an effect key, an event id or a condition, so that sending it again is harmless. */
async function sendFresh(call: Call, signal: AbortSignal): Promise<Answer> {
  for (;;) {
    try {
      return await send(call, signal);
    } catch (error) {
      // Each stale connection leaves the agent's pool, so this ends at the latest with a new one.
      if (!(error instanceof StaleConnection)) throw error;
    }
  }
}

/** Posts, or what `method` says, and hands back whatever is answered. @throws Fault peer.unreachable when there is no answer in time */
export async function post(call: Call): Promise<Answer> {
  const late = (): Fault => new Fault("peer.unreachable", "no answer in time");
  try {
    return await deadline(call.limit, late, (expired) => sendFresh(call, AbortSignal.any([expired, call.signal])));
  } catch (error) {
    if (error instanceof Fault) throw error;
    throw new Fault("peer.unreachable", `${new URL(call.url).host} does not answer`, { cause: error });
  }
}

/** The wait that a `Retry-After` asks for (seconds, or a date; RFC 9110 §10.2.3), at most an hour. */
export function retryAfter(headers: IncomingHttpHeaders, clock: Clock): Millis | undefined {
  const text = headers["retry-after"];
  if (text === undefined) return undefined;
  const wait = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - clock.wall();
  return Number.isFinite(wait) ? Math.max(0, Math.min(wait, 3_600_000)) : undefined;
}
