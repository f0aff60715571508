import { randomUUID } from "node:crypto";
import * as client from "openid-client";
import { z } from "zod";
import { Fault } from "../../contracts/fault.ts";
import { tenantId as tenantIdOf } from "../../contracts/ids.ts";
import { minutes } from "../../contracts/units.ts";
import { sha256 } from "../../runtime/canonical.ts";
import type { Clock } from "../../runtime/clock.ts";
import { parse, parseJson } from "../../runtime/parse.ts";
import { branchPath, type Role, role } from "./access.ts";
import { cookieNamed, openSignIn, refused, type SignedIn } from "./sign-in.ts";
import { type HrStore, type HrTables, isWithin } from "./store.ts";

/** Plain HTTP to this machine alone: what is said there never leaves it. */
const loopback = /^http:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?(?:\/|$)/;
const address = z.url().refine((url) => url.startsWith("https:") || loopback.test(url), "an https address");

/** A tenant's identity provider (OpenID Connect), and what its groups may do here. */
export const providerSettings = z.strictObject({
  issuer: address,
  clientId: z.string().min(1),
  clientSecret: z.string().min(1),
  /** https://…/v1/sign-in/{tenantId}/return, as the provider knows it. */
  redirectUri: z.url(),
  scope: z.string().default("openid"),
  /** The claim that names a person's groups: a text or a list of texts. */
  claim: z.string().default("groups"),
  grants: z
    .array(z.strictObject({ value: z.string(), roles: z.array(role).min(1), branch: branchPath.default("/") }))
    .min(1),
});
export type ProviderSettings = z.infer<typeof providerSettings>;

/** Says who signs a tenant's people in; replaces what was there. @throws Fault use.invalid, config.invalid */
export async function setProvider(
  store: HrStore,
  wanted: { tenantId: string; settings: unknown },
  clock: Clock,
): Promise<void> {
  const tenantId = parse(tenantIdOf, wanted.tenantId, { what: "the tenant", otherwise: "use.invalid" });
  const what = { what: "the provider's settings", otherwise: "config.invalid" as const };
  const settings = JSON.stringify(parse(providerSettings, wanted.settings, what));
  const row = { tenantId, branch: "/", settings, createdAt: clock.wall() };
  await store
    .insertInto("providers")
    .values(row)
    .onConflict((conflict) => conflict.column("tenantId").doUpdateSet(row))
    .execute();
}

/**
 * Pure: the first grant whose value the claim has gives the branch; later ones add their roles when their branch
 * contains it, so that no role reaches further than it was granted. Nothing when none matches.
 */
export function grantOf(
  { claim, grants }: Pick<ProviderSettings, "claim" | "grants">,
  claims: Readonly<Record<string, unknown>>,
): { branch: string; roles: Role[] } | undefined {
  const values = [claims[claim]].flat();
  const matching = grants.filter(({ value }) => values.includes(value));
  const branch = matching[0]?.branch;
  if (branch === undefined) return undefined;
  const held = matching.filter((one) => isWithin(branch, one.branch)).flatMap((one) => one.roles);
  return { branch, roles: [...new Set(held)] };
}

type Where = { store: HrStore; clock: Clock };

async function settingsOf(store: HrStore, tenantId: string): Promise<ProviderSettings> {
  const row = await store
    .selectFrom("providers")
    .select("settings")
    .where("tenantId", "=", tenantId)
    .executeTakeFirst();
  if (row === undefined)
    throw new Fault("account.unknown", "this tenant has no identity provider: sign in with a name and a password");
  return parseJson(providerSettings, row.settings, { what: "a stored provider", otherwise: "internal" });
}

async function discover({ issuer, clientId, clientSecret }: ProviderSettings): Promise<client.Configuration> {
  const execute = [client.enableNonRepudiationChecks];
  if (loopback.test(issuer)) execute.push(client.allowInsecureRequests);
  try {
    return await client.discovery(new URL(issuer), clientId, undefined, client.ClientSecretBasic(clientSecret), {
      execute,
    });
  } catch (error) {
    throw new Fault("peer.unreachable", "the identity provider does not say how to reach it: check its address", {
      cause: error,
    });
  }
}

