import { z } from "zod";
import { Fault } from "../../contracts/fault.ts";
import type { Clock } from "../../runtime/clock.ts";
import * as http from "./http.ts";
import { ask, fetchToken, tokenCodes, type WecomApplication } from "./wecom-api.ts";

/** Page with the QR code; its `code` comes back to `redirectUri` with `state` (WeCom, "构造企业微信登录链接"). */
export function wecomLoginUrl(
  { corpId, agentId }: { corpId: string; agentId: number },
  { redirectUri, state }: { redirectUri: string; state: string },
): string {
  const query = { login_type: "CorpApp", appid: corpId, agentid: String(agentId), redirect_uri: redirectUri, state };
  return `https://login.work.weixin.qq.com/wwlogin/sso/login?${new URLSearchParams(query)}`;
}

const userAnswer = z.looseObject({ userid: z.string().min(1).optional() });

/** `code` is none of WeCom's, was used before, or is older than five minutes ("global error codes"). */
const codeRefused: ReadonlySet<number> = new Set([40029, 42003]);

export type WecomLogin = {
  /**
   * The member who signed in, by the code of the QR page or of OAuth within WeCom ("获取用户登录身份"). Letters are
   * small, as WeCom does not tell `A` from `a`.
   * @throws Fault token.invalid for a code that is used up or of somebody outside the organisation;
   * peer.refused, delivery.failed, peer.unreachable
   */
  memberOf(code: string, signal: AbortSignal): Promise<string>;
  close(): void;
};

export function openWecomLogin(
  options: WecomApplication & { authorityPem?: string | undefined },
  { clock }: { clock: Clock },
): WecomLogin {
  const agent = http.agentFor(options.apiUrl, options.authorityPem);
  const peer = { options, agent, clock };
  const closing = new AbortController();
  const token = new http.KeptToken(() => fetchToken(peer, closing.signal), clock);
  const askMember = async (value: string, code: string, signal: AbortSignal): Promise<string | undefined> => {
    const path = `/cgi-bin/auth/getuserinfo?${new URLSearchParams({ access_token: value, code })}`;
    const { answer, errcode } = await ask(peer, { method: "GET", path, body: "", signal });
    if (tokenCodes.has(errcode)) return undefined;
    if (codeRefused.has(errcode)) throw new Fault("token.invalid", "this login code is used up: scan again");
    if (errcode !== 0) throw new Fault("peer.refused", `WeCom does not say who signed in (${errcode})`);
    const { userid } = http.answered(userAnswer, answer, "WeCom");
    if (userid === undefined)
      throw new Fault("token.invalid", "who scanned the code is no member of this organisation");
    return userid.toLowerCase();
  };
  return {
    close: () => {
      closing.abort();
      agent.destroy();
    },
    memberOf: async (code, signal) => {
      try {
        return await token.with((value) => askMember(value, code, signal));
      } catch (error) {
        // Overload and refused tokens end a try of a delivery; here they are the fault itself.
        if (error instanceof http.Ended && error.outcome.outcome !== "done") throw error.outcome.fault;
        throw error;
      }
    },
  };
}
