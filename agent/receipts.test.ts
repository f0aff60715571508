import t from "tap";
import { signedTypes } from "../contracts/envelope.ts";
import { newPrivateKey, publicHalf, sign } from "../runtime/seal.ts";
import { readReceipt } from "./receipts.ts";
import { makeRig, now } from "./testRig.ts";

const rig = await makeRig();
const relay = await newPrivateKey();
const said = (change: object = {}) => ({
  tenantId: "tenant",
  deviceId: "device",
  eventId: "e",
  state: "stored",
  at: new Date(now).toISOString(),
  ...change,
});
const statement = (key = rig.centre, exp = now / 1000 + 3600) =>
  sign({ use: "relay", key: publicHalf(relay), exp }, { key, type: signedTypes.relayKey });
const by = (payload: object, key: typeof relay) => sign(payload, { key, type: signedTypes.receipt });

t.test("believes the centre, and relay whose key the centre has certified", async (t) => {
  t.match(await readReceipt(await by(said({ state: "accepted" }), rig.centre), rig.identity), { state: "accepted" });
  t.match(await readReceipt(await by(said({ relayKey: await statement() }), relay), rig.identity), { state: "stored" });
});

t.test("refuses relay's word that HR has accepted an event", async (t) => {
  const token = await by(said({ state: "accepted", relayKey: await statement() }), relay);
  await t.rejects(readReceipt(token, rig.identity), { code: "signature.invalid" });
});

t.test("refuses a key that certifies itself, one that has run out, and no key at all", async (t) => {
  await t.rejects(readReceipt(await by(said({ relayKey: await statement(relay) }), relay), rig.identity), {
    code: "signature.invalid",
  });
  await t.rejects(
    readReceipt(await by(said({ relayKey: await statement(rig.centre, now / 1000 - 60) }), relay), rig.identity),
    { code: "certificate.expired" },
  );
  await t.rejects(readReceipt(await by(said(), relay), rig.identity), { code: "signature.invalid" });
});

t.test("refuses what is not signed, signed as something else, or for another device", async (t) => {
  await t.rejects(readReceipt("nothing", rig.identity), { code: "signature.missing" });
  const other = await sign(said(), { key: rig.centre, type: signedTypes.order });
  await t.rejects(readReceipt(other, rig.identity), { code: "signature.invalid" });
  await t.rejects(readReceipt(await by(said({ deviceId: "another" }), rig.centre), rig.identity), {
    code: "signature.invalid",
  });
});

t.test("keeps what a newer centre adds", async (t) => {
  t.match(await readReceipt(await by(said({ later: 1 }), rig.centre), rig.identity), { state: "stored" });
});
