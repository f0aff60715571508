import type { Agent as PlainAgent } from "node:http";
import type { Agent } from "node:https";
import { z } from "zod";
import { minutes, seconds } from "../../contracts/units.ts";
import type { Clock } from "../../runtime/clock.ts";
import { type Answer, post } from "../peer.ts";
import * as http from "./http.ts";
import { refused } from "./placement.ts";

/** "invalid credential", "invalid access_token", "access_token expired" (WeCom, "global error codes"). */
export const tokenCodes: ReadonlySet<number> = new Set([40001, 40014, 42001]);
/** Too many calls, too many at once: WeCom lifts the block after a minute. */
const overloadCodes: ReadonlySet<number> = new Set([45009, 45033]);
const systemBusy = -1;
const overloadWait = minutes(1);

const plainAnswer = z.looseObject({ errcode: z.int() });
const tokenAnswer = z.looseObject({ access_token: z.string().min(1), expires_in: z.number().positive() });

/** An application of an organisation at WeCom. */
export type WecomApplication = { apiUrl: string; corpId: string; corpSecret: string };
export type WecomPeer = { options: WecomApplication; agent: Agent | PlainAgent; clock: Clock };
type Asking = { method: "GET" | "POST"; path: string; body: string; signal: AbortSignal };

/** An answer with its errcode; WeCom says 200 to almost everything. `errmsg` stays out: it repeats addresses and ids. */
export async function ask(
  { options, agent, clock }: WecomPeer,
  { method, path, body, signal }: Asking,
): Promise<{ answer: Answer; errcode: number }> {
  const answer = await post({ url: `${options.apiUrl}${path}`, method, body, agent, limit: http.answerLimit, signal });
  if (answer.status !== 200) throw new http.Ended(http.notTaken(answer, clock, overloadWait));
  const { errcode } = http.answered(plainAnswer, answer, "WeCom");
  if (errcode === systemBusy) throw new http.Ended(http.again("WeCom is busy"));
  if (overloadCodes.has(errcode))
    throw new http.Ended(http.again(`WeCom has too much to do (${errcode})`, overloadWait));
  return { answer, errcode };
}

export async function fetchToken(peer: WecomPeer, signal: AbortSignal): Promise<http.Token> {
  const { corpId, corpSecret } = peer.options;
  const path = `/cgi-bin/gettoken?${new URLSearchParams({ corpid: corpId, corpsecret: corpSecret })}`;
  const { answer, errcode } = await ask(peer, { method: "GET", path, body: "", signal });
  if (errcode !== 0)
    throw new http.Ended(
      refused(`WeCom gives no token (${errcode}): check corpId, corpSecret and the trusted addresses there`),
    );
  const { access_token: value, expires_in: lives } = http.answered(tokenAnswer, answer, "WeCom");
  return { value, lives: seconds(lives) };
}
