import { isAbsolute } from "node:path";
import { z } from "zod";
import { days, hours, minutes } from "../../contracts/units.ts";
import { sha256 } from "../../runtime/canonical.ts";
import type { Answer } from "../peer.ts";
import { type Connection, defineAdapter, type Outcome, type Shipment } from "./adapter.ts";
import * as http from "./http.ts";
import { KeptLedger } from "./kept-ledger.ts";
import { type ResultData, refused, resultData, unplaced, valueAt } from "./placement.ts";
import type { Rate, SentLedger } from "./sent-ledger.ts";
import { ask, fetchToken, tokenCodes, type WecomPeer } from "./wecom-api.ts";

const options = z.strictObject({
  apiUrl: http.targetBase.default("https://qyapi.weixin.qq.com"),
  corpId: z.string().min(1),
  /** Secret and number of the application that sends. */
  corpSecret: z.string().min(1),
  agentId: z.int().min(1),
  /** Member ids (userid) who are told of each result; WeCom does not tell `A` from `a`. */
  members: z
    .array(
      z
        .string()
        .regex(/^[A-Za-z0-9][\w.@-]{0,63}$/, "a userid of WeCom")
        .toLowerCase(),
    )
    .min(1)
    .max(1000),
  /** File of what was sent, one for each target, on a disk that survives this machine's restart. */
  ledger: z.string().refine(isAbsolute, "an absolute path, such as /var/lib/candor/wecom.jsonl"),
  /** WeCom drops the same message within this span; four hours at most. */
  duplicateWindowSeconds: z.int().min(60).max(14_400).default(1800),
  /** What was sent is forgotten after so long; a replay from before it would be told again. */
  ledgerDays: z.int().min(30).max(3650).default(400),
  language: z.enum(["zh-CN", "en"]).default("zh-CN"),
  authorityPem: http.authorityPem,
});
type Options = z.output<typeof options>;

const words = {
  "zh-CN": { title: "面试结果已出", role: "职位", candidate: "候选人", total: "总分", number: "编号" },
  en: { title: "An interview result has come", role: "Role", candidate: "Candidate", total: "Total", number: "Number" },
} as const;

/** Paths of the result that stand in a message. */
const told = ["tenantId", "sessionId", "revision", "role", "candidateRef", "total", "interval.0", "interval.1"];

/**
 * The effect key stands in the text: without it two candidates' equal results would be duplicates to WeCom, and the
 * second would be dropped. A role is cut so that the text stays within WeCom's 2,048 bytes.
 */
export function messageText(
  data: ResultData,
  { effectKey, language }: { effectKey: string; language: Options["language"] },
): string {
  const word = words[language];
  const [total, low, high] = ["total", "interval.0", "interval.1"].map((path) => valueAt(data, path));
  const range = low === undefined || high === undefined ? "" : ` (${low}–${high})`;
  const rows = [
    [word.role, valueAt(data, "role")?.toString().slice(0, 200)],
    [word.candidate, valueAt(data, "candidateRef")],
    [word.total, total === undefined ? undefined : `${total}${range}`],
    [word.number, effectKey],
  ];
  return [
    word.title,
    ...rows.filter(([, value]) => value !== undefined).map(([name, value]) => `${name}: ${value}`),
  ].join("\n");
}

/**
 * 30 messages a minute and 1,000 an hour to a member, the rest is dropped without a word (WeCom, "frequency limits"). WeCom counts from
 * when a message arrives, which may be as late as its answer is awaited.
 */
const memberRates: readonly Rate[] = [
  { most: 30, within: minutes(1) + http.answerLimit },
  { most: 1000, within: hours(1) + http.answerLimit },
];

const sendAnswer = z.looseObject({ invaliduser: z.string().default(""), unlicenseduser: z.string().default("") });

/** The members whom a message did not reach although WeCom said 0: unknown, out of the application's sight, or without a licence. */
function missed(answer: Answer): Set<string> {
  const { invaliduser, unlicenseduser } = http.answered(sendAnswer, answer, "WeCom");
  return new Set(
    `${invaliduser}|${unlicenseduser}`
      .toLowerCase()
      .split("|")
      .filter((one) => one !== ""),
  );
}

type Peer = WecomPeer & { options: Options };
type Sending = { shipment: Shipment; members: readonly string[]; ledger: SentLedger; signal: AbortSignal };

const digestOf = ({ corpId, agentId }: Options, member: string): string => sha256(`${corpId} ${agentId} ${member}`);

async function send(peer: Peer, token: string, sending: Sending): Promise<Outcome | undefined> {
  const { shipment, members, ledger, signal } = sending;
  const { options, clock } = peer;
  const recipients = members.map((member) => digestOf(options, member));
  const wait = ledger.take(recipients, clock.wall());
  if (wait !== undefined)
    return http.again("a member has had 30 messages this minute or 1,000 this hour; WeCom would drop more", wait);
  const data = resultData(shipment.body);
  const body = JSON.stringify({
    touser: members.join("|"),
    msgtype: "text",
    agentid: options.agentId,
    text: { content: messageText(data, { effectKey: shipment.effectKey, language: options.language }) },
    enable_duplicate_check: 1,
    duplicate_check_interval: options.duplicateWindowSeconds,
  });
  const path = `/cgi-bin/message/send?access_token=${encodeURIComponent(token)}`;
  const { answer, errcode } = await ask(peer, { method: "POST", path, body, signal });
  if (tokenCodes.has(errcode)) return undefined;
  if (errcode !== 0) return refused(`WeCom refused the message (${errcode}): see its list of global error codes`);
  const without = missed(answer);
  const reached = members.filter((member) => !without.has(member)).map((member) => digestOf(options, member));
  await ledger.add(shipment.effectKey, reached, clock.wall());
  if (reached.length < members.length)
    return refused(
      `WeCom did not reach ${members.length - reached.length} of ${options.members.length} members: check their ids, the application's visible range and their licences, then replay`,
    );
  const left = unplaced(data, told);
  return left.length > 0 ? { outcome: "done", unplaced: left } : { outcome: "done" };
}

/** A text message to members of a WeCom (企业微信) organisation, from an application of its own. */
export const wecom = defineAdapter({
  name: "wecom",
  summary: "Tells members of WeCom (企业微信) of each result by a message of an application",
  guarantee:
    "Sent ledger with a duplicate window of 1,800 s (duplicateWindowSeconds): what is in the ledger is not sent again for 400 days (ledgerDays); a message whose answer was lost comes once when it is tried again within the window of the first try, and can come twice after it.",
  options,
  open: (options, { clock }): Connection => {
    const agent = http.agentFor(options.apiUrl, options.authorityPem);
    const peer = { options, agent, clock };
    const closing = new AbortController();
    const token = new http.KeptToken(() => fetchToken(peer, closing.signal), clock);
    const kept = new KeptLedger(options.ledger, { rates: memberRates, keep: days(options.ledgerDays), clock });
    const deliver = async (shipment: Shipment, signal: AbortSignal): Promise<Outcome> => {
      const ledger = await kept.get();
      const members = options.members.filter((one) => !ledger.has(shipment.effectKey, digestOf(options, one)));
      if (members.length === 0) return { outcome: "done" };
      return token.with((value) => send(peer, value, { shipment, members, ledger, signal }));
    };
    return {
      close: () => {
        closing.abort();
        agent.destroy();
        kept.close();
      },
      deliver: (shipment, signal) => http.outcomeOf(() => deliver(shipment, signal), signal),
    };
  },
});
