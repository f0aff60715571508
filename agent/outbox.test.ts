import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import { type Envelope, eventTypes, signedTypes } from "../contracts/envelope.ts";
import { Fault } from "../contracts/fault.ts";
import { silentLog } from "../runtime/log.ts";
import { verifyWithCertificate } from "../runtime/seal.ts";
import { makeRig, type Rig } from "../test/rigs/agent.ts";
import { Outbox } from "./outbox.ts";

const open = async (rig: Rig, options: { offline?: boolean; boot?: string } = {}) => {
  const sent: Envelope[] = [];
  const state = { offline: options.offline ?? false };
  const faults: unknown[] = [];
  const outbox = new Outbox({
    stateDirectory: rig.stateDirectory,
    identity: rig.identity,
    bootId: options.boot ?? "boot-1",
    clock: rig.clock,
    log: silentLog(),
    quality: () => "unknown",
    publish: async (payload) => {
      if (state.offline) throw new Fault("peer.unreachable", "there is no connection to the broker");
      sent.push(JSON.parse(payload) as Envelope);
    },
    onFault: (error) => faults.push(error),
  });
  await outbox.start();
  return { outbox, sent, state, faults };
};
const card = {
  eventId: "e-card",
  type: eventTypes.scorecard,
  payload: { x: 1 },
  until: "accepted",
  sessionId: "s",
} as const;
const state = { eventId: "e-state", type: eventTypes.sessionState, payload: {}, until: "stored" } as const;

t.test("sends an event again until its receipt comes, always the same one", async (t) => {
  const rig = await makeRig();
  const { outbox, sent } = await open(rig);
  await outbox.put(state);
  await rig.clock.pass(20_000);
  t.ok(sent.length >= 3, `${sent.length} times`);
  t.equal(new Set(sent.map((one) => JSON.stringify(one))).size, 1);
  await outbox.settle({ eventId: "e-state", state: "stored" });
  const before = sent.length;
  await rig.clock.pass(120_000);
  t.equal(sent.length, before);
  t.strictSame(outbox.counts(), { waiting: 0, stored: 0, parked: 0 });
  outbox.stop();
});

t.test("signs whose the event is and which, with the device's certificate", async (t) => {
  const rig = await makeRig();
  const { outbox, sent } = await open(rig);
  await outbox.put(state);
  await rig.clock.pass(300);
  const { payload } = await verifyWithCertificate(sent[0]?.data ?? "", {
    authorityPem: rig.identity.authorityPem,
    type: signedTypes.event,
  });
  t.match(payload, { tenantId: "tenant", deviceId: "device", eventId: "e-state" });
  outbox.stop();
});

t.test("keeps a scorecard after stored, asks slowly, and lets it go only when HR has accepted it", async (t) => {
  const rig = await makeRig();
  const { outbox, sent } = await open(rig);
  await outbox.put(card);
  await rig.clock.pass(300);
  t.equal(await outbox.settle({ eventId: "e-card", state: "stored" }), undefined);
  t.strictSame(outbox.counts(), { waiting: 0, stored: 1, parked: 0 });
  const before = sent.length;
  await rig.clock.pass(20_000);
  t.equal(sent.length, before);
  await rig.clock.pass(20_000);
  t.equal(sent.length, before + 1, "a lost receipt heals");
  t.match(await outbox.settle({ eventId: "e-card", state: "accepted" }), { sessionId: "s" });
  t.notOk(outbox.has("e-card"));
  outbox.stop();
});

t.test("keeps a parked event and says so", async (t) => {
  const rig = await makeRig();
  const { outbox } = await open(rig);
  await outbox.put(card);
  await outbox.settle({ eventId: "e-card", state: "parked" });
  t.strictSame(outbox.counts(), { waiting: 0, stored: 0, parked: 1 });
  await outbox.settle({ eventId: "e-card", state: "stored" });
  t.strictSame(outbox.counts(), { waiting: 0, stored: 0, parked: 1 }, "stored comes late and changes nothing");
  t.ok(await outbox.settle({ eventId: "e-card", state: "accepted" }), "it was replayed");
  outbox.stop();
});

t.test("holds everything while the broker is away and over a crash, and sends it when it is back", async (t) => {
  const rig = await makeRig();
  const first = await open(rig, { offline: true });
  await first.outbox.put(card);
  await first.outbox.put(state);
  await rig.clock.pass(60_000);
  t.strictSame([first.sent, first.faults], [[], []], "no connection is no fault of the outbox");
  first.outbox.stop();

  const second = await open(rig);
  second.outbox.kick();
  await rig.clock.pass(300);
  t.strictSame(second.sent.map((one) => one.id).sort(), ["e-card", "e-state"]);
  second.outbox.stop();
});

t.test("does not make the same event twice", async (t) => {
  const rig = await makeRig();
  const { outbox } = await open(rig, { offline: true });
  await outbox.put(card);
  const path = join(rig.stateDirectory, "outbox", "e-card.json");
  const before = await readFile(path, "utf8");
  await outbox.put({ ...card, payload: { x: 2 } });
  t.equal(await readFile(path, "utf8"), before);
  t.strictSame(await readdir(join(rig.stateDirectory, "outbox")), ["e-card.json"]);
  outbox.stop();
});

t.test("counts its messages on over a restart and anew after a boot", async (t) => {
  const rig = await makeRig();
  const sequenceOf = async (boot: string, eventId: string): Promise<number | undefined> => {
    const { outbox } = await open(rig, { offline: true, boot });
    await outbox.put({ ...state, eventId });
    outbox.stop();
    return outbox.find(eventId)?.entry.envelope.sequence;
  };
  const first = (await sequenceOf("boot-1", "e1")) ?? Number.NaN;
  const second = (await sequenceOf("boot-1", "e2")) ?? Number.NaN;
  t.ok(second > first, `${second} > ${first}`);
  t.equal(await sequenceOf("boot-2", "e3"), 0);
});
