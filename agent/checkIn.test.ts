import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import { eventTypes, signedTypes } from "../contracts/envelope.ts";
import { contentHash } from "../runtime/canonical.ts";
import { newPrivateKey } from "../runtime/seal.ts";
import { checkInCode, makeRig, now, orderFor, orderMessage, type Rig } from "../test/rigs/agent.ts";
import { CentreTime } from "./centreTime.ts";
import { admit, NonceLedger } from "./checkIn.ts";
import { Orders } from "./orders.ts";

const day = 86_400_000;

const openDesk = async (rig: Rig) => {
  const { stateDirectory, identity, clock } = rig;
  const time = new CentreTime({ stateDirectory, clock, certificatePem: identity.certificatePem });
  await time.start();
  const orders = new Orders({ stateDirectory, identity, onTime: (at) => time.saw(at) });
  await orders.start((error) => t.fail(String(error)));
  return { identity, orders, time, nonces: await NonceLedger.open(stateDirectory) };
};
const withOrder = async () => {
  const rig = await makeRig();
  const desk = await openDesk(rig);
  const { acknowledgement } = await desk.orders.receive(await orderMessage(rig, orderFor(rig)));
  if (acknowledgement?.accepted !== true) throw new Error("the order of the test was not taken in");
  return { rig, desk };
};

t.test("admits a candidate by a signed code, once, also after a restart", async (t) => {
  const { rig, desk } = await withOrder();
  const code = await checkInCode(rig);
  const { order, nonce } = await admit(code, desk);
  t.equal(order.candidate.name, "Marker Person");
  await desk.nonces.note(nonce);
  await t.rejects(admit(code, desk), { code: "qr.replayed" });
  await desk.nonces.close();
  await t.rejects(admit(code, await openDesk(rig)), { code: "qr.replayed" });
});

t.test("refuses a forged code, one for another device, and a picture of something else", async (t) => {
  const { rig, desk } = await withOrder();
  await t.rejects(admit(await checkInCode(rig, {}, await newPrivateKey()), desk), { code: "signature.invalid" });
  await t.rejects(admit(await checkInCode(rig, { deviceId: "another" }), desk), { code: "order.otherDevice" });
  await t.rejects(admit("https://example.org", desk), { code: "qr.malformed" });
  await t.rejects(admit(await checkInCode(rig, { orderId: "nobody" }), desk), { code: "order.unknown" });
});

t.test("refuses a code of an older revision", async (t) => {
  const { rig, desk } = await withOrder();
  await desk.orders.receive(await orderMessage(rig, orderFor(rig, { revision: 2 })));
  await t.rejects(admit(await checkInCode(rig), desk), { code: "order.stale" });
  t.ok(await admit(await checkInCode(rig, { revision: 2 }), desk));
});

t.test("judges the times of code and order by the centre's time where it is known", async (t) => {
  const { rig, desk } = await withOrder();
  await desk.time.saw(new Date(now).toISOString(), rig.clock.monotonic());
  await t.rejects(admit(await checkInCode(rig, { nbf: now / 1000 + 600 }), desk), { code: "qr.early" });
  await t.rejects(admit(await checkInCode(rig, { exp: now / 1000 - 600 }), desk), { code: "qr.expired" });
  const late = await withOrder();
  await late.desk.time.saw(new Date(now + 8 * day).toISOString(), late.rig.clock.monotonic());
  await t.rejects(admit(await checkInCode(late.rig, { exp: now / 1000 + 30 * 86_400 }), late.desk), {
    code: "order.expired",
  });
});

t.test("never refuses a cached order by a clock that is a year off", async (t) => {
  for (const off of [-365 * day, 365 * day]) {
    const { rig, desk } = await withOrder();
    rig.clock.wallMillis += off;
    t.equal(desk.time.quality(), "unsynchronised");
    t.ok(await admit(await checkInCode(rig), desk));
    // By the centre's stamp the time is known whatever the wall clock says.
    await desk.time.saw(new Date(now).toISOString(), rig.clock.monotonic());
    t.equal(desk.time.quality(), "unsynchronised");
    await t.rejects(admit(await checkInCode(rig, { exp: now / 1000 - 600 }), desk), { code: "qr.expired" });
  }
});

