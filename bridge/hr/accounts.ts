import { randomUUID } from "node:crypto";
import { hash } from "@node-rs/argon2";
import { z } from "zod";
import { Fault } from "../../contracts/fault.ts";
import { opaqueId, tenantId as tenantIdOf } from "../../contracts/ids.ts";
import type { Clock } from "../../runtime/clock.ts";
import { parse } from "../../runtime/parse.ts";
import { branchPath, type Caller, knownNames, type Role, role } from "./access.ts";
import { type AuditAction, record } from "./audit.ts";
import { type HrStore, type HrTables, ofBranch, type Within } from "./store.ts";

/** A name to sign in with: no case, so that `Li.Wei` and `li.wei` are one. */
export const login = z.string().trim().toLowerCase().min(1).max(200);
/** NIST SP 800-63B: length counts, not kinds of characters; the upper bound keeps hashing cheap to refuse. */
export const password = z.string().min(12, "at least 12 characters").max(1000);

const newAccount = z.strictObject({
  tenantId: tenantIdOf,
  branch: branchPath.default("/"),
  login,
  roles: z.array(role).min(1),
  password,
});

/** An account as others may see it. */
export const accountView = z.object({
  accountId: opaqueId,
  login: z.string(),
  branch: z.string(),
  roles: z.array(role),
  disabled: z.boolean(),
});
export type AccountView = z.infer<typeof accountView>;
type Row = HrTables["accounts"];

const view = ({ accountId, login, branch, roles, disabledAt }: Row): AccountView => ({
  ...{ accountId, login, branch, roles: knownNames(roles, role), disabled: disabledAt !== null },
});

/** argon2id, 19 MiB, two passes: the first of OWASP's recommended settings, and the package's default. */
export const hashPassword = (secret: string): Promise<string> => hash(secret);

async function note(
  within: Within,
  { tenantId, branch, accountId }: Pick<Row, "tenantId" | "branch" | "accountId">,
  what: { at: number; action: AuditAction; facts?: Record<string, string> },
): Promise<void> {
  await record(within, { tenantId, branch, subject: accountId, facts: {}, ...what });
}

/** @throws Fault use.invalid, account.exists */
export async function createAccount(
  store: HrStore,
  wanted: z.input<typeof newAccount>,
  clock: Clock,
): Promise<AccountView> {
  const asked = parse(newAccount, wanted, { what: "the account", otherwise: "use.invalid" });
  const { password: secret, roles, ...owner } = asked;
  const [accountId, at] = [randomUUID(), clock.wall()];
  const row: Row = {
    ...owner,
    ...{ accountId, roles: JSON.stringify(roles), passwordHash: await hashPassword(secret) },
    ...{ createdAt: at, disabledAt: null },
  };
  await store.transaction().execute(async (within) => {
    const made = await within
      .insertInto("accounts")
      .values(row)
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    if (made.numInsertedOrUpdatedRows === 0n)
      throw new Fault("account.exists", "this tenant has an account of that name: choose another name");
    await note(within, row, { at, action: "account.created", facts: { roles: roles.join(" ") } });
  });
  return view(row);
}

/** Accounts of the caller's branch and of those below. */
export async function accountsOf(store: HrStore, { tenantId, branch }: Caller): Promise<AccountView[]> {
  const mine = store.selectFrom("accounts").selectAll().where("tenantId", "=", tenantId).where(ofBranch(branch));
  return (await mine.orderBy("login").execute()).map(view);
}

async function change(
  store: HrStore,
  caller: Pick<Caller, "tenantId" | "branch">,
  to: {
    by: { accountId: string } | { login: string };
    set: Partial<Pick<Row, "passwordHash" | "roles" | "disabledAt">>;
    action: AuditAction;
    at: number;
  },
): Promise<AccountView> {
  return store.transaction().execute(async (within) => {
    const mine = within
      .updateTable("accounts")
      .set(to.set)
      .where("tenantId", "=", caller.tenantId)
      .where(ofBranch(caller.branch));
    const one =
      "accountId" in to.by
        ? mine.where("accountId", "=", to.by.accountId)
        : mine.where("login", "=", parse(login, to.by.login, { what: "the name", otherwise: "use.invalid" }));
    const row = await one.returningAll().executeTakeFirst();
    if (row === undefined) throw new Fault("account.unknown", "there is no such account here");
    // Whoever is signed in with what no longer holds is out at once.
    await within.deleteFrom("signIns").where("accountId", "=", row.accountId).execute();
    await note(within, row, { at: to.at, action: to.action });
    return view(row);
  });
}

/** Ends what the account may do, and every sign-in of it. @throws Fault account.unknown */
export const disableAccount = (
  store: HrStore,
  caller: Pick<Caller, "tenantId" | "branch">,
  { by, clock }: { by: { accountId: string } | { login: string }; clock: Clock },
): Promise<AccountView> => {
  const at = clock.wall();
  return change(store, caller, { by, set: { disabledAt: at }, action: "account.disabled", at });
};

/** Sets a new password and opens a disabled account again. @throws Fault account.unknown, use.invalid */
export async function setPassword(
  store: HrStore,
  caller: Pick<Caller, "tenantId" | "branch">,
  { name, secret, clock }: { name: string; secret: string; clock: Clock },
): Promise<AccountView> {
  const wanted = parse(password, secret, { what: "the password", otherwise: "use.invalid" });
  const set = { passwordHash: await hashPassword(wanted), disabledAt: null };
  return change(store, caller, { by: { login: name }, set, action: "account.changed", at: clock.wall() });
}

export const rolesOf = (row: Pick<Row, "roles">): Role[] => knownNames(row.roles, role);
