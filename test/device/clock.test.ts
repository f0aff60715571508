import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { days, minutes, seconds } from "../../contracts/units.ts";
import { systemClock } from "../../runtime/clock.ts";
import { wholeInterview } from "./interview.ts";
import { openSystem } from "./system.ts";
import { eventually } from "./waiting.ts";

/** libfaketime of Debian's package faketime: shifts what a process and its children take for the wall clock. */
function fakeTimeLibrary(): string {
  const found = readdirSync("/usr/lib")
    .map((folder) => join("/usr/lib", folder, "faketime", "libfaketimeMT.so.1"))
    .find((path) => existsSync(path));
  if (found === undefined) throw new Error("libfaketime is missing: apt-get install faketime");
  return found;
}

const library = fakeTimeLibrary();
const shifted = (by: string): NodeJS.ProcessEnv => ({
  LD_PRELOAD: library,
  FAKETIME: by,
  FAKETIME_DONT_FAKE_MONOTONIC: "1",
});

t.setTimeout(seconds(280));
const system = await openSystem();
t.teardown(() => system.close());

for (const [name, by, shift, talk] of [
  ["ahead", "+365d", days(365), { language: "zh-CN", speech: "zh-backend2-weak" }],
  ["behind", "-365d", -days(365), { language: "en", speech: "en-backend2-weak" }],
] as const)
  t.test(
    `interviews with a device clock that is one year ${name}, says so, and goes by the centre's stamp`,
    async (t) => {
      await system.stack.stop("agent");
      await system.stack.start("agent", shifted(by));
      const began = systemClock.wall();
      const { orderId } = await wholeInterview(system, { choice: false, ...talk });
      const { scorecard, receivedAt } = await system.centre.scorecardOf(orderId);
      t.equal(scorecard.ended, "complete");
      t.ok(scorecard.answers[0]?.observations?.transcript?.text, "the answer was heard");
      t.equal(scorecard.clock.quality, "unsynchronised", "the scorecard says that the clock is not to be trusted");
      const wrong = Date.parse(scorecard.clock.startedAt) - began;
      t.ok(Math.abs(wrong - shift) < minutes(10), `the device believed in ${scorecard.clock.startedAt}`);
      t.ok(
        scorecard.clock.elapsedMillis > 5000 && scorecard.clock.elapsedMillis < minutes(5),
        "the length of the session is right all the same",
      );
      const now = systemClock.wall();
      const isRight = (time: unknown): boolean =>
        typeof time === "string" && Date.parse(time) >= began - 1000 && Date.parse(time) <= now + 1000;
      t.ok(isRight(receivedAt), `the centre's stamp is right: ${receivedAt}`);
      const order = await system.centre.untilState(orderId, "done");
      t.ok(
        isRight(order["startedAt"]) && isRight(order["endedAt"]),
        `start and end at the centre are right: ${JSON.stringify(order)}`,
      );
      const [result] = await eventually({ what: "the result at the HR system" }, () => {
        const found = system.results(scorecard.sessionId);
        return found.length > 0 ? found : undefined;
      });
      t.ok(JSON.stringify(result?.event).includes(receivedAt), "what HR received carries the centre's stamp");
    },
  );
