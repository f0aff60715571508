import { readFile } from "node:fs/promises";
import { join } from "node:path";
import t, { type Test } from "tap";
import type { Scorecard } from "../../contracts/scorecard.ts";
import { seconds } from "../../contracts/units.ts";
import { systemClock } from "../../runtime/clock.ts";
import {
  answerChoice,
  answerSpoken,
  arrive,
  beginAnswer,
  checkIn,
  clip,
  endAnswer,
  passCheck,
  placeOrder,
  readFeedback,
} from "./interview.ts";
import { journalOf } from "./journal.ts";
import { allGone, family } from "./processes.ts";
import { agentPid, openSystem, type System } from "./system.ts";
import { eventually } from "./waiting.ts";

t.setTimeout(seconds(280));
const system = await openSystem();
t.teardown(() => system.close());

/** The scorecard as HR keeps it, after checking that it came once, whole, and with a journal that holds together. */
async function completeOnce(t: Test, { orderId, answers }: { orderId: string; answers: string[] }): Promise<Scorecard> {
  const kept = await system.centre.scorecardOf(orderId);
  const { scorecard } = kept;
  t.equal(scorecard.ended, "complete");
  t.same(
    scorecard.answers.map((one) => one.questionId),
    answers,
    "every question has its answer",
  );
  t.equal(scorecard.score?.withheld, false, "the total is not withheld");
  t.ok(kept.chainVerified, "hr found the journal's chain unbroken");
  const { events } = await journalOf(scorecard, system.stack.layout.centre);
  t.ok(events.length > 10, "the journal's chain, computed again from its lines, is unbroken");
  const delivered = await eventually({ what: "the result at the HR system", limit: seconds(20) }, () => {
    const found = system.results(scorecard.sessionId);
    return found.length > 0 ? found : undefined;
  });
  t.equal(delivered.length, 1, "HR keeps one record");
  return scorecard;
}

const heard = (card: Scorecard, questionId: string): string =>
  card.answers.find((one) => one.questionId === questionId)?.observations?.transcript?.text ?? "";

/** Whether the recording light burns. */
const isLit = async (): Promise<boolean> => (await system.emulator.state()).leds.recording === true;

/** Kills the agent, sees that all it had started goes and the light goes out, and starts it again. */
async function killAgent(t: Test, system: System): Promise<void> {
  const pid = agentPid(system);
  const started = await family(pid);
  t.ok(
    started.some((one) => one.command.includes("ffmpeg")),
    "there were processes that held the devices",
  );
  await system.stack.kill("agent");
  const killedAt = systemClock.monotonic();
  await allGone(started, 1);
  await eventually(
    { what: "the recording light to go out", limit: seconds(1), pause: 20 },
    async () => !(await isLit()),
  );
  await eventually({ what: "the devices to be free", limit: seconds(1), pause: 20 }, async () => {
    const { holders } = await system.emulator.state();
    return holders.mic === 0 && holders.camera === 0;
  });
  t.pass(`nothing holds a device ${Math.round(systemClock.monotonic() - killedAt)} ms after the kill`);
  await system.page.untilLost(pid);
  await system.stack.start("agent");
}

/** Kill -9 and a new start, without looking at what was held. */
async function restartAgent({ stack, page }: System): Promise<void> {
  const pid = agentPid(system);
  await stack.kill("agent");
  await page.untilLost(pid);
  await stack.start("agent");
}

t.test("asks the same question again after kill -9 of the agent in the middle of an answer", async (t) => {
  const { orderId } = await arrive(system);
  const before = await beginAnswer(system);
  const speech = system.emulator.play(await clip(system, "en-backend2-weak"));
  await systemClock.sleep(seconds(3));
  t.ok(await isLit(), "the recording light burns while it records");
  await killAgent(t, system);
  await system.emulator.stopPlaying();
  await speech;
  const shown = await system.page.until("a question after the crash", (one) => one.show === "question");
  t.equal(shown.question?.questionId, before.question?.questionId, "it is the same question");
  t.equal(shown.question?.again, true, "the page says that it is asked again");
  await answerSpoken(system);
  await answerChoice(system);
  await readFeedback(system);
  const card = await completeOnce(t, { orderId, answers: ["redesign", "locking"] });
  t.match(heard(card, "redesign"), /argue/i, "the second attempt is what was heard");
  const abandoned = new Set(card.media.map((one) => one.answerId));
  t.ok(abandoned.size >= 2, "what was recorded of the first attempt is kept");
  const sound = card.media.filter((one) => one.stream === "mic").sort((a, b) => a.index - b.index);
  t.ok(
    sound.every((one, at) => at === 0 || one.offsetMillis >= (sound[at - 1]?.offsetMillis ?? 0)),
    "both attempts stand on one timeline",
  );
});

t.test("asks the next question after kill -9 of the agent between two answers, and loses none", async (t) => {
  const { orderId } = await arrive(system, { spoken: 2, choice: false });
  const next = await answerSpoken(system, { speech: "en-backend2-weak" });
  t.equal(next.question?.questionId, "disagreement");
  await killAgent(t, system);
  const shown = await system.page.until("a question after the crash", (one) => one.show === "question");
  t.equal(shown.question?.questionId, "disagreement", "the answered question is not asked again");
  await answerSpoken(system, { speech: "en-backend-weak" });
  await readFeedback(system);
  const card = await completeOnce(t, { orderId, answers: ["redesign", "disagreement"] });
  t.match(heard(card, "redesign"), /argue/i, "the answer given before the crash was analysed");
  t.match(heard(card, "disagreement"), /system/i);
});

