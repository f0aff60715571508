import t from "tap";
import { roles } from "../../bridge/hr/access.ts";
import { disableAccount } from "../../bridge/hr/accounts.ts";
import { grantOf, setProvider } from "../../bridge/hr/identity.ts";
import { minutes } from "../../contracts/units.ts";
import { apiService } from "./api-alone.ts";
import { openHrAlone } from "./hr-alone.ts";
import { startIdentityProvider } from "./identity-provider.ts";

const began = Date.parse("2026-03-01T09:00:00Z");
const hr = await openHrAlone(began);
const provider = await startIdentityProvider();
const { issue } = hr;
const service = await apiService(hr, { requestsPerMinute: 10_000 });
t.teardown(async () => {
  await service.close();
  await provider.stop();
  await hr.stop();
});
const grants = [
  { value: "north-hr", roles: ["hr" as const], branch: "/north" },
  { value: "auditors", roles: ["auditor" as const], branch: "/" },
  { value: "south-admins", roles: ["admin" as const], branch: "/south" },
];
const settings = {
  ...{ issuer: provider.issuer, ...provider.client, grants },
  redirectUri: "https://candor.example/v1/sign-in/acme/return",
};
await setProvider(issue.store, { tenantId: "acme", settings }, issue.clock);
await setProvider(issue.store, { tenantId: "other", settings }, issue.clock);

const get = (url: string, cookie = "") => service.inject({ url, headers: { cookie } });
const cookieOf = (answer: { headers: Record<string, unknown> }): string =>
  String(answer.headers["set-cookie"]).split(";")[0] ?? "";

/** To the provider and back, as a browser goes: the cookie of the flow, and the path to return to. */
async function visit(): Promise<{ flow: string; back: string }> {
  const begun = await get("/v1/sign-in/acme/begin");
  t.equal(begun.statusCode, 302);
  const answer = await fetch(String(begun.headers["location"]), { redirect: "manual" });
  const { pathname, search } = new URL(answer.headers.get("location") ?? "");
  return { flow: cookieOf(begun), back: `${pathname}${search}` };
}

async function signIn(claims: Record<string, unknown>) {
  provider.say(claims);
  const { flow, back } = await visit();
  return get(back, flow);
}

t.test("gives the roles that a person's groups have, at the branch where they have them", async (t) => {
  const answer = await signIn({ sub: "u-1", groups: ["north-hr", "auditors", "south-admins", "others"] });
  t.equal(answer.statusCode, 302);
  t.equal(answer.headers["location"], "/");
  const me = await get("/v1/me", cookieOf(answer));
  t.match(me.json(), { tenantId: "acme", branch: "/north" });
  t.same(me.json().scopes, [...roles.hr, ...roles.auditor]);
  const again = await signIn({ sub: "u-1", groups: "auditors" });
  t.match((await get("/v1/me", cookieOf(again))).json(), { accountId: me.json().accountId, branch: "/" });
  t.same((await get("/v1/me", cookieOf(answer))).json().scopes, ["audit:read"], "also where it is signed in already");
  t.equal(grantOf({ claim: "groups", grants }, { groups: ["others"] }), undefined);
  t.equal(grantOf({ claim: "groups", grants }, {}), undefined);
});

t.test("signs nobody in without a group, with a forged token, or with another's nonce", async (t) => {
  t.match((await signIn({ sub: "u-2", groups: ["others"] })).json(), { code: "account.refused" });
  t.match((await signIn({ sub: "u-2", groups: ["auditors"], nonce: "another" })).json(), { code: "account.refused" });
  provider.forge(true);
  t.match((await signIn({ sub: "u-2", groups: ["auditors"] })).json(), { code: "account.refused" });
  provider.forge(false);
  t.equal((await signIn({ sub: "u-2", groups: ["auditors"] })).statusCode, 302);
});

t.test("takes an answer once, in time, in the browser and the tenant that asked, with its state", async (t) => {
  provider.say({ sub: "u-3", groups: ["auditors"] });
  const [one, two, late] = [await visit(), await visit(), await visit()];
  t.equal((await get(one.back)).statusCode, 401, "no cookie");
  t.equal((await get(one.back.replace("acme", "other"), one.flow)).statusCode, 401, "another tenant");
  t.match((await get(two.back, one.flow)).json(), { code: "account.refused" }, "another browser's state");
  t.equal((await get(one.back, one.flow)).statusCode, 401, "spent by the try before");
  t.equal((await get(two.back, two.flow)).statusCode, 302);
  t.equal((await get(two.back, two.flow)).statusCode, 401, "once");
  hr.goTo(began + minutes(10));
  t.equal((await get(late.back, late.flow)).statusCode, 401, "too late");
});

t.test(
  "keeps out whom an admin has disabled, whatever the provider says, and gives no password to guess",
  async (t) => {
    const signed = await signIn({ sub: "u-4", groups: ["auditors"] });
    const { accountId } = (await get("/v1/me", cookieOf(signed))).json<{ accountId: string }>();
    const login = `u-4 (${provider.issuer})`;
    const payload = { tenantId: "acme", login, password: "" };
    t.equal((await service.inject({ method: "POST", url: "/v1/sign-in", payload })).statusCode, 401);
    await disableAccount(issue.store, { tenantId: "acme", branch: "/" }, { by: { accountId }, clock: issue.clock });
    t.equal((await get("/v1/me", cookieOf(signed))).statusCode, 401);
    t.match((await signIn({ sub: "u-4", groups: ["auditors"] })).json(), { code: "account.refused" });
  },
);

t.test("refuses settings that would speak in the clear, and a tenant without a provider", async (t) => {
  const clear = { ...settings, issuer: "http://identity.example" };
  await t.rejects(setProvider(issue.store, { tenantId: "acme", settings: clear }, issue.clock), {
    code: "config.invalid",
    field: "issuer",
  });
  t.equal((await get("/v1/sign-in/nobody/begin")).statusCode, 404);
});
