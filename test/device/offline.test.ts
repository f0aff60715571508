import t from "tap";
import { seconds } from "../../contracts/units.ts";
import { systemClock } from "../../runtime/clock.ts";
import { answerSpoken, checkIn, giveConsent, passCheck, placeOrder, readFeedback } from "./interview.ts";
import { openSystem } from "./system.ts";
import { eventually } from "./waiting.ts";

t.setTimeout(seconds(280));
const system = await openSystem({ hands: "board" });
t.teardown(() => system.close());

t.test(
  "delivers the result once when the broker was down during the whole interview and the agent was killed after it",
  async (t) => {
    const { orderId } = await placeOrder(system, { choice: false });
    await system.stack.stop("broker");
    await checkIn(system, orderId);
    await giveConsent(system);
    await passCheck(system);
    await answerSpoken(system);
    await readFeedback(system);
    t.ok((await system.health()).outbox.waiting > 0, "the result waits in the device's outbox");
    await system.stack.kill("agent");
    await system.stack.start("agent");
    await eventually(
      { what: "the result in the outbox after a kill -9", limit: seconds(15) },
      async () => (await system.health()).outbox.waiting > 0,
    );
    t.equal(system.receiver.received.length, 0, "HR has nothing yet");
    await system.stack.start("broker");
    const { scorecard } = await system.centre.scorecardOf(orderId, 90);
    t.equal(scorecard.ended, "complete");
    await eventually({ what: "the result at the HR system" }, () => system.results(scorecard.sessionId).length > 0);
    await eventually({ what: "the device to empty its outbox", limit: seconds(60) }, async () => {
      const { outbox } = await system.health();
      return outbox.waiting + outbox.stored === 0;
    });
    await systemClock.sleep(seconds(1));
    t.equal(system.results(scorecard.sessionId).length, 1, "HR keeps one record");
    t.equal(system.receiver.received.length, 1, "and no other");
  },
);
