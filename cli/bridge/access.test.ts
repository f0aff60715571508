import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t, { type Test } from "tap";
import { createToken } from "../../bridge/hr/access.ts";
import { createAccount, setPassword } from "../../bridge/hr/accounts.ts";
import { addDoor } from "../../bridge/hr/api/door.ts";
import { auditOf, chainHolds } from "../../bridge/hr/audit.ts";
import { lockFor, signInLife } from "../../bridge/hr/sign-in.ts";
import { peerTls } from "../../bridge/keys.ts";
import { createService } from "../../bridge/service.ts";
import { minutes, seconds } from "../../contracts/units.ts";
import { projectRoot } from "../../runtime/paths.ts";
import { apiService } from "./api-alone.ts";
import { type HrAlone, openHrAlone } from "./hr-alone.ts";

const began = Date.parse("2026-03-01T09:00:00Z");
const password = "correct horse battery";

async function opened(t: Test) {
  const hr = await openHrAlone(began);
  const service = await apiService(hr, { requestsPerMinute: 1000 });
  t.teardown(async () => {
    await service.close();
    await hr.stop();
  });
  const ask = (method: "GET" | "POST", url: string, more: { headers?: Record<string, string>; body?: object } = {}) =>
    service.inject({ method, url, ...more });
  const signIn = (login: string, secret = password) =>
    ask("POST", "/v1/sign-in", { body: { tenantId: "acme", login, password: secret } });
  return { hr, service, ask, signIn };
}

const account = ({ issue }: HrAlone, login: string, roles: ("hr" | "auditor" | "admin")[], branch = "/") =>
  createAccount(issue.store, { tenantId: "acme", branch, login, roles, password }, issue.clock);

const cookieOf = (answer: { headers: Record<string, unknown> }): string =>
  String(answer.headers["set-cookie"]).split(";")[0] ?? "";

