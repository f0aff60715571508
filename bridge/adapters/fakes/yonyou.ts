import { createHmac } from "node:crypto";
import { type Clock, systemClock } from "../../../runtime/clock.ts";
import { type Asked, type FakeServer, json, type Reply, startFake } from "./server.ts";

export type FakeTenant = { appKey: string; appSecret: string; savePath: string };
export type FakeYonyou = FakeServer & {
  readonly records: readonly Record<string, unknown>[];
  endTokens(): void;
  /** The platform remembers no `resubmitCheckKey` from before. */
  forgetKeys(): void;
};

const tokenPath = "/iuap-api-auth/open-auth/selfAppAuth/base/v1/getAccessToken";
const answer = (code: string, message: string, data?: unknown): Reply => json({ code, message, data });

/** Token and an MDD save interface of YonBIP's open platform; almost everything is said within HTTP 200. */
export async function startFakeYonyou(tenant: FakeTenant, clock: Clock = systemClock): Promise<FakeYonyou> {
  const records: Record<string, unknown>[] = [];
  const byKey = new Map<string, Record<string, unknown>>();
  const tokens = new Set<string>();

  const giveToken = ({ query }: Asked): Reply => {
    const [appKey, timestamp] = [query.get("appKey"), query.get("timestamp")];
    if (appKey !== tenant.appKey) return answer("50000", `unknown appKey ${appKey}`);
    if (Math.abs(Number(timestamp) - clock.wall()) > 300_000) return answer("50000", "timestamp expired");
    const signed = `appKey${appKey}timestamp${timestamp}`;
    const wanted = createHmac("sha256", tenant.appSecret).update(signed).digest("base64");
    if (query.get("signature") !== wanted) return answer("50000", "签名不正确");
    // Tokens since 2023 hold characters that an address has to escape.
    const access_token = `${clock.id()}+/=&`;
    tokens.add(access_token);
    return answer("00000", "成功！", { access_token, expire: 7200 });
  };

  const save = ({ body, query }: Asked): Reply => {
    if (!tokens.has(query.get("access_token") ?? "")) return answer("310036", "非法token");
    const { data } = JSON.parse(body) as { data: Record<string, unknown> };
    const key = String(data.resubmitCheckKey);
    if (key.length > 32) return answer("999", "resubmitCheckKey is too long");
    if (data._status !== "Insert") return answer("999", "_status is missing");
    const known = byKey.get(key);
    if (known !== undefined) return answer("200", "操作成功", known);
    byKey.set(key, data);
    records.push(data);
    return answer("200", "操作成功", data);
  };

  const fake = await startFake({
    troubled: ({ path }) => path === tenant.savePath,
    busy: answer("310038", "too many requests"),
    refusing: answer("999", "必输项为空"),
    handle: (asked) => {
      if (asked.method === "GET" && asked.path === tokenPath) return giveToken(asked);
      if (asked.method === "POST" && asked.path === tenant.savePath) return save(asked);
      return { status: 404 };
    },
  });
  return Object.assign(fake, { records, endTokens: () => tokens.clear(), forgetKeys: () => byKey.clear() });
}
