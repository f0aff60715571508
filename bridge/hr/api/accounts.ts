import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { Fault } from "../../../contracts/fault.ts";
import { opaqueId, tenantId } from "../../../contracts/ids.ts";
import { parse } from "../../../runtime/parse.ts";
import { accountsOf, createAccount, disableAccount } from "../accounts.ts";
import { beginSignIn, finishSignIn, flowCookie, flowOf } from "../identity.ts";
import { csrfOf, noCookie, secretOf, signIn, signInCookie, signOut } from "../sign-in.ts";
import { isWithin } from "../store.ts";
import type { Api } from "./api.ts";
import { callerOf } from "./door.ts";
import { newAccountBody } from "./shapes.ts";

const tenantPath = z.object({ tenantId });
const accountPath = z.object({ accountId: opaqueId });

export function addAccountRoutes(service: FastifyInstance, api: Api): void {
  addSignIn(service, api);
  addProviderSignIn(service, api);
  addManagement(service, api);
}

function addSignIn(service: FastifyInstance, { issue: { store, clock } }: Api): void {
  service.post("/v1/sign-in", async (request, reply) => {
    const { secret, accountId, roles } = await signIn(store, request.body, clock);
    reply.header("set-cookie", signInCookie(secret)).header("cache-control", "no-store");
    return { accountId, roles, csrf: csrfOf(secret) };
  });
  service.post("/v1/sign-out", async (request, reply) => {
    const secret = secretOf(request.headers.cookie);
    if (secret !== undefined) await signOut(store, secret);
    return reply.header("set-cookie", noCookie).code(204).send();
  });
  service.get("/v1/me", async (request, reply) => {
    const secret = callerOf(request).accountId === undefined ? undefined : secretOf(request.headers.cookie);
    reply.header("cache-control", "no-store");
    return { ...callerOf(request), ...(secret === undefined ? {} : { csrf: csrfOf(secret) }) };
  });
}

function addProviderSignIn(service: FastifyInstance, { issue }: Api): void {
  const tenant = (params: unknown): string =>
    parse(tenantPath, params, { what: "the address", otherwise: "account.unknown" }).tenantId;
  service.get("/v1/sign-in/:tenantId/begin", async (request, reply) => {
    const { to, secret } = await beginSignIn(issue, tenant(request.params));
    return reply.header("set-cookie", flowCookie(secret)).header("cache-control", "no-store").redirect(to);
  });
  service.get("/v1/sign-in/:tenantId/return", async (request, reply) => {
    const secret = flowOf(request.headers.cookie) ?? "";
    const query = request.url.split("?", 2)[1] ?? "";
    const signed = await finishSignIn(issue, { tenantId: tenant(request.params), secret, query });
    return reply.header("set-cookie", signInCookie(signed.secret)).header("cache-control", "no-store").redirect("/");
  });
}

function addManagement(service: FastifyInstance, { issue: { store, clock } }: Api): void {
  service.get("/v1/accounts", async (request) => ({ accounts: await accountsOf(store, callerOf(request)) }));
  service.post("/v1/accounts", async (request, reply) => {
    const { tenantId, branch } = callerOf(request);
    const wanted = parse(newAccountBody, request.body, { what: "the account", otherwise: "use.invalid" });
    if (!isWithin(wanted.branch, branch))
      throw new Fault("token.scope", "the account's branch lies outside of yours", { field: "branch" });
    return reply.code(201).send(await createAccount(store, { tenantId, ...wanted }, clock));
  });
  service.post("/v1/accounts/:accountId/disable", async (request) => {
    const by = parse(accountPath, request.params, { what: "the address", otherwise: "account.unknown" });
    return disableAccount(store, callerOf(request), { by, clock });
  });
}