t.test(
  "signs a person in by a cookie that scripts cannot read, and lets changes through with its csrf only",
  async (t) => {
    const { hr, ask, signIn } = await opened(t);
    await account(hr, "Li.Wei", ["hr"]);
    const answer = await signIn("li.wei ");
    t.equal(answer.statusCode, 200);
    for (const part of ["__Host-candor=", "HttpOnly", "Secure", "SameSite=Strict", "Path=/"])
      t.match(String(answer.headers["set-cookie"]), part);
    const cookie = cookieOf(answer);
    const { csrf } = answer.json<{ csrf: string }>();
    const me = await ask("GET", "/v1/me", { headers: { cookie } });
    t.match(me.json(), {
      tenantId: "acme",
      branch: "/",
      csrf,
      scopes: ["orders:write", "orders:read", "scorecards:read", "scorecards:judge"],
    });
    t.equal((await ask("GET", "/v1/orders", { headers: { cookie } })).statusCode, 200);
    t.equal((await ask("GET", "/v1/audit", { headers: { cookie } })).statusCode, 403, "HR reads no audit");
    t.match((await ask("POST", "/v1/sign-out", { headers: { cookie } })).json(), { code: "csrf.missing" });
    const wrong = { cookie, "x-candor-csrf": "0".repeat(64) };
    t.match((await ask("POST", "/v1/sign-out", { headers: wrong })).json(), { code: "csrf.missing" });
    t.equal((await ask("POST", "/v1/sign-out", { headers: { cookie, "x-candor-csrf": csrf } })).statusCode, 204);
    t.equal((await ask("GET", "/v1/me", { headers: { cookie } })).json().code, "signIn.expired");
    const [row] = await hr.issue.store.selectFrom("accounts").select("passwordHash").execute();
    t.match(row?.passwordHash, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    const audit = await auditOf(hr.issue.store, "acme");
    t.same(
      audit.map(({ action }) => action),
      ["account.created", "account.signedIn"],
    );
    t.ok(chainHolds(audit));
    t.notMatch(JSON.stringify(audit), "li.wei", "the journal names nobody");
  },
);

t.test("ends a sign-in after its time, at a new password and when the account is disabled", async (t) => {
  const { hr, ask, signIn } = await opened(t);
  const { store, clock } = hr.issue;
  const { accountId } = await account(hr, "hr-1", ["hr"]);
  await account(hr, "boss", ["admin"]);
  const alive = async (cookie: string): Promise<number> =>
    (await ask("GET", "/v1/orders", { headers: { cookie } })).statusCode;
  const first = cookieOf(await signIn("hr-1"));
  hr.goTo(began + signInLife - 1);
  t.equal(await alive(first), 200);
  hr.goTo(began + signInLife);
  t.equal(await alive(first), 401);
  const second = cookieOf(await signIn("hr-1"));
  const to = { name: "hr-1", secret: "a new password, longer", clock };
  await setPassword(store, { tenantId: "acme", branch: "/" }, to);
  t.equal(await alive(second), 401);
  t.equal((await signIn("hr-1")).statusCode, 401);
  const third = cookieOf(await signIn("hr-1", "a new password, longer"));
  t.equal(await alive(third), 200);
  const boss = await signIn("boss");
  const headers = { cookie: cookieOf(boss), "x-candor-csrf": boss.json<{ csrf: string }>().csrf };
  t.match((await ask("POST", `/v1/accounts/${accountId}/disable`, { headers })).json(), { disabled: true });
  t.equal(await alive(third), 401);
  t.equal((await signIn("hr-1", "a new password, longer")).statusCode, 401);
});

t.test(
  "shuts a name for longer and longer, whether or not it has an account, also for guesses sent together",
  async (t) => {
    t.same([1, 4, 5, 6, 7].map(lockFor), [0, 0, seconds(30), seconds(60), seconds(120)]);
    t.equal(lockFor(1000), minutes(60));
    const { hr, signIn } = await opened(t);
    await account(hr, "hr-1", ["hr"]);
    for (const name of ["hr-1", "nobody"]) {
      const guesses = await Promise.all(Array.from({ length: 8 }, () => signIn(name, "a wrong password")));
      t.same(guesses.map(({ statusCode }) => statusCode).sort(), [401, 401, 401, 401, 401, 429, 429, 429], name);
    }
    t.match((await signIn("hr-1")).json(), { code: "account.locked" }, "the right one waits too");
    hr.goTo(began + seconds(30));
    t.equal((await signIn("hr-1", "a wrong password")).statusCode, 401);
    hr.goTo(began + seconds(30 + 59));
    t.equal((await signIn("hr-1")).statusCode, 429);
    hr.goTo(began + seconds(30 + 60));
    t.equal((await signIn("hr-1")).statusCode, 200);
    t.equal((await signIn("hr-1", "a wrong password")).statusCode, 401, "counted from the beginning again");
  },
);

t.test("lets an admin of a branch make accounts in it, and see others of it, only", async (t) => {
  const { hr, ask, signIn } = await opened(t);
  await account(hr, "north-boss", ["admin"], "/north");
  const south = await account(hr, "south-hr", ["hr"], "/south");
  const boss = await signIn("north-boss");
  const headers = { cookie: cookieOf(boss), "x-candor-csrf": boss.json<{ csrf: string }>().csrf };
  const wanted = { login: "new", roles: ["hr"], password, branch: "/north/harbour" };
  t.equal((await ask("POST", "/v1/accounts", { headers, body: wanted })).statusCode, 201);
  t.match((await ask("POST", "/v1/accounts", { headers, body: wanted })).json(), { code: "account.exists" });
  for (const branch of ["/", "/south", "/northern"])
    t.match((await ask("POST", "/v1/accounts", { headers, body: { ...wanted, login: "x", branch } })).json(), {
      code: "token.scope",
      field: "branch",
    });
  const { accounts } = (await ask("GET", "/v1/accounts", { headers })).json<{ accounts: { login: string }[] }>();
  t.same(
    accounts.map(({ login }) => login),
    ["new", "north-boss"],
  );
  t.equal((await ask("POST", `/v1/accounts/${south.accountId}/disable`, { headers })).statusCode, 404);
  t.equal((await signIn("south-hr")).statusCode, 200);
  const token = await createToken(hr.issue.store, { tenantId: "other", scopes: ["accounts:manage"] }, hr.issue.clock);
  const foreign = { authorization: `Bearer ${token}` };
  t.same((await ask("GET", "/v1/accounts", { headers: foreign })).json(), { accounts: [] });
});

t.test("does not start with a route that says not who may use it", async (t) => {
  const hr = await openHrAlone(began);
  const { metrics, log, issue } = hr;
  const service = createService({ tls: peerTls(hr.keys), certificates: "none", metrics, log });
  t.teardown(async () => {
    await service.close();
    await hr.stop();
  });
  await t.rejects(
    async () =>
      service.register(async (scoped) => {
        addDoor(scoped, issue);
        scoped.get("/v1/forgotten", async () => ({}));
      }),
    { code: "internal", message: /GET \/v1\/forgotten/ },
  );
});

t.test("candor bridge account makes, lists, changes and disables accounts", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "candor-account-"));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const directory = join(folder, "centre");
  const candor = (words: string[], input = ""): Promise<{ code: number; out: string; err: string }> =>
    new Promise((resolve) => {
      const path = join(projectRoot, "cli/candor.js");
      const child = execFile(process.execPath, [path, "bridge", ...words], (error, out, err) =>
        resolve({ code: error === null ? 0 : Number(error.code), out, err }),
      );
      child.stdin?.end(input);
    });
  t.equal((await candor(["init", "--directory", directory])).code, 0);
  const of = (verb: string, ...more: string[]) => [
    "account",
    verb,
    "--directory",
    directory,
    "--tenant",
    "acme",
    ...more,
  ];
  const made = await candor(
    of("create", "--login", "Ana", "--role", "hr", "--role", "auditor", "--json"),
    `${password}\n`,
  );
  t.match(JSON.parse(made.out), { login: "ana", roles: ["hr", "auditor"], branch: "/", disabled: false });
  t.match((await candor(of("create", "--login", "b", "--role", "hr"), "short\n")).err, "at least 12 characters");
  t.not((await candor(of("create", "--login", "b", "--role", "king"), password)).code, 0);
  t.match(JSON.parse((await candor(of("disable", "--login", "ana", "--json"))).out), { disabled: true });
  t.equal((await candor(of("list"))).out, "ana  /  hr auditor  (disabled)\n");
  t.equal((await candor(of("password", "--login", "ana"), `${password} again`)).out, "ana  /  hr auditor\n");
  const grants = [{ value: "hr", roles: ["hr"] }];
  const back = "https://candor.example/v1/sign-in/acme/return";
  const provider = { issuer: "https://id.example", clientId: "candor", clientSecret: "x", redirectUri: back, grants };
  const set = of("provider", "--settings", "-", "--json");
  t.same(JSON.parse((await candor(set, JSON.stringify(provider))).out), { tenantId: "acme" });
  t.match((await candor(set, JSON.stringify({ ...provider, grant: [] }))).err, /provider's settings.*grant/);
  t.match((await candor(["account", "--help"])).out, /create[\s\S]*list[\s\S]*password[\s\S]*disable/);
});
