import t from "tap";
import { createAccount } from "../../bridge/hr/accounts.ts";
import { analyticsCsv, analyticsOf } from "../../bridge/hr/analytics.ts";
import { analyticsView, shortlistView } from "../../bridge/hr/api/shapes.ts";
import { addJudgement } from "../../bridge/hr/judgements.ts";
import { placeOrder } from "../../bridge/hr/orders.ts";
import { shortlistOf } from "../../bridge/hr/shortlists.ts";
import { eventTypes } from "../../contracts/envelope.ts";
import { days } from "../../contracts/units.ts";
import { timestamp } from "../../runtime/clock.ts";
import { publicHalf } from "../../runtime/seal.ts";
import { openHrAlone } from "./hr-alone.ts";
import { deviceEvent } from "./peer.ts";
import { orderBody, scorecardBody, scorecardContent } from "./samples.ts";

const began = Date.parse("2026-03-01T09:00:00Z");

t.test("ranks by what holds now, beside the machine's score, and ranks no withheld total as zero", async (t) => {
  const hr = await openHrAlone(began);
  t.teardown(() => hr.stop());
  const { issue, intake } = hr;
  const { store, clock } = issue;
  const until = timestamp(began + days(2));
  const expiresAt = { recording: until, transcript: until, scorecard: until, journal: until };
  const totals = [0.8, 0.6, 0.6, null];
  const add = async (at: number, total: number | null, candidateRef = `cand-${at}`): Promise<void> => {
    const orderId = `o-${at}`;
    await placeOrder(orderBody("dev-1", { orderId, expiresAt: timestamp(began + days(1)) }), hr.caller, issue);
    const plain = scorecardBody(hr.device, { sessionId: `s-${at}`, orderId }, { expiresAt, candidateRef });
    const interval = total === null ? [0, 1] : [total - 0.05, total + 0.05];
    const score = { ...(plain.score as object), total, interval, withheld: total === null };
    const content = await scorecardContent(hr.device, [publicHalf(hr.keys.encryption)], { ...plain, score });
    const envelope = await deviceEvent(hr.device, eventTypes.scorecard, content);
    t.equal((await intake.take({ envelope, receivedAt: began })).state, "accepted");
  };
  for (const [at, total] of totals.entries()) await add(at, total);
  const ask = async (query: object = {}, caller = hr.caller) => {
    const answer = await shortlistOf(store, caller, { rubricId: "rubric-1", query });
    t.equal(shortlistView.safeParse(answer).error?.message, undefined);
    return answer;
  };
  const order = ({ ranked }: Awaited<ReturnType<typeof ask>>) =>
    ranked.map(({ candidateRef, rank, shortlisted }) => [candidateRef, rank, shortlisted]);

  const first = await ask({ share: "0.4" });
  t.same(order(first), [
    ["cand-0", 1, true],
    ["cand-1", 2, true],
    ["cand-2", 2, true],
  ]);
  t.match(first, { n: 3, small: true, proposal: true, insufficient: [{ candidateRef: "cand-3" }] });
  t.notOk(
    JSON.stringify(first).includes((orderBody("dev-1") as { candidate: { name: string } }).candidate.name),
    "names nobody",
  );

  const wanted = { tenantId: "acme", login: "li", roles: ["hr" as const], password: "correct horse battery" };
  const { accountId } = await createAccount(store, wanted, clock);
  const override = { kind: "override", score: 0.9, reason: "explained it with a drawing" };
  await addJudgement(issue, { ...hr.caller, accountId }, { sessionId: "s-3", body: override });
  const second = await ask();
  t.match(order(second)[0], ["cand-3", 1, true], "a person's score holds");
  t.match(second.ranked[0]?.inputs, [{ name: "total", score: 0.9, machine: null, by: accountId }]);
  t.same(second.insufficient, []);

  const few = await analyticsOf(store, hr.caller);
  t.match(few, { n: null, rubrics: [{ rubricId: "rubric-1", withheld: true, n: null, mean: null }] }, "four are few");
  t.equal(analyticsCsv(few), 'rubricId,withheld,n,mean,low,high\r\n"rubric-1",true,,,,\r\n');
  await add(5, 0.8, "cand-0");
  t.equal((await analyticsOf(store, hr.caller)).rubrics[0]?.withheld, true, "five interviews of four people");
  await add(4, 0.6);
  const enough = await analyticsOf(store, hr.caller);
  t.equal(analyticsView.safeParse(enough).error?.message, undefined);
  t.equal(enough.rubrics[0]?.mean?.toFixed(4), "0.7000", "with what people overrode: 0.8, 0.6, 0.6, 0.9, 0.6");
  t.same(
    enough.rubrics[0]?.distribution?.map(({ count }) => count),
    [0, 0, 0, null, null],
    "three and two are few",
  );
  t.same((await analyticsOf(store, { ...hr.caller, branch: "/south" })).rubrics, []);

  const weighed = await ask({ weights: "depth:3,clarity:1", thresholds: "depth:0.7,clarity:0.3" });
  t.equal(weighed.ranked[0]?.score, 0.65, "(3 * 0.7 + 1 * 0.5) / 4");
  t.same(weighed.ranked[0]?.interval, [0.55, 0.75]);
  t.same(
    weighed.ranked[0]?.flags.map(({ name, flag }) => [name, flag]),
    [
      ["depth", "unsure"],
      ["clarity", "reached"],
    ],
  );
  await t.rejects(ask({ weights: "charm:1" }), { code: "use.invalid", field: "charm" });
  await t.rejects(ask({ share: "0" }), { code: "use.invalid", field: "share" });
  await t.rejects(ask({}, { ...hr.caller, branch: "/south" }), { code: "event.unknown" });
  await t.rejects(ask({}, { ...hr.caller, tenantId: "other" }), { code: "event.unknown" });
});
