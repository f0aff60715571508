import { createCipheriv, createHash, randomBytes } from "node:crypto";
import t from "tap";
import { readWecomCallback } from "./wecom-callback.ts";

const settings = {
  token: "a-token",
  encodingAesKey: randomBytes(32).toString("base64").slice(0, 43),
  corpId: "ww1",
};
const now = Date.parse("2026-05-04T03:02:01Z");

/** As WeCom's page "加解密方案说明" says, apart from the package that reads it. */
function sealed(message: string, { corpId = "ww1", padding = 32 } = {}): string {
  const key = Buffer.from(`${settings.encodingAesKey}=`, "base64");
  const length = Buffer.alloc(4);
  length.writeUInt32BE(Buffer.byteLength(message));
  const plain = Buffer.concat([randomBytes(16), length, Buffer.from(message), Buffer.from(corpId)]);
  const fill = padding - (plain.length % padding);
  const cipher = createCipheriv("aes-256-cbc", key, key.subarray(0, 16)).setAutoPadding(false);
  return Buffer.concat([cipher.update(Buffer.concat([plain, Buffer.alloc(fill, fill)])), cipher.final()]).toString(
    "base64",
  );
}

function called(encrypted: string, at = now) {
  const [timestamp, nonce] = [String(Math.floor(at / 1000)), "n0nce"];
  const text = [settings.token, timestamp, nonce, encrypted].sort().join("");
  const query = { msg_signature: createHash("sha1").update(text).digest("hex"), timestamp, nonce };
  return {
    query,
    body: `<xml><ToUserName><![CDATA[ww1]]></ToUserName><Encrypt><![CDATA[${encrypted}]]></Encrypt></xml>`,
  };
}

const message = "<xml><Event><![CDATA[enter_agent]]></Event><Content>装配工</Content></xml>";

t.test("reads what WeCom sends, and the text with which it tries the address", async (t) => {
  t.equal(readWecomCallback(called(sealed(message)), { settings, now }), message);
  const echostr = sealed("1616140317555161061");
  const { query } = called(echostr);
  t.equal(readWecomCallback({ query: { ...query, echostr } }, { settings, now }), "1616140317555161061");
});

t.test("refuses a changed, an old, a foreign and an empty call", async (t) => {
  const call = called(sealed(message));
  const read = (asked: { query: unknown; body?: string }) => () => readWecomCallback(asked, { settings, now });
  t.throws(read({ ...call, query: { ...call.query, nonce: "other" } }), { code: "signature.invalid" });
  t.throws(read({ ...call, body: called(sealed(message)).body }), { code: "signature.invalid" });
  t.throws(read(called(sealed(message), now - 600_000)), { code: "signature.invalid" });
  t.throws(read(called(sealed(message, { corpId: "ww2" }))), { code: "seal.unreadable" });
  t.throws(read(called("QUJD")), { code: "seal.unreadable" });
  t.throws(read({ ...call, body: "<xml></xml>" }), { code: "message.malformed" });
  t.throws(read({ query: {}, body: call.body }), { code: "message.malformed" });
});
