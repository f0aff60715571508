import t from "tap";
import { createAccount } from "../../bridge/hr/accounts.ts";
import { auditOf, chainHolds } from "../../bridge/hr/audit.ts";
import { addJudgement, judgementsOf, standingOf } from "../../bridge/hr/judgements.ts";
import { keepTime } from "../../bridge/hr/keeping.ts";
import { placeOrder } from "../../bridge/hr/orders.ts";
import { eventTypes } from "../../contracts/envelope.ts";
import { days } from "../../contracts/units.ts";
import { timestamp } from "../../runtime/clock.ts";
import { publicHalf } from "../../runtime/seal.ts";
import { openHrAlone } from "./hr-alone.ts";
import { deviceEvent } from "./peer.ts";
import { orderBody, scorecardBody, scorecardContent } from "./samples.ts";

const began = Date.parse("2026-03-01T09:00:00Z");

t.test("the newest override holds, a rating changes nothing, and the machine's score stays", async (t) => {
  const machine = [
    { of: null, score: 0.6 },
    { of: "depth", score: null },
  ];
  const said = (kind: "rating" | "override", competency: string | null, score: number) =>
    ({ kind, competency, score, accountId: `a-${score}` }) as const;
  t.same(standingOf(machine, [said("rating", null, 5)]), [
    { of: null, machine: 0.6, holds: 0.6, by: null },
    { of: "depth", machine: null, holds: null, by: null },
  ]);
  t.same(
    standingOf(machine, [said("override", null, 0.2), said("override", "depth", 0), said("override", null, 0.3)]),
    [
      { of: null, machine: 0.6, holds: 0.3, by: "a-0.3" },
      { of: "depth", machine: null, holds: 0, by: "a-0" },
    ],
  );
});

t.test(
  "keeps what people judged beside the signed scorecard, with reason and trail, and erases it with it",
  async (t) => {
    const hr = await openHrAlone(began);
    t.teardown(() => hr.stop());
    const { issue, intake } = hr;
    const { store, clock } = issue;
    await placeOrder(orderBody("dev-1", { orderId: "o-1", expiresAt: timestamp(began + days(1)) }), hr.caller, issue);
    const until = timestamp(began + days(2));
    const expiresAt = { recording: until, transcript: until, scorecard: until, journal: until };
    const card = scorecardBody(hr.device, { sessionId: "s-1", orderId: "o-1" }, { expiresAt });
    const content = await scorecardContent(hr.device, [publicHalf(hr.keys.encryption)], card);
    const envelope = await deviceEvent(hr.device, eventTypes.scorecard, content);
    t.equal((await intake.take({ envelope, receivedAt: began })).state, "accepted");
    const before = await store.selectFrom("scorecards").selectAll().execute();
    const wanted = { tenantId: "acme", login: "li", roles: ["hr" as const], password: "correct horse battery" };
    const { accountId } = await createAccount(store, wanted, clock);
    const person = { ...hr.caller, accountId };
    const judge = (body: object, caller = person, sessionId = "s-1") =>
      addJudgement(issue, caller, { sessionId, body });
    const reason = "Marker-Quux explained it with a drawing";
    await judge({ kind: "rating", score: 4 });
    await judge({ kind: "override", score: 0.9, competency: "depth", reason });
    await t.rejects(judge({ kind: "override", score: 0.9, reason: " " }), { code: "use.invalid", field: "reason" });
    await t.rejects(judge({ kind: "rating", score: 6 }), { code: "use.invalid", field: "score" });
    await t.rejects(judge({ kind: "rating", score: 4, competency: "charm" }), {
      code: "use.invalid",
      field: "competency",
    });
    await t.rejects(addJudgement(issue, hr.caller, { sessionId: "s-1", body: { kind: "rating", score: 4 } }), {
      code: "token.scope",
    });
    await t.rejects(judge({ kind: "rating", score: 4 }, { ...person, branch: "/south" }), { code: "event.unknown" });
    await t.rejects(judgementsOf(store, { ...person, tenantId: "other" }, "s-1"), { code: "event.unknown" });
    const { standing, judgements } = await judgementsOf(store, person, "s-1");
    t.same(standing, [
      { of: null, machine: 0.62, holds: 0.62, by: null },
      { of: "depth", machine: 0.7, holds: 0.9, by: accountId },
      { of: "clarity", machine: 0.5, holds: 0.5, by: null },
    ]);
    t.same(
      judgements.map(({ kind, place }) => [place, kind]),
      [
        [1, "rating"],
        [2, "override"],
      ],
    );
    t.same(await store.selectFrom("scorecards").selectAll().execute(), before, "the scorecard is as it was signed");
    const audit = await auditOf(store, "acme");
    t.match(
      audit.filter(({ subject }) => subject === "s-1").map(({ action }) => action),
      ["scorecard.accepted", "scorecard.rated", "scorecard.overridden"],
    );
    t.ok(chainHolds(audit));
    t.notMatch(JSON.stringify(audit), "Marker-Quux", "the journal holds nobody's words");
    hr.goTo(began + days(400));
    await keepTime(store, hr.issue.clock);
    t.same(await store.selectFrom("judgements").selectAll().execute(), [], "erased with the scorecard");
  },
);
