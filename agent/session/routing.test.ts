import t from "tap";
import type { RouteReason } from "../../contracts/route.ts";
import { rubric } from "../../contracts/rubric.ts";
import { names, Run, scoreOf } from "../../test/rigs/interview.ts";
import { scorecardOf } from "./card.ts";
import { fold } from "./decide.ts";
import { expired } from "./expiry.ts";
import { nothingLive } from "./live.ts";
import { routedBy } from "./routing.ts";
import { viewOf } from "./view.ts";

const spoken = (id: string, more: object = {}) => ({ id, kind: "spoken", text: { en: `${id}?` }, ...more });
const routed = rubric.parse({
  id: "routed",
  version: 1,
  competencies: [{ id: "care", weight: 100, name: { en: "care" } }],
  questions: [
    spoken("story", { followUps: [{ question: "more", missing: ["numbers"] }] }),
    spoken("more"),
    spoken("easy", { difficulty: 1 }),
    spoken("middle"),
    spoken("hard", { difficulty: 5 }),
  ],
  route: {
    first: ["story"],
    pools: [{ competency: "care", questions: ["easy", "middle", "hard"] }],
    adaptive: { waitSeconds: 7 },
  },
});
const policyOf = (): Run => {
  const run = new Run({ rubric: routed });
  run.press("start", "A", "A", "B", "start");
  return run;
};
const reason: RouteReason = { rule: "harder", explanation: { "zh-CN": "更难", en: "harder" }, looked: [] };
const choose = (run: Run, question: string | null) =>
  run.take(routedBy(run.session, { position: run.session.route.length, question, reason }));

/** One spoken answer, begun and ended, its sound whole. */
function answer(run: Run, answerId: string) {
  run.press("start");
  run.sound(answerId, run.session.segments.length);
  const ended = run.press("start");
  return [...ended, ...run.stop(answerId)];
}

t.test("asks inference what comes next as soon as the answer is analysed, with what is known so far", async (t) => {
  const run = policyOf();
  t.match(run.session, { stage: "question", asked: 0, route: [{ question: "story", reason: { rule: "first" } }] });
  const effects = answer(run, "s-a1");
  t.equal(run.session.stage, "routing");
  t.match(
    effects.find((one) => one.do === "wake" && one.name === "route"),
    { answerId: "s-a1", after: 7000 },
  );
  t.notOk(names(effects).includes("choose"), "not before the analysis is back");
  t.match(run.analyse("s-a1"), [{ do: "choose", position: 1, asked: ["story"], answers: [{ answerId: "s-a1" }] }]);
});

t.test("asks the chosen question only after the choice is a fact, and reads it out", async (t) => {
  const run = policyOf();
  answer(run, "s-a1");
  run.analyse("s-a1");
  const effects = choose(run, "hard");
  t.match(run.events.at(-1), { type: "routed", position: 1, question: "hard", content: { reason } });
  t.match(effects, [{ do: "speak", questionId: "hard" }]);
  t.match(run.session, { stage: "question", asked: 1 });
  const { question } = viewOf(run.session, nothingLive, { now: 0, at: 0 }, []);
  t.match(question, { questionId: "hard", number: 2, of: 2 });
});

t.test("counts a follow-up on top of the plan, and ends when the plan is at its end", async (t) => {
  const run = policyOf();
  answer(run, "s-a1");
  run.analyse("s-a1");
  choose(run, "more");
  t.match(viewOf(run.session, nothingLive, { now: 0, at: 0 }, []).question, { questionId: "more", number: 2, of: 3 });
  answer(run, "s-a2");
  t.match(run.analyse("s-a2"), [{ do: "choose", position: 2, asked: ["story", "more"] }]);
  choose(run, "easy");
  const effects = answer(run, "s-a3");
  t.equal(run.session.stage, "analysing", "nothing depends on the last answer: no wait");
  t.match(run.session.routeEnd, { rule: "end" });
  t.ok(names(effects).includes("rest"));
  t.ok(names(run.analyse("s-a3")).includes("joinScores"));
});

