import { randomBytes } from "node:crypto";
import { z } from "zod";
import { Fault } from "../../contracts/fault.ts";
import { tenantId as tenantIdOf } from "../../contracts/ids.ts";
import { sha256 } from "../../runtime/canonical.ts";
import type { Clock } from "../../runtime/clock.ts";
import { parse } from "../../runtime/parse.ts";
import { toBase64url } from "../../runtime/seal.ts";
import type { HrStore, HrTables } from "./store.ts";

/** What a token may do; it never reaches beyond its tenant and branch. */
export const scope = z.enum(["orders:write", "orders:read", "scorecards:read", "audit:read", "operate"]);
export type Scope = z.infer<typeof scope>;

/** Who asks. */
export type Caller = { tenantId: string; branch: string; scopes: readonly Scope[] };

/** A branch path: `/`, `/north`, `/north/harbour`. */
export const branchPath = z.string().regex(/^\/(?:[^/]+(?:\/[^/]+)*)?$/, "a path such as / or /north/harbour");

const newToken = z.strictObject({
  tenantId: tenantIdOf,
  branch: branchPath.default("/"),
  scopes: z.array(scope).min(1),
  label: z.string().default(""),
});

/** Makes a token of 32 random bytes. Only its sha256 is kept: it is shown this once. @throws Fault use.invalid */
export async function createToken(store: HrStore, wanted: z.input<typeof newToken>, clock: Clock): Promise<string> {
  const { scopes, ...owner } = parse(newToken, wanted, { what: "the token", otherwise: "use.invalid" });
  const token = `candor_${toBase64url(randomBytes(32))}`;
  await store
    .insertInto("tokens")
    .values({
      ...owner,
      tokenHash: sha256(token),
      scopes: JSON.stringify(scopes),
      createdAt: clock.wall(),
      revokedAt: null,
    })
    .execute();
  return token;
}

const bearer = (header: string | undefined): string | undefined => /^Bearer ([A-Za-z0-9_-]+)$/i.exec(header ?? "")?.[1];

/**
 * The row of a token that is known here and was not taken back. It is looked up by its hash, so that no comparison of
 * secrets tells its timing.
 */
async function knownToken(store: HrStore, token: string): Promise<HrTables["tokens"] | undefined> {
  const hash = sha256(token);
  const row = await store.selectFrom("tokens").selectAll().where("tokenHash", "=", hash).executeTakeFirst();
  return row === undefined || row.revokedAt !== null ? undefined : row;
}

/** Whose requests are counted together: a known token's, or else those of an address, whatever tokens it makes up. */
export async function countedAs(
  store: HrStore,
  { headers, ip }: { headers: { authorization?: string | undefined }; ip: string },
): Promise<string> {
  const token = bearer(headers.authorization);
  const row = token === undefined ? undefined : await knownToken(store, token);
  return row === undefined ? `address ${ip}` : `token ${row.tokenHash}`;
}

/**
 * Who a request's `Authorization: Bearer` is, if it may do `needed`.
 * @throws Fault token.missing, token.invalid, token.scope
 */
export async function authorise(store: HrStore, header: string | undefined, needed: Scope): Promise<Caller> {
  const token = bearer(header);
  if (token === undefined)
    throw new Fault("token.missing", "send Authorization: Bearer with a token of `candor bridge token create`");
  const row = await knownToken(store, token);
  if (row === undefined) throw new Fault("token.invalid", "this token is not known here, or was taken back");
  const scopes = z
    .array(z.string())
    .parse(JSON.parse(row.scopes))
    .filter((one): one is Scope => scope.safeParse(one).success);
  if (!scopes.includes(needed))
    throw new Fault("token.scope", `this token may not do this: it lacks the scope ${needed}`);
  return { tenantId: row.tenantId, branch: row.branch, scopes };
}
