import t from "tap";
import type { Fault } from "../contracts/fault.ts";
import {
  newDataKey,
  newPrivateKey,
  openBytes,
  publicHalf,
  seal,
  sealBytes,
  sign,
  unseal,
  verifyWithKey,
} from "./seal.ts";

const code = (error: unknown): string => (error as Fault).code;

t.test("a signed payload comes back under the pinned key", async (t) => {
  const key = await newPrivateKey();
  const token = await sign({ orderId: "o1" }, { key, type: "order" });
  t.match(await verifyWithKey(token, { key: publicHalf(key), type: "order" }), { orderId: "o1" });
});

t.test("a signature by another key, a changed payload, or another type is refused by name", async (t) => {
  const [key, other] = await Promise.all([newPrivateKey(), newPrivateKey()]);
  const token = await sign({ orderId: "o1" }, { key, type: "order" });
  const [head, , tail] = token.split(".");
  const forged = `${head}.${Buffer.from('{"orderId":"o2"}').toString("base64url")}.${tail}`;
  for (const [token_, key_, type] of [
    [token, other, "order"],
    [forged, key, "order"],
    [token, key, "receipt"],
  ] as const)
    await t.rejects(verifyWithKey(token_, { key: publicHalf(key_), type }), { code: "signature.invalid" });
  await t.rejects(verifyWithKey("", { key, type: "order" }), { code: "signature.missing" });
  await t.rejects(verifyWithKey("not a token", { key, type: "order" }), { code: "signature.missing" });
});

t.test("each recipient opens a sealed text alone, and nobody else does", async (t) => {
  const [hr, recovery, stranger] = await Promise.all([newPrivateKey(), newPrivateKey(), newPrivateKey()]);
  const sealed = JSON.parse(JSON.stringify(await seal("沟通", [publicHalf(hr), publicHalf(recovery)])));
  t.equal(await unseal(sealed, hr), "沟通");
  t.equal(await unseal(sealed, recovery), "沟通");
  await t.rejects(unseal(sealed, stranger), { code: "seal.unreadable" });
  await t.rejects(unseal({}, hr), { code: "seal.unreadable" });
});

t.test("sealed bytes open only in the place they were sealed for", async (t) => {
  const key = newDataKey();
  const sealed = sealBytes(key, Buffer.from("sound"), "s1/mic-000001.sealed");
  t.equal(openBytes(key, sealed, "s1/mic-000001.sealed").toString(), "sound");
  for (const attempt of [
    () => openBytes(key, sealed, "s1/mic-000002.sealed"),
    () => openBytes(newDataKey(), sealed, "s1/mic-000001.sealed"),
    () => openBytes(key, sealed.subarray(0, 20), "s1/mic-000001.sealed"),
  ])
    try {
      attempt();
      t.fail("opened");
    } catch (error) {
      t.equal(code(error), "seal.unreadable");
    }
});
