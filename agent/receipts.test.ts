import t from "tap";
import { eventTypes, signedTypes } from "../contracts/envelope.ts";
import { silentLog } from "../runtime/log.ts";
import { newPrivateKey, publicHalf, sign } from "../runtime/seal.ts";
import { makeRig, now } from "../test/rigs/agent.ts";
import { Outbox } from "./outbox.ts";
import { readReceipt, settle } from "./receipts.ts";
import { SessionStore } from "./sessionStore.ts";

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

t.test(
  "notes that HR has accepted before the event leaves the outbox, also where a pulled plug cuts it short",
  async (t) => {
    const { stateDirectory, identity, clock } = rig;
    const store = new SessionStore(stateDirectory, identity);
    const outbox = new Outbox({
      stateDirectory,
      identity,
      bootId: "boot-1",
      clock,
      log: silentLog(),
      quality: () => "unknown",
      publish: async () => undefined,
      onFault: (error) => t.fail(String(error)),
    });
    await outbox.start();
    const card = {
      eventId: "e-card",
      type: eventTypes.scorecard,
      payload: {},
      until: "accepted",
      sessionId: "s",
    } as const;
    await outbox.put(card);
    const accepted = { eventId: "e-card", state: "accepted" } as const;
    const plug = new Error("the plug was pulled");
    const pulled = async (): Promise<void> => {
      throw plug;
    };
    await t.rejects(settle(accepted, { outbox, onAccepted: pulled }), plug);
    t.ok(outbox.has("e-card"), "it is sent and accepted once more");

    const onAccepted = (sessionId: string, eventId: string): Promise<void> => store.markAccepted(sessionId, eventId);
    await settle({ eventId: "e-card", state: "stored" }, { outbox, onAccepted });
    t.equal(store.isAccepted("s"), false, "relay's word is not HR's");
    await settle(accepted, { outbox, onAccepted });
    await settle(accepted, { outbox, onAccepted });
    t.equal(store.isAccepted("s"), true);
    t.equal(outbox.has("e-card"), false);
    outbox.stop();
  },
);
