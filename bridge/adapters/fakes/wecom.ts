import { minutes, seconds } from "../../../contracts/units.ts";
import { type Clock, systemClock } from "../../../runtime/clock.ts";
import { type Asked, type FakeServer, json, type Reply, startFake } from "./server.ts";

export type FakeOrganisation = {
  corpId: string;
  corpSecret: string;
  agentId: number;
  /** Member ids in small letters. */
  members: readonly string[];
  /** Members without a licence for the interface. */
  unlicensed?: readonly string[];
};
export type FakeWecom = FakeServer & {
  /** What came to each member's screen. */
  readonly shown: readonly { member: string; content: string }[];
  /** Messages that were dropped without a word, as copies or as too many. */
  dropped(): number;
  endTokens(): void;
  /** A code as the QR page gives it to whoever scanned it; somebody outside the organisation has no member id. */
  scannedBy(member: string | undefined): string;
};

type Message = {
  touser: string;
  agentid: number;
  msgtype: string;
  text: { content: string };
  enable_duplicate_check?: number;
  duplicate_check_interval?: number;
};

/** WeCom's gettoken and message/send, with its duplicate check and its silent limit of 30 messages a minute a member. */
export async function startFakeWecom(organisation: FakeOrganisation, clock: Clock = systemClock): Promise<FakeWecom> {
  const shown: { member: string; content: string; at: number }[] = [];
  const bodies = new Map<string, number>();
  const tokens = new Set<string>();
  const codes = new Map<string, string | undefined>();
  const counted = { dropped: 0 };

  const giveToken = ({ query }: Asked): Reply => {
    if (query.get("corpid") !== organisation.corpId) return json({ errcode: 40013, errmsg: "invalid corpid" });
    if (query.get("corpsecret") !== organisation.corpSecret)
      return json({ errcode: 40001, errmsg: `invalid credential ${query.get("corpsecret")}` });
    const token = clock.id();
    tokens.add(token);
    return json({ errcode: 0, errmsg: "ok", access_token: token, expires_in: 7200 });
  };

  const show = (member: string, content: string): void => {
    const now = clock.wall();
    const recent = shown.filter((one) => one.member === member && one.at > now - minutes(1));
    if (recent.length >= 30) counted.dropped++;
    else shown.push({ member, content, at: now });
  };

  const send = ({ body, query }: Asked): Reply => {
    if (!tokens.has(query.get("access_token") ?? "")) return json({ errcode: 40014, errmsg: "invalid access_token" });
    const message = JSON.parse(body) as Message;
    if (message.agentid !== organisation.agentId) return json({ errcode: 40056, errmsg: "invalid agentid" });
    const asked = message.touser.toLowerCase().split("|");
    const invalid = asked.filter((one) => !organisation.members.includes(one));
    const unlicensed = asked.filter((one) => organisation.unlicensed?.includes(one));
    const reached = asked.filter((one) => !invalid.includes(one) && !unlicensed.includes(one));
    if (reached.length === 0) return json({ errcode: 81013, errmsg: "user & party & tag all invalid" });
    const window = seconds(message.duplicate_check_interval ?? 1800);
    const isCopy = message.enable_duplicate_check === 1 && (bodies.get(body) ?? -window) > clock.wall() - window;
    if (isCopy) counted.dropped++;
    else for (const one of reached) show(one, message.text.content);
    if (!isCopy) bodies.set(body, clock.wall());
    return json({
      errcode: 0,
      errmsg: "ok",
      invaliduser: invalid.join("|"),
      unlicenseduser: unlicensed.join("|"),
      msgid: "m",
    });
  };

  const tellUser = ({ query }: Asked): Reply => {
    if (!tokens.has(query.get("access_token") ?? "")) return json({ errcode: 40014, errmsg: "invalid access_token" });
    const code = query.get("code") ?? "";
    if (!codes.has(code)) return json({ errcode: 40029, errmsg: `invalid code ${code}` });
    const member = codes.get(code);
    codes.delete(code);
    const who = member === undefined ? { openid: "an-openid" } : { userid: member, user_ticket: "a-ticket" };
    return json({ errcode: 0, errmsg: "ok", ...who });
  };

  const scannedBy = (member: string | undefined): string => {
    const code = clock.id();
    codes.set(code, member);
    return code;
  };

  const fake = await startFake({
    troubled: ({ path }) => path === "/cgi-bin/message/send",
    busy: json({ errcode: 45009, errmsg: "api freq out of limit" }),
    refusing: json({ errcode: 81013, errmsg: "user & party & tag all invalid" }),
    handle: (asked) => {
      if (asked.method === "GET" && asked.path === "/cgi-bin/gettoken") return giveToken(asked);
      if (asked.method === "GET" && asked.path === "/cgi-bin/auth/getuserinfo") return tellUser(asked);
      if (asked.method === "POST" && asked.path === "/cgi-bin/message/send") return send(asked);
      return { status: 404 };
    },
  });
  return Object.assign(fake, { shown, dropped: () => counted.dropped, endTokens: () => tokens.clear(), scannedBy });
}
