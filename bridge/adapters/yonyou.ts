import { createHmac } from "node:crypto";
import type { Agent as PlainAgent } from "node:http";
import type { Agent } from "node:https";
import { isAbsolute } from "node:path";
import { z } from "zod";
import { days, minutes, seconds } from "../../contracts/units.ts";
import { sha256 } from "../../runtime/canonical.ts";
import type { Clock } from "../../runtime/clock.ts";
import { type Answer, post } from "../peer.ts";
import { type Connection, defineAdapter, type Outcome, type Shipment } from "./adapter.ts";
import * as http from "./http.ts";
import { KeptLedger } from "./kept-ledger.ts";
import { commonPlacement, place, refused, resultData } from "./placement.ts";
import type { SentLedger } from "./sent-ledger.ts";

const fieldName = z.string().regex(/^[A-Za-z_]\w{0,63}$/, "a field of 用友: letters, digits and _");
const path = z.string().regex(/^\/[\w\-./]+$/, "a path such as /yonbip/hrcloud/candorResult/save");
const codes = z.array(z.string().min(1));

/**
 * Every tenant of YonBIP has domains of its own, and the object that holds results is the tenant's own too; paths,
 * fields and codes are therefore options. The defaults follow "获取 access_token" (paths since 2023-07-21) and the
 * pages of MDD save interfaces of YonBIP's open platform (`data`, `resubmitCheckKey`, `_status`, `code` "200");
 * `tokenCodes`, `busyCodes` and `repeatedCodes` are not in those pages and have to be compared with the tenant's gateway.
 */
const options = z.strictObject({
  /** Domain that gives tokens, `https://c2.yonyoucloud.com`. */
  authUrl: http.targetBase,
  /** Gateway of the tenant's data centre, `https://c2.yonyoucloud.com/iuap-api-gateway`. */
  apiUrl: http.targetBase,
  appKey: z.string().min(1),
  appSecret: z.string().min(1),
  tokenPath: path.default("/iuap-api-auth/open-auth/selfAppAuth/base/v1/getAccessToken"),
  /** The save interface (API类别 保存, 事务和幂等性 MDD幂等) of the object that holds results. */
  savePath: path,
  /** Field of the object → path in the result's data. */
  fields: z.record(fieldName, z.string().min(1)).default(commonPlacement),
  /** Field that holds the effect key, for people who look for it. */
  codeField: fieldName.default("code"),
  /** Further fields with fixed values that the object demands, `{ "org": "1961970750984448" }`. */
  constants: z.record(fieldName, z.union([z.string(), z.number(), z.boolean()])).default({}),
  tokenCodes: codes.default(["310036", "310037", "310046"]),
  busyCodes: codes.default(["310038", "310039", "429"]),
  /** Codes that say: this `resubmitCheckKey` has been seen, and its record stands. */
  repeatedCodes: codes.default([]),
  /** Calls a minute at most; the gateway's limit is set for each tenant and interface. */
  callsPerMinute: z.int().min(1).max(6000).default(60),
  /** File of what was saved, one for each target, on a disk that survives this machine's restart. */
  ledger: z.string().refine(isAbsolute, "an absolute path, such as /var/lib/candor/yonyou.jsonl"),
  ledgerDays: z.int().min(30).max(3650).default(400),
  authorityPem: http.authorityPem,
});
type Options = z.output<typeof options>;

/** Base64 of HMAC-SHA256 over names and values in the names' order, as "获取 access_token" says; not yet URL-encoded. */
export function yonyouSignature(parameters: Readonly<Record<string, string>>, appSecret: string): string {
  const text = Object.keys(parameters)
    .filter((name) => name !== "signature")
    .sort()
    .map((name) => `${name}${parameters[name]}`)
    .join("");
  return createHmac("sha256", appSecret).update(text).digest("base64");
}

/** `resubmitCheckKey` is unique in the whole platform and has 32 characters at most. */
export const resubmitCheckKey = (effectKey: string): string => sha256(effectKey).slice(0, 32);

const code = z.union([z.string(), z.int()]).transform(String);
const plainAnswer = z.looseObject({ code });
const tokenAnswer = z.looseObject({
  data: z.looseObject({ access_token: z.string().min(1), expire: z.coerce.number().positive() }),
});

/** The gateway's own trouble ("服务器异常", 错误返回码 of the save interfaces). */
const serverTrouble: ReadonlySet<string> = new Set(["1021000999999", "500", "502", "503", "504"]);
const overloadWait = minutes(1);

type Peer = { options: Options; agents: { auth: Agent | PlainAgent; api: Agent | PlainAgent }; clock: Clock };