t.test("goes on after kill -9 of inference in the middle of an answer", async (t) => {
  const { orderId } = await arrive(system);
  const agent = agentPid(system);
  await beginAnswer(system);
  const speech = system.emulator.play(await clip(system, "en-backend2-weak", 6));
  await systemClock.sleep(seconds(3));
  const killed = await system.killPart("inference");
  await speech;
  await endAnswer(system);
  await answerChoice(system);
  await readFeedback(system);
  const card = await completeOnce(t, { orderId, answers: ["redesign", "locking"] });
  t.match(heard(card, "redesign"), /argue/i, "the whole answer was heard, from the recording");
  t.equal(card.answers[0]?.observations?.faults.length, 0, "no fault lowers the answer");
  t.not((await system.partPids())["inference"], killed, "inference runs again");
  t.equal(agentPid(system), agent, "the agent stayed");
});

/** Every pair of neighbouring sound or picture pieces of an answer, and how far the second begins after the first ends. */
function jumps(card: Scorecard, stream: "mic" | "camera", answerId: string): number[] {
  const pieces = card.media
    .filter((one) => one.stream === stream && one.answerId === answerId && !one.initialisation)
    .sort((a, b) => a.offsetMillis - b.offsetMillis);
  return pieces
    .slice(1)
    .map((one, at) => one.offsetMillis - ((pieces[at]?.offsetMillis ?? 0) + (pieces[at]?.durationMillis ?? 0)));
}

for (const [killed, other] of [
  ["mic", "camera"],
  ["camera", "mic"],
] as const)
  t.test(`resumes after kill -9 of the ${killed} capture, records the gap, and the ${other} has none`, async (t) => {
    const { orderId } = await arrive(system, { choice: false });
    await beginAnswer(system);
    const speech = system.emulator.play(await clip(system, "en-backend2-weak"));
    await systemClock.sleep(seconds(3));
    const pid = (await system.partPids())[killed];
    const held = await family(pid ?? 0);
    await system.killPart(killed);
    await allGone(held, 1);
    t.ok(await isLit(), `the light still burns for the ${other}`);
    await eventually(
      { what: `the ${killed} to be held again by one process`, limit: seconds(5) },
      async () => (await system.emulator.state()).holders[killed] === 1,
    );
    await speech;
    await endAnswer(system);
    await readFeedback(system);
    const card = await completeOnce(t, { orderId, answers: ["redesign"] });
    const answer = card.answers[0];
    const gaps = card.gaps.filter((one) => one.stream === killed);
    t.ok(
      gaps.length > 0 && gaps.every((one) => one.to > one.from && one.answerId === answer?.answerId),
      `the gap is recorded: ${JSON.stringify(card.gaps)}`,
    );
    t.same(
      card.gaps.filter((one) => one.stream === other),
      [],
      `the ${other} has no gap on record`,
    );
    const far = jumps(card, other, answer?.answerId ?? "").filter(
      (jump) => Math.abs(jump) > (other === "mic" ? 1 : 150),
    );
    t.same(far, [], `the ${other}'s pieces follow one another`);
    const after = card.media.filter(
      (one) => one.stream === killed && one.offsetMillis >= (gaps[0]?.to ?? Number.POSITIVE_INFINITY) - 2000,
    );
    t.ok(after.length > 0, `the ${killed} was recorded again after the gap`);
    const indices = card.media.filter((one) => one.stream === killed).map((one) => one.index);
    t.equal(new Set(indices).size, indices.length, "no piece took the number of another");
  });

t.test("stands where it stood after kill -9 of the agent at consent, device check, choice and analysis", async (t) => {
  const { orderId } = await placeOrder(system);
  await checkIn(system, orderId);
  await restartAgent(system);
  await system.page.until("the notice after the crash", (one) => one.show === "notice");
  await system.press("start");
  await system.page.until("the first consent", (one) => one.consent?.number === 1);
  await system.press("A");
  await system.page.until("the second consent", (one) => one.consent?.number === 2);
  await restartAgent(system);
  await system.page.until(
    "the second consent after the crash",
    (one) => one.show === "consent" && one.consent?.number === 2,
  );
  await system.press("A");
  await system.page.until("the device check", (one) => one.show === "check");
  await restartAgent(system);
  await passCheck(system);
  await answerSpoken(system);
  await system.press("C");
  await system.page.until("the choice", (one) => one.question?.chosen?.includes("C") === true);
  await restartAgent(system);
  const chosen = await system.page.until("the choice after the crash", (one) => one.question?.kind === "choice");
  t.same(chosen.question?.chosen, ["C"], "the option chosen is still chosen");
  await system.press("start");
  await system.page.until("analysis or feedback", (one) => one.show === "analysing" || one.show === "feedback");
  await restartAgent(system);
  await readFeedback(system);
  const card = await completeOnce(t, { orderId, answers: ["redesign", "locking"] });
  t.same(card.answers[1]?.chosen, ["C"]);
  t.equal(card.consents.filter((one) => one.given).length, 2, "each consent was asked once and kept");
});

t.test("leaves nothing behind that holds a device when the agent is killed while it waits", async (t) => {
  await system.page.until("the waiting page", (shown) => shown.show === "waiting");
  await killAgent(t, system);
  await system.page.until("the waiting page", (shown) => shown.show === "waiting");
  const log = await readFile(join(system.stack.layout.log, "agent.log"), "utf8");
  t.notMatch(log, /"level":60/, "no fatal line in the agent's log");
});
