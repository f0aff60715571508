import t from "tap";
import { systemClock } from "../../runtime/clock.ts";
import { startFakeWecom } from "./fakes/wecom.ts";
import { openWecomLogin, wecomLoginUrl } from "./wecom-login.ts";

const organisation = { corpId: "ww1", corpSecret: "a-secret", agentId: 1000002, members: ["wang"] };
const signal = new AbortController().signal;

t.test("the page with the QR code names the application, and escapes where to come back", async (t) => {
  const url = new URL(wecomLoginUrl(organisation, { redirectUri: "https://hr.example/in?a=1&b=2", state: "s&1" }));
  t.equal(url.searchParams.get("appid"), "ww1");
  t.equal(url.searchParams.get("redirect_uri"), "https://hr.example/in?a=1&b=2");
  t.equal(url.searchParams.get("state"), "s&1");
});

t.test("a code says once which member scanned it, and nothing of strangers", async (t) => {
  const fake = await startFakeWecom(organisation);
  t.teardown(() => fake.stop());
  const login = openWecomLogin({ ...organisation, apiUrl: fake.url }, { clock: systemClock });
  t.teardown(() => login.close());
  const code = fake.scannedBy("Wang");
  t.equal(await login.memberOf(code, signal), "wang");
  await t.rejects(login.memberOf(code, signal), { code: "token.invalid" });
  await t.rejects(login.memberOf(fake.scannedBy(undefined), signal), { code: "token.invalid" });
  fake.endTokens();
  t.equal(await login.memberOf(fake.scannedBy("wang"), signal), "wang");
  t.equal(fake.asked.filter(({ path }) => path === "/cgi-bin/gettoken").length, 2);
});

t.test("a wrong secret and a silent WeCom are faults that hold neither secret nor code", async (t) => {
  const fake = await startFakeWecom(organisation);
  const login = openWecomLogin({ ...organisation, corpSecret: "s3cr3t", apiUrl: fake.url }, { clock: systemClock });
  t.teardown(() => login.close());
  const said: unknown[] = [await login.memberOf("c0de", signal).catch((error: unknown) => error)];
  await fake.stop();
  said.push(await login.memberOf("c0de", signal).catch((error: unknown) => error));
  t.match(said, [{ code: "delivery.refused" }, { code: "peer.unreachable" }]);
  for (const one of said) t.notMatch(`${(one as Error).stack}${JSON.stringify((one as Error).cause)}`, /s3cr3t|c0de/);
});
