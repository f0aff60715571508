import type { FastifyInstance, FastifyRequest } from "fastify";
import { Fault } from "../../../contracts/fault.ts";
import { sha256 } from "../../../runtime/canonical.ts";
import type { Clock } from "../../../runtime/clock.ts";
import { bearerOf, type Caller, knownToken, tokenCaller } from "../access.ts";
import { csrfOf, secretOf, signedInAs, signedInCaller } from "../sign-in.ts";
import type { HrStore } from "../store.ts";
import { type Access, declared } from "./declared.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    access?: Access;
  }
}

type Asked = Pick<FastifyRequest, "method" | "headers" | "ip">;
type Where = { store: HrStore; clock: Clock };

const callers = new WeakMap<object, Caller>();

/** Who sent a request that the door let through. */
export function callerOf(request: object): Caller {
  const caller = callers.get(request);
  if (caller === undefined) throw new Fault("internal", "this route is open to anyone: nobody in particular asks");
  return caller;
}

const changes = ({ method }: Pick<Asked, "method">): boolean => method !== "GET" && method !== "HEAD";

async function identify({ store, clock }: Where, request: Asked): Promise<Caller> {
  const token = bearerOf(request.headers.authorization);
  if (token !== undefined) return tokenCaller(store, token);
  const secret = secretOf(request.headers.cookie);
  if (secret === undefined)
    throw new Fault(
      "token.missing",
      "sign in, or send Authorization: Bearer with a token of `candor bridge token create`",
    );
  const caller = await signedInCaller(store, secret, clock.wall());
  if (changes(request) && request.headers["x-candor-csrf"] !== csrfOf(secret))
    throw new Fault("csrf.missing", "send the csrf of GET /v1/me in x-candor-csrf");
  return caller;
}

function demand({ scopes }: Caller, access: Exclude<Access, "anyone">): void {
  if (access !== "known" && !scopes.includes(access))
    throw new Fault("token.scope", `you may not do this: it takes the scope ${access}`);
}

/**
 * Nothing passes that is not declared: a route without a declaration fails at start, a request is let through by the
 * one decision here, before its body is read and after it was counted.
 */
export function addDoor(service: FastifyInstance, where: Where): void {
  service.addHook("onRoute", (route) => {
    for (const method of [route.method].flat()) {
      const name = `${method === "HEAD" ? "GET" : method} ${route.url}`;
      const access = declared[name]?.access;
      if (access === undefined)
        throw new Fault("internal", `${name} does not say who may use it: declare it in declared.ts`);
      route.config = { ...route.config, access };
    }
  });
  service.addHook("preParsing", async (request) => {
    const { access } = request.routeOptions.config;
    if (access === undefined) throw new Fault("internal", "this route does not say who may use it");
    if (access === "anyone") return;
    const caller = await identify(where, request);
    demand(caller, access);
    callers.set(request, caller);
  });
}

/** Whose requests are counted together: a known token's or sign-in's, or else those of an address, whatever it makes up. */
export async function countedAs({ store, clock }: Where, request: Asked): Promise<string> {
  const token = bearerOf(request.headers.authorization);
  const row = token === undefined ? undefined : await knownToken(store, token);
  if (row !== undefined) return `token ${row.tokenHash}`;
  const secret = secretOf(request.headers.cookie);
  const account = secret === undefined ? undefined : await signedInAs(store, secret, clock.wall());
  return account === undefined || secret === undefined ? `address ${request.ip}` : `sign-in ${sha256(secret)}`;
}
