import { timingSafeEqual } from "node:crypto";
import { decrypt, getSignature } from "@wecom/crypto";
import { z } from "zod";
import { Fault } from "../../contracts/fault.ts";
import { type EpochMillis, minutes } from "../../contracts/units.ts";
import { parse } from "../../runtime/parse.ts";

export type WecomCallback = {
  /** As set at WeCom's page of the application ("接收消息服务器配置"). */
  token: string;
  /** 43 characters. */
  encodingAesKey: string;
  corpId: string;
};

const query = z.looseObject({
  msg_signature: z.string().regex(/^[0-9a-f]{40}$/),
  timestamp: z.string().regex(/^\d{1,12}$/),
  nonce: z.string().min(1).max(128),
});

/** A call older than this is a copy that somebody sends again. */
const callLife = minutes(5);

const encrypted = /<Encrypt>(?:<!\[CDATA\[)?([A-Za-z0-9+/=]+)(?:\]\]>)?<\/Encrypt>/;

function opened(text: string, { encodingAesKey, corpId }: WecomCallback): string {
  let content: { message: string; id: string };
  try {
    content = decrypt(encodingAesKey, text);
  } catch (error) {
    throw new Fault("seal.unreadable", "the callback does not open: check encodingAesKey", { cause: error });
  }
  if (content.id !== corpId) throw new Fault("seal.unreadable", "the callback is for another organisation");
  return content.message;
}

/**
 * What a callback of WeCom says, once its signature and age hold: the XML in a POST's body, or the `echostr` with which
 * WeCom tries the address, to be answered as it is ("回调配置", "加解密方案说明").
 * @throws Fault message.malformed, signature.invalid, seal.unreadable
 */
export function readWecomCallback(
  asked: { query: unknown; body?: string },
  { settings, now }: { settings: WecomCallback; now: EpochMillis },
): string {
  const shape = query.extend(asked.body === undefined ? { echostr: z.string().min(1) } : {});
  const { msg_signature, timestamp, nonce, ...rest } = parse(shape, asked.query, { what: "the callback's address" });
  const text = asked.body === undefined ? String(rest.echostr) : encrypted.exec(asked.body)?.[1];
  if (text === undefined) throw new Fault("message.malformed", "the callback's body holds no Encrypt");
  const wanted = Buffer.from(getSignature(settings.token, timestamp, nonce, text), "hex");
  if (!timingSafeEqual(wanted, Buffer.from(msg_signature, "hex")))
    throw new Fault("signature.invalid", "the callback's signature does not hold: check token");
  if (Math.abs(now - Number(timestamp) * 1000) > callLife)
    throw new Fault("signature.invalid", "the callback is too old or from the future");
  return opened(text, settings);
}
