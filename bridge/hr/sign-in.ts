import { randomBytes } from "node:crypto";
import { verify } from "@node-rs/argon2";
import { z } from "zod";
import { Fault } from "../../contracts/fault.ts";
import { tenantId as tenantIdOf } from "../../contracts/ids.ts";
import { type EpochMillis, hours, minutes, seconds } from "../../contracts/units.ts";
import { sha256 } from "../../runtime/canonical.ts";
import type { Clock } from "../../runtime/clock.ts";
import { parse } from "../../runtime/parse.ts";
import { toBase64url } from "../../runtime/seal.ts";
import { type Caller, type Role, roles } from "./access.ts";
import { hashPassword, login, rolesOf } from "./accounts.ts";
import { record } from "./audit.ts";
import type { HrStore, HrTables, Within } from "./store.ts";

export const signInRequest = z.strictObject({ tenantId: tenantIdOf, login, password: z.string().max(1000) });

/** A working day; then a person signs in again. */
export const signInLife = hours(10);
const freeTries = 5;
/** Tries are forgotten after this long without one. */
const forgetAfter = hours(24);

/** How long a name is shut after that many failures in a row: nothing for the first few, then doubling to an hour. */
export const lockFor = (failures: number): number =>
  failures < freeTries ? 0 : Math.min(seconds(30) * 2 ** Math.min(failures - freeTries, 20), minutes(60));

const triedName = (tenantId: string, name: string): string => sha256(`${tenantId} ${name}`);

/**
 * Counts a try as failed before the password is looked at, so that guesses sent together are counted each. Names that
 * have no account are counted like others: what is answered tells nobody which exist.
 * @throws Fault account.locked
 */
async function countTry(store: HrStore, at: { tenantId: string; nameHash: string; now: EpochMillis }): Promise<void> {
  const { tenantId, nameHash, now } = at;
  await store.transaction().execute(async (within) => {
    await within
      .deleteFrom("signInTries")
      .where("triedAt", "<", now - forgetAfter)
      .execute();
    const row = await within.selectFrom("signInTries").selectAll().where("nameHash", "=", nameHash).executeTakeFirst();
    if (row !== undefined && now < row.triedAt + lockFor(row.failures))
      throw new Fault("account.locked", "too many failed tries: wait, or ask an admin for a new password");
    const failures = (row?.failures ?? 0) + 1;
    await within
      .insertInto("signInTries")
      .values({ tenantId, branch: "/", nameHash, failures, triedAt: now })
      .onConflict((conflict) => conflict.column("nameHash").doUpdateSet({ failures, triedAt: now }))
      .execute();
  });
}

/** Compared with where there is no account, so that an unknown name takes as long as a known one. */
const nobody = hashPassword(toBase64url(randomBytes(32)));

/** One sentence, whatever was wrong. */
export const refused = (cause?: unknown): Fault =>
  new Fault("account.refused", "this does not sign anybody in: check the tenant, the name and the password", { cause });

export type SignedIn = { secret: string; accountId: string; roles: Role[] };

/**
 * Signs a person in. `secret` goes into the cookie; its sha256 alone is kept.
 * @throws Fault account.refused (whatever was wrong), account.locked, message.malformed
 */
export async function signIn(store: HrStore, body: unknown, clock: Clock): Promise<SignedIn> {
  const asked = parse(signInRequest, body, { what: "the sign-in" });
  const { tenantId } = asked;
  const now = clock.wall();
  const nameHash = triedName(tenantId, asked.login);
  await countTry(store, { tenantId, nameHash, now });
  const row = await store
    .selectFrom("accounts")
    .selectAll()
    .where("tenantId", "=", tenantId)
    .where("login", "=", asked.login)
    .executeTakeFirst();
  const right = await verify(row?.passwordHash ?? (await nobody), asked.password);
  const open = row !== undefined && row.passwordHash !== null && row.disabledAt === null;
  if (row !== undefined && !(right && open)) await noteRefusal(store, row, now);
  if (row === undefined || !right || !open) throw refused();
  return store.transaction().execute(async (within) => {
    await within.deleteFrom("signInTries").where("nameHash", "=", nameHash).execute();
    // A password that was changed while this one was looked at opens nothing.
    const still = within.selectFrom("accounts").select("accountId").where("passwordHash", "=", row.passwordHash);
    await still
      .where("accountId", "=", row.accountId)
      .where("disabledAt", "is", null)
      .executeTakeFirstOrThrow(() => refused());
    return openSignIn(within, row, now);
  });
}

/** A new sign-in of an account. */
export async function openSignIn(within: Within, row: HrTables["accounts"], now: EpochMillis): Promise<SignedIn> {
  const secret = toBase64url(randomBytes(32));
  const { tenantId, branch, accountId } = row;
  await within.deleteFrom("signIns").where("expiresAt", "<=", now).execute();
  await within
    .insertInto("signIns")
    .values({ tenantId, branch, accountId, secretHash: sha256(secret), createdAt: now, expiresAt: now + signInLife })
    .execute();
  const held = rolesOf(row);
  const facts = { roles: held.join(" ") };
  await record(within, { tenantId, branch, at: now, action: "account.signedIn", subject: accountId, facts });
  return { secret, accountId, roles: held };
}

async function noteRefusal(store: HrStore, row: HrTables["accounts"], at: EpochMillis): Promise<void> {
  const { tenantId, branch, accountId } = row;
  await store
    .transaction()
    .execute((within) =>
      record(within, { tenantId, branch, at, action: "account.refused", subject: accountId, facts: {} }),
    );
}

/** `__Host-`: the browser takes it over TLS only, for this host and all of its paths. */
const cookieName = "__Host-candor";

/** The cookie that carries a sign-in: out of reach of scripts, and not sent from pages of other sites. */
export const signInCookie = (secret: string): string =>
  `${cookieName}=${secret}; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=${signInLife / 1000}`;
export const noCookie = `${cookieName}=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0`;

/** The value of a cookie, of a `Cookie` header. */
export const cookieNamed = (name: string, cookies: string | undefined): string | undefined =>
  (cookies ?? "")
    .split(/; */)
    .find((one) => one.startsWith(`${name}=`))
    ?.slice(name.length + 1);
export const secretOf = (cookies: string | undefined): string | undefined => cookieNamed(cookieName, cookies);

/** What a page sends with each change, in `x-candor-csrf`: pages of other sites can neither read nor make it. */
export const csrfOf = (secret: string): string => sha256(`csrf ${secret}`);

/** The account that is signed in with `secret`, with the roles it has now. */
export async function signedInAs(
  store: HrStore,
  secret: string,
  now: EpochMillis,
): Promise<HrTables["accounts"] | undefined> {
  return store
    .selectFrom("accounts")
    .innerJoin("signIns", "signIns.accountId", "accounts.accountId")
    .selectAll("accounts")
    .where("signIns.secretHash", "=", sha256(secret))
    .where("signIns.expiresAt", ">", now)
    .where("accounts.disabledAt", "is", null)
    .executeTakeFirst();
}

/** @throws Fault signIn.expired */
export async function signedInCaller(store: HrStore, secret: string, now: EpochMillis): Promise<Caller> {
  const row = await signedInAs(store, secret, now);
  if (row === undefined) throw new Fault("signIn.expired", "this sign-in has ended: sign in again");
  const scopes = [...new Set(rolesOf(row).flatMap((one) => roles[one]))];
  return { tenantId: row.tenantId, branch: row.branch, scopes, accountId: row.accountId };
}

export async function signOut(store: HrStore, secret: string): Promise<void> {
  await store.deleteFrom("signIns").where("secretHash", "=", sha256(secret)).execute();
}