t.test("keeps orders sealed on the disk and reads them again after a restart", async (t) => {
  const { rig } = await withOrder();
  const folder = join(rig.stateDirectory, "orders");
  for (const name of await readdir(folder)) {
    const text = await readFile(join(folder, name), "utf8");
    t.notMatch(text, /Marker/);
    t.notMatch(Buffer.from(text, "base64").toString("latin1"), /Marker/);
  }
  t.ok(await admit(await checkInCode(rig), await openDesk(rig)));
});

t.test("answers a bad order of the centre with its fault, and a forged one with nothing", async (t) => {
  const rig = await makeRig();
  const { orders } = await openDesk(rig);
  const forged = await orders.receive(await orderMessage(rig, orderFor(rig), { outerKey: await newPrivateKey() }));
  t.match((await orders.receive(await orderMessage(rig, orderFor(rig, { orderId: "good" })))).acknowledgement, {
    accepted: true,
    acknowledges: "event-good-1",
  });
  t.match(forged, { acknowledgement: undefined, fault: { code: "signature.invalid" } });
  t.match(await orders.receive(Buffer.from("{")), { acknowledgement: undefined, fault: { code: "message.malformed" } });
  const refusal = async (change: object, wrapping = {}) =>
    (await orders.receive(await orderMessage(rig, { ...orderFor(rig), ...change }, wrapping))).acknowledgement;
  t.match(await refusal({ rubric: { id: "x" } }), { accepted: false, fault: "order.invalid" });
  t.match(await refusal({ rubricHash: "0" }), { accepted: false, fault: "order.invalid" });
  t.match(await refusal({ deviceId: "another" }), { accepted: false, fault: "order.otherDevice" });
  t.match(await refusal({}, { innerKey: await newPrivateKey() }), { accepted: false, fault: "signature.invalid" });
  t.match(await refusal({}, { type: "candor.order.issued.v9" }), {
    accepted: false,
    fault: "message.unsupportedVersion",
  });
  t.match(await refusal({ later: "field" }), { accepted: true }, "a field of a newer version passes");
});

t.test("refuses an order whose policy asks no consent for recording", async (t) => {
  const rig = await makeRig();
  const { orders } = await openDesk(rig);
  const { policy } = orderFor(rig);
  const silent = { ...policy, consents: policy.consents.filter((one) => one.purpose !== "recording") };
  const { fault } = await orders.receive(
    await orderMessage(rig, orderFor(rig, { policy: silent, policyHash: contentHash(silent) })),
  );
  t.match(fault, { code: "order.invalid", field: "policy.consents" });
});

t.test("takes an order back, and settles what came late without going back", async (t) => {
  const { rig, desk } = await withOrder();
  const cancellation = {
    orderId: "order-1",
    tenantId: "tenant",
    deviceId: "device",
    revision: 2,
    issuedAt: new Date(now).toISOString(),
  };
  const wrapping = { type: eventTypes.orderCancelled, innerType: signedTypes.cancellation, eventId: "cancel" };
  t.match((await desk.orders.receive(await orderMessage(rig, cancellation, wrapping))).acknowledgement, {
    accepted: true,
  });
  await t.rejects(admit(await checkInCode(rig), desk), { code: "order.cancelled" });
  t.match((await desk.orders.receive(await orderMessage(rig, orderFor(rig)))).acknowledgement, { accepted: true });
  await t.rejects(admit(await checkInCode(rig), desk), { code: "order.cancelled" });
});

t.test("lets an interview that has begun go on when its order is taken back", async (t) => {
  const { rig, desk } = await withOrder();
  await desk.orders.mark("order-1", "inInterview");
  const cancellation = {
    orderId: "order-1",
    tenantId: "tenant",
    deviceId: "device",
    revision: 2,
    issuedAt: new Date(now).toISOString(),
  };
  const wrapping = { type: eventTypes.orderCancelled, innerType: signedTypes.cancellation };
  t.match((await desk.orders.receive(await orderMessage(rig, cancellation, wrapping))).acknowledgement, {
    accepted: false,
    fault: "order.finished",
  });
  t.equal(desk.orders.record("order-1").state, "inInterview");
  await t.rejects(admit(await checkInCode(rig), desk), { code: "order.finished" }, "nobody begins it twice");
});
