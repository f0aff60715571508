import { text as readAll } from "node:stream/consumers";
import { Command } from "commander";
import { type Role, role } from "../../bridge/hr/access.ts";
import { type AccountView, accountsOf, createAccount, disableAccount, setPassword } from "../../bridge/hr/accounts.ts";
import { setProvider } from "../../bridge/hr/identity.ts";
import type { HrStore } from "../../bridge/hr/store.ts";
import { systemClock } from "../../runtime/clock.ts";
import { answer, collect, directoryOption, jsonOption, openCentreStore, readSettings } from "./set-up.ts";

type Common = { directory: string; tenant: string; json?: boolean };

/** The password is the first line of standard input: a command line is read by others. */
const readPassword = async (): Promise<string> => (await readAll(process.stdin)).split(/\r?\n/, 1)[0] ?? "";

async function withStore<Result>(directory: string, work: (store: HrStore) => Promise<Result>): Promise<Result> {
  const store = await openCentreStore(directory);
  try {
    return await work(store);
  } finally {
    await store.destroy();
  }
}

const sentence = ({ login, branch, roles, disabled }: AccountView): string =>
  `${login}  ${branch}  ${roles.join(" ")}${disabled ? "  (disabled)" : ""}`;
const tell = (view: AccountView, json: boolean | undefined): void => answer(view, { json, words: [sentence(view)] });

const command = (name: string, description: string): Command =>
  new Command(name)
    .description(description)
    .requiredOption(...directoryOption)
    .requiredOption("--tenant <tenantId>", "whose account");
const named = (name: string, description: string): Command =>
  command(name, description)
    .requiredOption("--login <name>", "the name to sign in with")
    .option(...jsonOption);

const createCommand = (): Command =>
  named("create", "make an account; its password is read from standard input")
    .requiredOption("--role <role>", `${role.options.join(", ")} (repeat for more)`, collect, [])
    .option("--branch <path>", "the branch it reaches, with those below", "/")
    .action(
      async ({ directory, tenant, json, ...wanted }: Common & { login: string; role: string[]; branch: string }) => {
        const { login, branch } = wanted;
        const password = await readPassword();
        // The schema within refuses a role that does not exist.
        const account = { tenantId: tenant, branch, login, roles: wanted.role as Role[], password };
        tell(await withStore(directory, (store) => createAccount(store, account, systemClock)), json);
      },
    );

const passwordCommand = (): Command =>
  named("password", "set a new password, read from standard input; opens a disabled account, ends its sign-ins").action(
    async ({ directory, tenant, json, login }: Common & { login: string }) => {
      const to = { name: login, secret: await readPassword(), clock: systemClock };
      const whole = { tenantId: tenant, branch: "/" };
      tell(await withStore(directory, (store) => setPassword(store, whole, to)), json);
    },
  );

const disableCommand = (): Command =>
  named("disable", "end what an account may do, and each of its sign-ins").action(
    async ({ directory, tenant, json, login }: Common & { login: string }) => {
      const whole = { tenantId: tenant, branch: "/" };
      const to = { by: { login }, clock: systemClock };
      tell(await withStore(directory, (store) => disableAccount(store, whole, to)), json);
    },
  );

const listCommand = (): Command =>
  command("list", "who may sign in")
    .option(...jsonOption)
    .action(async ({ directory, tenant, json }: Common) => {
      const caller = { tenantId: tenant, branch: "/", scopes: [] };
      const accounts = await withStore(directory, (store) => accountsOf(store, caller));
      answer({ accounts }, { json, words: accounts.map(sentence) });
    });

const providerCommand = (): Command =>
  command("provider", "let an identity provider (OpenID Connect) sign people in; replaces the one that was there")
    .requiredOption(
      "--settings <file>",
      "JSON: issuer, clientId, clientSecret, redirectUri, claim, grants; - for standard input",
    )
    .option(...jsonOption)
    .action(async ({ directory, tenant, json, settings: path }: Common & { settings: string }) => {
      const settings = await readSettings(path, "the provider's settings");
      await withStore(directory, (store) => setProvider(store, { tenantId: tenant, settings }, systemClock));
      answer({ tenantId: tenant }, { json, words: [`People of ${tenant} sign in at their identity provider.`] });
    });

/** `candor bridge account …`: the people who sign in. */
export function accountCommand(): Command {
  return new Command("account")
    .description("people who sign in: make, list, disable, new password, identity provider")
    .addCommand(createCommand())
    .addCommand(listCommand())
    .addCommand(passwordCommand())
    .addCommand(disableCommand())
    .addCommand(providerCommand());
}