async function fetchToken({ options, agents, clock }: Peer, signal: AbortSignal): Promise<http.Token> {
  const asked = { appKey: options.appKey, timestamp: String(clock.wall()) };
  const query = new URLSearchParams({ ...asked, signature: yonyouSignature(asked, options.appSecret) });
  const answer = await post({
    ...{ url: `${options.authUrl}${options.tokenPath}?${query}`, method: "GET", body: "" },
    ...{ agent: agents.auth, limit: http.answerLimit, signal },
  });
  if (answer.status !== 200) throw new http.Ended(http.notTaken(answer, clock, overloadWait));
  const { code } = http.answered(plainAnswer, answer, "用友");
  if (serverTrouble.has(code)) throw new http.Ended(http.again(`用友 has trouble of its own (${code})`));
  if (options.busyCodes.includes(code)) throw new http.Ended(http.again(`用友 is busy (${code})`, overloadWait));
  if (code !== "00000" && code !== "200")
    throw new http.Ended(refused(`用友 gives no token (${code}): check appKey, appSecret, authUrl and this clock`));
  const { access_token: value, expire } = http.answered(tokenAnswer, answer, "用友").data;
  return { value, lives: seconds(expire) };
}

/** What an answer to a save means; undefined is a token that is not taken. The message stays out: it repeats values. */
function saved(answer: Answer, { options, clock }: Peer): "saved" | Outcome | undefined {
  if (answer.status === 401) return undefined;
  if (answer.status !== 200) return http.notTaken(answer, clock, overloadWait);
  const { code } = http.answered(plainAnswer, answer, "用友");
  if (code === "200" || options.repeatedCodes.includes(code)) return "saved";
  if (options.tokenCodes.includes(code)) return undefined;
  if (options.busyCodes.includes(code)) return http.again(`用友 has too much to do (${code})`, overloadWait);
  if (serverTrouble.has(code)) return http.again(`用友 has trouble of its own (${code})`);
  return refused(`用友 refused the record (${code}): compare savePath, fields and constants with the object there`);
}

type Sending = { shipment: Shipment; ledger: SentLedger; signal: AbortSignal };

async function save(peer: Peer, token: string, { shipment, ledger, signal }: Sending): Promise<Outcome | undefined> {
  const { options, agents, clock } = peer;
  const { effectKey } = shipment;
  const to = [ledgerName(options)];
  const wait = ledger.take(to, clock.wall());
  if (wait !== undefined) return http.again(`${options.callsPerMinute} calls were made this minute`, wait);
  const { values, unplaced } = place(resultData(shipment.body), options.fields);
  const key = resubmitCheckKey(effectKey);
  const record = { ...options.constants, ...values, [options.codeField]: effectKey };
  const body = JSON.stringify({ data: { resubmitCheckKey: key, ...record, _status: "Insert" } });
  const url = `${options.apiUrl}${options.savePath}?access_token=${encodeURIComponent(token)}`;
  const outcome = saved(await post({ url, body, agent: agents.api, limit: http.answerLimit, signal }), peer);
  if (outcome !== "saved") return outcome;
  await ledger.add(effectKey, to, clock.wall());
  return unplaced.length > 0 ? { outcome: "done", unplaced } : { outcome: "done" };
}

const ledgerName = ({ apiUrl, savePath }: Options): string => sha256(`${apiUrl}${savePath}`);

/** A record for each result by a save interface of the open platform of 用友 (YonBIP, YonSuite). */
export const yonyou = defineAdapter({
  name: "yonyou",
  summary: "Saves each result into an object of 用友 (YonBIP, YonSuite) by its open API",
  guarantee:
    "Keyed by resubmitCheckKey within the window for which 用友 remembers it, which it does not publish: one record however often a result is delivered. Beyond it the sent ledger holds (ledgerDays): what is in it is never saved again; only a save whose answer was lost and that is tried again after that window can stand there twice, under the same code.",
  options,
  open: (options, { clock }): Connection => {
    const { authorityPem } = options;
    const agents = {
      auth: http.agentFor(options.authUrl, authorityPem),
      api: http.agentFor(options.apiUrl, authorityPem),
    };
    const peer = { options, agents, clock };
    const closing = new AbortController();
    const token = new http.KeptToken(() => fetchToken(peer, closing.signal), clock);
    const rates = [{ most: options.callsPerMinute, within: minutes(1) }];
    const kept = new KeptLedger(options.ledger, { rates, keep: days(options.ledgerDays), clock });
    const deliver = async (shipment: Shipment, signal: AbortSignal): Promise<Outcome> => {
      const ledger = await kept.get();
      if (ledger.has(shipment.effectKey, ledgerName(options))) return { outcome: "done" };
      return token.with((value) => save(peer, value, { shipment, ledger, signal }));
    };
    return {
      close: () => {
        closing.abort();
        agents.auth.destroy();
        agents.api.destroy();
        kept.close();
      },
      deliver: (shipment, signal) => http.outcomeOf(() => deliver(shipment, signal), signal),
    };
  },
});