t.test("asks the planned question when the analysis is not back in time, and says so", async (t) => {
  const run = policyOf();
  answer(run, "s-a1");
  const fact = expired(run.session, { name: "route", answerId: "s-a1" });
  t.match(fact, {
    type: "routed",
    position: 1,
    question: "middle",
    content: { reason: { rule: "late", explanation: { "zh-CN": /没有在限定时间内/, en: /not back in time/ } } },
  });
  t.match(run.take(fact), [{ do: "speak", questionId: "middle" }]);
  t.notOk(names(run.analyse("s-a1")).includes("choose"), "what comes later changes nothing");
  t.equal(run.session.stage, "question");
  t.equal(expired(run.session, { name: "route", answerId: "s-a1" }), undefined);
});

t.test("takes no choice that is for another place, was asked already, or that nobody knows", async (t) => {
  const run = policyOf();
  answer(run, "s-a1");
  run.analyse("s-a1");
  t.equal(routedBy(run.session, { position: 2, question: "hard", reason }), undefined);
  t.equal(routedBy(run.session, { position: 1, question: "story", reason }), undefined);
  t.equal(routedBy(run.session, { position: 1, question: "gone", reason }), undefined);
  choose(run, "hard");
  t.equal(routedBy(run.session, { position: 1, question: "easy", reason }), undefined, "the first choice stays");
});

t.test("stands at the same question after a crash, before and after the choice", async (t) => {
  const run = policyOf();
  answer(run, "s-a1");
  t.strictSame(
    names(run.crash()).filter((name) => ["endAnalysis", "wake", "choose"].includes(name)),
    ["endAnalysis", "wake", "wake"],
    "the answer is analysed again, and the limit runs",
  );
  t.equal(run.session.stage, "routing");
  run.analyse("s-a1");
  t.ok(names(run.crash("another-boot")).includes("choose"), "the choice is asked for again");
  choose(run, "hard");
  const before = run.session.route;
  const effects = run.crash();
  t.match(
    effects.find((one) => one.do === "speak"),
    { questionId: "hard" },
  );
  t.notOk(names(effects).includes("choose"));
  t.strictSame(run.session.route, before);
  run.press("start");
  run.crash();
  t.match(run.session, { stage: "question", asked: 1, again: true });
  t.strictSame(fold(run.events), run.session);
});

const additions = {
  deviceId: "device",
  revision: 1,
  quality: "unknown",
  wrappedKey: {},
  journal: { lines: [], head: "" },
} as const;
const card = (run: Run) => scorecardOf(run.session, { ...additions, journal: { lines: [], head: "" } });

t.test("tells the route and its reasons in the scorecard, and nothing of it after a withdrawal", async (t) => {
  const run = policyOf();
  answer(run, "s-a1");
  run.analyse("s-a1");
  choose(run, "hard");
  answer(run, "s-a2");
  run.analyse("s-a2");
  run.take({ type: "scored", content: { score: scoreOf(0.5), canonical: "" } });
  t.match(card(run).route, {
    steps: [
      { question: "story", reason: { rule: "first" } },
      { question: "hard", reason },
    ],
    end: { rule: "end" },
  });
  const other = policyOf();
  answer(other, "s-a1");
  other.analyse("s-a1");
  choose(other, "hard");
  other.take({ type: "withdrawn" });
  t.equal(card(other).route, undefined);
  t.notOk(JSON.stringify(other.session.route).includes("harder"), "why it was chosen is what was heard");
});

t.test("says nothing of a route in a fixed order", async (t) => {
  const run = new Run();
  t.strictSame(run.session.route, []);
  run.press("start", "A", "A", "B", "start");
  answer(run, "s-a1");
  t.equal(run.session.stage, "question");
  t.notOk("route" in card(run));
});
