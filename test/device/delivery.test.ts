import { join } from "node:path";
import t, { type Test } from "tap";
import { runCandor } from "../../cli/demo/plans.ts";
import { seconds } from "../../contracts/units.ts";
import { readIdentity } from "../../provisioning/enrol.ts";
import { systemClock } from "../../runtime/clock.ts";
import { orderFor } from "./order.ts";
import { killAndStart, openSystem } from "./system.ts";
import { eventually } from "./waiting.ts";
import { type Envelope, smallScorecard, WiredDevice } from "./wiredDevice.ts";

t.setTimeout(seconds(280));
const system = await openSystem({ without: ["emulator", "agent"] });
const deviceId = "wire-1";
const identityFolder = join(system.scratch, deviceId);
await runCandor([
  "bridge",
  "enrol",
  "--directory",
  system.stack.layout.centre,
  "--tenant",
  system.stack.tenantId,
  "--device",
  deviceId,
  "--output",
  identityFolder,
  "--json",
]);
const device = new WiredDevice(await readIdentity(identityFolder), system.brokerUrl);
await device.open();
t.teardown(async () => {
  await device.close();
  await system.close();
});

/** A scorecard of a fresh order, ready to be sent. */
async function freshScorecard(): Promise<{ event: Envelope; sessionId: string }> {
  const orderId = await system.centre.place(orderFor({ deviceId }));
  const order = await device.untilOrder(orderId);
  // Its acknowledgement is through: relay passes one event on at a time, and a test that pauses hr means the result.
  await system.centre.untilState(orderId, "delivered");
  const card = await smallScorecard(order);
  return { event: await device.scorecardEvent(card, order), sessionId: card.sessionId };
}

/** HR has the result once and it stays once. */
async function keptOnce(t: Test, sessionId: string, what: string): Promise<void> {
  await eventually(
    { what: `the result of ${what} at the HR system`, limit: seconds(40) },
    () => system.results(sessionId).length > 0,
  );
  await systemClock.sleep(seconds(1));
  t.equal(system.results(sessionId).length, 1, `HR keeps exactly one record: ${what}`);
}

t.test("keeps one record when hr is killed between storing a result and delivering it", async (t) => {
  const { event, sessionId } = await freshScorecard();
  system.gate.shut();
  await device.deliver(event);
  await system.stack.kill("hr");
  t.equal(system.results(sessionId).length, 0, "nothing was delivered before the kill");
  system.gate.open();
  await system.stack.start("hr");
  await keptOnce(t, sessionId, "hr killed before it delivered");
});

t.test("keeps one record when hr is killed after delivering a result and before noting it", async (t) => {
  const { event, sessionId } = await freshScorecard();
  const duplicates = system.receiver.duplicates;
  system.gate.hold();
  await device.deliver(event);
  await eventually(
    { what: "HR's answer to be held back", pause: 5 },
    () => system.gate.held > 0 && system.results(sessionId).length === 1,
  );
  await system.stack.kill("hr");
  system.gate.open();
  await system.stack.start("hr");
  await eventually(
    { what: "hr to deliver the same once more", limit: seconds(90) },
    () => system.receiver.duplicates > duplicates,
  );
  await keptOnce(t, sessionId, "hr killed before it noted");
});

t.test("keeps one record when relay is killed between storing a result and passing it on", async (t) => {
  const { event, sessionId } = await freshScorecard();
  await system.stack.stop("hr");
  await device.send(event);
  await device.untilReceipt(event.id, "stored");
  await system.stack.kill("relay");
  await system.stack.start("hr");
  t.equal(system.results(sessionId).length, 0, "hr has nothing yet");
  await system.stack.start("relay");
  await keptOnce(t, sessionId, "relay killed before it passed on");
  await device.deliver(event);
});

t.test("keeps one record when relay is killed after passing a result on and before noting hr's answer", async (t) => {
  const { event, sessionId } = await freshScorecard();
  system.stack.pause("hr");
  await device.send(event);
  await device.untilReceipt(event.id, "stored");
  await systemClock.sleep(300);
  await system.stack.kill("relay");
  system.stack.resume("hr");
  await keptOnce(t, sessionId, "relay killed while hr answered");
  await system.stack.start("relay");
  await device.deliver(event);
  await keptOnce(t, sessionId, "relay asked hr once more");
});

t.test("keeps one record of each result while relay and hr are killed at random moments", async (t) => {
  for (let round = 0; round < 8; round++) {
    const { event, sessionId } = await freshScorecard();
    const victim = round % 2 === 0 ? "relay" : "hr";
    const moment = Math.round(systemClock.random() * 60);
    const delivered = device.deliver(event, 60);
    await systemClock.sleep(moment);
    await killAndStart(system, victim);
    await delivered;
    await keptOnce(t, sessionId, `${victim} killed ${moment} ms after sending`);
  }
});
