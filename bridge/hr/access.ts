import { randomBytes } from "node:crypto";
import { z } from "zod";
import { Fault } from "../../contracts/fault.ts";
import { tenantId as tenantIdOf } from "../../contracts/ids.ts";
import { sha256 } from "../../runtime/canonical.ts";
import type { Clock } from "../../runtime/clock.ts";
import { parse } from "../../runtime/parse.ts";
import { toBase64url } from "../../runtime/seal.ts";
import type { HrStore, HrTables } from "./store.ts";

/** What a token, or a role, may do; it never reaches beyond its tenant and branch. */
export const scope = z.enum([
  "orders:write",
  "orders:read",
  "scorecards:read",
  "scorecards:judge",
  "candidates:delete",
  "audit:read",
  "operate",
  "accounts:manage",
]);
export type Scope = z.infer<typeof scope>;

/** What a person's work lets them do. Who makes accounts sees no candidate, who runs devices sees no score. */
export const roles = {
  hr: ["orders:write", "orders:read", "scorecards:read", "scorecards:judge", "candidates:delete"],
  interviewer: ["orders:read", "scorecards:read", "scorecards:judge"],
  operator: ["orders:read", "operate"],
  auditor: ["audit:read"],
  admin: ["accounts:manage", "audit:read"],
} as const satisfies Record<string, readonly Scope[]>;
export const role = z.enum(Object.keys(roles) as [Role, ...Role[]]);
export type Role = keyof typeof roles;

/** Who asks. */
export type Caller = {
  tenantId: string;
  branch: string;
  scopes: readonly Scope[];
  /** The person, when a person asks. */
  accountId?: string;
};

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

/** The token of an `Authorization: Bearer` header. */
export const bearerOf = (header: string | undefined): string | undefined =>
  /^Bearer ([A-Za-z0-9_-]+)$/i.exec(header ?? "")?.[1];

/**
 * The row of a token that is known here and was not taken back. It is looked up by its hash, so that no comparison of
 * secrets tells its timing.
 */
export async function knownToken(store: HrStore, token: string): Promise<HrTables["tokens"] | undefined> {
  const hash = sha256(token);
  const row = await store.selectFrom("tokens").selectAll().where("tokenHash", "=", hash).executeTakeFirst();
  return row === undefined || row.revokedAt !== null ? undefined : row;
}

/** Stored names that this release knows; one it does not know grants nothing. */
export const knownNames = <T extends string>(stored: string, names: z.ZodType<T>): T[] =>
  z
    .array(z.string())
    .parse(JSON.parse(stored))
    .filter((one): one is T => names.safeParse(one).success);

/** @throws Fault token.invalid */
export async function tokenCaller(store: HrStore, token: string): Promise<Caller> {
  const row = await knownToken(store, token);
  if (row === undefined) throw new Fault("token.invalid", "this token is not known here, or was taken back");
  return { tenantId: row.tenantId, branch: row.branch, scopes: knownNames(row.scopes, scope) };
}