const flowLife = minutes(10);
const flowName = "__Host-candor-flow";
/** Lax: the browser comes back from another site with it. It binds the answer to the browser that asked. */
export const flowCookie = (secret: string): string =>
  `${flowName}=${secret}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=${flowLife / 1000}`;
export const flowOf = (cookies: string | undefined): string | undefined => cookieNamed(flowName, cookies);

/** Where to send the browser, and what its cookie carries. @throws Fault account.unknown, peer.unreachable */
export async function beginSignIn({ store, clock }: Where, tenantId: string): Promise<{ to: string; secret: string }> {
  const settings = await settingsOf(store, tenantId);
  const provider = await discover(settings);
  const [verifier, state, nonce, secret] = [
    client.randomPKCECodeVerifier(),
    client.randomState(),
    client.randomNonce(),
    client.randomState(),
  ];
  const now = clock.wall();
  await store.deleteFrom("signInFlows").where("expiresAt", "<=", now).execute();
  const flow = { secretHash: sha256(secret), verifier, state, nonce, expiresAt: now + flowLife };
  await store
    .insertInto("signInFlows")
    .values({ tenantId, branch: "/", ...flow })
    .execute();
  const to = client.buildAuthorizationUrl(provider, {
    ...{ redirect_uri: settings.redirectUri, scope: settings.scope, state, nonce },
    ...{ code_challenge: await client.calculatePKCECodeChallenge(verifier), code_challenge_method: "S256" },
  });
  return { to: to.href, secret };
}

/** Takes a flow, so that an answer is used once. */
async function takeFlow({ store, clock }: Where, tenantId: string, secret: string): Promise<HrTables["signInFlows"]> {
  const flow = await store
    .deleteFrom("signInFlows")
    .where("tenantId", "=", tenantId)
    .where("secretHash", "=", sha256(secret))
    .returningAll()
    .executeTakeFirst();
  if (flow === undefined || flow.expiresAt <= clock.wall())
    throw new Fault("signIn.expired", "this sign-in was begun elsewhere, too long ago, or was used: begin again");
  return flow;
}

async function claimsOf(
  settings: ProviderSettings,
  flow: HrTables["signInFlows"],
  query: string,
): Promise<Readonly<Record<string, unknown>> & { sub: string }> {
  const provider = await discover(settings);
  try {
    const tokens = await client.authorizationCodeGrant(provider, new URL(`${settings.redirectUri}?${query}`), {
      ...{ pkceCodeVerifier: flow.verifier, expectedState: flow.state, expectedNonce: flow.nonce },
      idTokenExpected: true,
    });
    const claims = tokens.claims();
    if (claims !== undefined) return claims;
  } catch (error) {
    throw refused(error);
  }
  throw refused();
}

/**
 * Ends what `beginSignIn` began. The account is made at the first time; its roles and branch are those that the claims
 * give now. One that was disabled here stays out.
 * @throws Fault signIn.expired, account.refused, peer.unreachable
 */
export async function finishSignIn(
  where: Where,
  asked: { tenantId: string; secret: string; query: string },
): Promise<SignedIn> {
  const { tenantId, secret, query } = asked;
  const { store, clock } = where;
  const flow = await takeFlow(where, tenantId, secret);
  const settings = await settingsOf(store, tenantId);
  const claims = await claimsOf(settings, flow, query);
  const grant = grantOf(settings, claims);
  if (grant === undefined) throw refused();
  const now = clock.wall();
  const login = `${claims.sub} (${settings.issuer})`;
  const held = { branch: grant.branch, roles: JSON.stringify(grant.roles) };
  const row = { tenantId, ...held, login, passwordHash: null, createdAt: now, disabledAt: null };
  return store.transaction().execute(async (within) => {
    const account = await within
      .insertInto("accounts")
      .values({ ...row, accountId: randomUUID() })
      .onConflict((conflict) =>
        // A name with a password is somebody else, whatever the provider calls its people.
        conflict.columns(["tenantId", "login"]).doUpdateSet(held).where("accounts.passwordHash", "is", null),
      )
      .returningAll()
      .executeTakeFirst();
    if (account === undefined || account.disabledAt !== null) throw refused();
    return openSignIn(within, account, now);
  });
}
