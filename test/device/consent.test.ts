import { join } from "node:path";
import t, { type Test } from "tap";
import type { Scorecard } from "../../contracts/scorecard.ts";
import { seconds } from "../../contracts/units.ts";
import { systemClock } from "../../runtime/clock.ts";
import { arrive, beginAnswer, checkIn, clip, giveConsent, placeOrder } from "./interview.ts";
import { journalOf } from "./journal.ts";
import { openSystem } from "./system.ts";
import { everyFile } from "./traces.ts";
import { eventually } from "./waiting.ts";

t.setTimeout(seconds(280));
const system = await openSystem({ hands: "board" });
t.teardown(() => system.close());

type AuditRow = Record<string, unknown>;

/** The rows of hr's audit about an order or its session. */
async function audit(card: Scorecard): Promise<AuditRow[]> {
  const answer = await system.centre.ask<{ entries?: AuditRow[] } | AuditRow[]>("GET", "/v1/audit");
  const rows = Array.isArray(answer.body) ? answer.body : (answer.body.entries ?? []);
  return rows.filter(
    (row) => JSON.stringify(row).includes(card.sessionId) || JSON.stringify(row).includes(card.orderId),
  );
}

async function nothingScored(t: Test, orderId: string, ended: "refused" | "withdrawn"): Promise<Scorecard> {
  const { scorecard, chainVerified } = await system.centre.scorecardOf(orderId);
  t.equal(scorecard.ended, ended);
  t.equal(scorecard.score, null, "there is no score");
  t.same(scorecard.answers, [], "there are no answers");
  t.same(scorecard.media, [], "there are no recordings");
  t.ok(chainVerified, "the journal's chain is unbroken");
  const media = (await everyFile(system.stack.layout.state)).filter(
    (file) => file.endsWith(".sealed") || file.includes("/media/"),
  );
  t.same(media, [], "no recording is left on the device");
  return scorecard;
}

t.test(
  "scores nothing, keeps no recording and says so in both journals when consent to scoring is refused",
  async (t) => {
    const { orderId } = await placeOrder(system);
    await checkIn(system, orderId);
    await giveConsent(system, { refuse: ["scoring"] });
    const shown = await system.page.until("the page of a refused consent", (one) => one.show === "refused");
    t.ok(shown.alternative, "the alternative is offered");
    const card = await nothingScored(t, orderId, "refused");
    t.same(
      card.consents.map(({ purpose, given }) => [purpose, given]),
      [
        ["recording", true],
        ["scoring", false],
      ],
    );
    const { events, keys } = await journalOf(card, system.stack.layout.centre);
    t.ok(
      events.some((one) => one.type === "consentAnswered" && one.consent.purpose === "scoring" && !one.consent.given),
      "the device's journal says so",
    );
    t.notOk(
      events.some((one) => one.type === "answerBegun" || one.type === "analysed" || one.type === "scored"),
      "nothing was asked, heard or scored",
    );
    t.equal(keys.content, undefined, "the key of recordings is destroyed");
    await eventually({ what: "hr's audit to say refused" }, async () =>
      (await audit(card)).some((row) => row["action"] === "consent.refused"),
    );
    t.notOk((await system.emulator.state()).leds["recording"], "the recording light is off");
    await system.press("start");
    await system.page.until("the waiting page", (one) => one.show === "waiting");
  },
);

t.test(
  "scores nothing, wipes the recording and says so in both journals when consent is taken back in mid-answer",
  async (t) => {
    const { orderId } = await arrive(system);
    await beginAnswer(system);
    const speech = system.emulator.play(await clip(system, "en-backend2-weak"));
    await systemClock.sleep(seconds(4));
    const before = (await everyFile(join(system.stack.layout.state, "sessions"))).filter((file) =>
      file.endsWith(".sealed"),
    );
    t.ok(before.length > 0, "a recording had begun");
    await system.page.act({ do: "withdraw" });
    await system.page.until("the page of a withdrawn consent", (one) => one.show === "withdrawn");
    await eventually(
      { what: "the recording light to go out", limit: seconds(1), pause: 20 },
      async () => (await system.emulator.state()).leds["recording"] !== true,
    );
    await system.emulator.stopPlaying();
    await speech;
    const card = await nothingScored(t, orderId, "withdrawn");
    const { events, keys } = await journalOf(card, system.stack.layout.centre);
    t.ok(
      events.some((one) => one.type === "withdrawn"),
      "the device's journal says so",
    );
    t.notOk(
      events.some((one) => one.type === "scored" || (one.type === "analysed" && one.content !== null)),
      "the journal holds no result",
    );
    t.equal(keys.content, undefined, "the key of recordings is destroyed");
    await eventually({ what: "hr's audit to say withdrawn" }, async () =>
      (await audit(card)).some((row) => row["action"] === "consent.withdrawn"),
    );
    const results = system.receiver.received.filter((one) => one.key.includes(card.sessionId));
    t.ok(
      results.every((one) => !/"total":\s*\d/.test(JSON.stringify(one.event))),
      "what HR received holds no score",
    );
    await system.press("start");
    await system.page.until("the waiting page", (one) => one.show === "waiting");
  },
);
