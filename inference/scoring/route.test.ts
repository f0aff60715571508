import t from "tap";
import { rubric as rubricSchema } from "../../contracts/rubric.ts";
import type { AnswerScore } from "../../contracts/scoring.ts";
import { nextQuestion } from "./route.ts";
import { routedRubric } from "./sampleRoute.ts";
import { sampleRubric } from "./sampleRubric.ts";
import { scoreAnswer } from "./score.ts";
import { wordVectors } from "./wordVectors.ts";

const language = "en";
const spoken = (question: string, text: string): Promise<AnswerScore> => {
  const asked = routedRubric.questions.find((one) => one.id === question);
  if (asked === undefined) throw new Error(`no question ${question}`);
  return scoreAnswer(
    { answerId: question, question: asked, rubric: routedRubric, language, answer: { kind: "spoken", text } },
    wordVectors(),
  );
};
const scored = (question: string, score: number | null, competencies: readonly string[]): AnswerScore => ({
  answerId: `a-${question}`,
  question,
  score,
  interval: [0, 1],
  evidence: [],
  insufficient: score === null,
  competencies: Object.fromEntries(competencies.map((one) => [one, score])),
});

const vague =
  "Our shop had become slow, so I ran a load test with the team, found the slow query, added an index and rolled it out in stages with a rollback plan.";
const whole =
  "Last year I was the lead engineer for our shop. I ran a load test in JMeter, found the slow query in Redis, added an index, and we rolled it out in stages with a rollback plan, so it fell from 800 ms to 120 ms.";

t.test("follows up an answer on the topic that gives no figure, and says what it looked at", async (t) => {
  const answer = await spoken("slow-shop", vague);
  const { question, reason } = nextQuestion({ rubric: routedRubric, asked: ["slow-shop"], answers: [answer] });
  t.equal(question, "slow-figures");
  t.equal(reason.rule, "followUp");
  t.match(reason.looked, [{ answerId: "slow-shop", score: answer.score, missing: ["numbers"] }]);
  t.ok(reason.looked[0]?.evidence.some(({ point, quote }) => point?.startsWith("concept:") && quote !== ""));
  t.match(reason.explanation, { "zh-CN": /具体数字/, en: /lacks figures/ });
});

t.test("names the points of evidence on a route only: a fixed order's evidence is as it was", async (t) => {
  const [asked] = sampleRubric.questions;
  if (asked === undefined) throw new Error("the rubric has no question");
  const given = { answerId: "slow-shop", language, answer: { kind: "spoken", text: whole } } as const;
  const fixed = await scoreAnswer({ ...given, question: asked, rubric: sampleRubric }, wordVectors());
  const routed = await spoken("slow-shop", whole);
  t.notOk(fixed.evidence.some((one) => "point" in one));
  t.ok(routed.evidence.some((one) => "point" in one));
  t.same({ ...routed, evidence: routed.evidence.map(({ point: _, ...one }) => one) }, fixed);
});

t.test("goes on to the plan when the figures were told", async (t) => {
  const answer = await spoken("slow-shop", whole);
  t.ok(answer.evidence.some(({ point }) => point === "numbers"));
  t.match(nextQuestion({ rubric: routedRubric, asked: ["slow-shop"], answers: [answer] }), {
    question: "analysis-3",
    reason: { rule: "harder" },
  });
});

t.test("asks for a concept that was not touched, in either language", async (t) => {
  const answer = await spoken("slow-shop", whole.replace(" with a rollback plan", ""));
  const { question, reason } = nextQuestion({ rubric: routedRubric, asked: ["slow-shop"], answers: [answer] });
  t.equal(question, "slow-rollback");
  t.match(reason.looked[0]?.missing, ["concept:回滚"]);
});

t.test("follows nothing up that is off the topic, silent, refused or unheard", async (t) => {
  for (const text of ["", "I don't know.", "My favourite food is fish with rice and lemon."]) {
    const answer = await spoken("slow-shop", text);
    const { reason } = nextQuestion({ rubric: routedRubric, asked: ["slow-shop"], answers: [answer] });
    t.equal(reason.rule, "easier", text);
  }
  const unheard = scored("slow-shop", null, ["analysis", "delivery"]);
  t.match(nextQuestion({ rubric: routedRubric, asked: ["slow-shop"], answers: [unheard] }), {
    reason: { rule: "planned" },
  });
});

t.test("follows a question up once, and no more often in an interview than the policy says", async (t) => {
  const answer = await spoken("slow-shop", vague.replace(" with a rollback plan", ""));
  const after = await spoken("slow-figures", "It was slow.");
  const once = nextQuestion({ rubric: routedRubric, asked: ["slow-shop", "slow-figures"], answers: [answer, after] });
  t.not(once.reason.rule, "followUp", "although the concept is missing too");
  const adaptive = { ...routedRubric.route?.adaptive, followUps: 0 };
  const none = rubricSchema.parse({ ...routedRubric, route: { ...routedRubric.route, adaptive } });
  t.not(nextQuestion({ rubric: none, asked: ["slow-shop"], answers: [answer] }).reason.rule, "followUp");
});

t.test("asks harder from one bound on, easier below the other, and as hard between, within the pool", async (t) => {
  const next = (score: number) =>
    nextQuestion({
      rubric: routedRubric,
      asked: ["slow-shop"],
      answers: [scored("slow-shop", score, ["analysis", "delivery"])],
    });
  t.match(next(0.65), { question: "analysis-3", reason: { rule: "harder", looked: [{ score: 0.65 }] } });
  t.match(next(0.64), { question: "analysis-2", reason: { rule: "level" } });
  t.match(next(0.4), { question: "analysis-2", reason: { rule: "level" } });
  t.match(next(0.39), { question: "analysis-1", reason: { rule: "easier" } });
  t.match(next(0.39).reason.explanation, { "zh-CN": /低于 0.4，问更容易的/, en: /below 0.4, so an easier one/ });
});

t.test("takes of two as near the harder after a good answer, and the easier else", async (t) => {
  const { pools = [] } = routedRubric.route ?? {};
  const [analysis, knowledge] = pools;
  const coarse = { ...analysis, questions: ["analysis-1", "analysis-3", "analysis-5"], count: 1 };
  const kept = routedRubric.questions.filter(({ id }) => id !== "analysis-2" && id !== "analysis-4");
  const first = { ...kept[0], difficulty: 3 };
  const changed = rubricSchema.parse({
    ...routedRubric,
    questions: [first, ...kept.slice(1)],
    route: { ...routedRubric.route, pools: [coarse, knowledge] },
  });
  const next = (score: number) =>
    nextQuestion({ rubric: changed, asked: ["slow-shop"], answers: [scored("slow-shop", score, ["analysis"])] });
  t.match(next(0.8), { question: "analysis-5", reason: { rule: "harder" } });
  t.match(next(0.2), { question: "analysis-1", reason: { rule: "easier" } });
});

t.test("says which answer it looked at where that lacked nothing, too", async (t) => {
  const answer = await spoken("slow-shop", whole);
  const bare = rubricSchema.parse({
    ...routedRubric,
    route: {
      ...routedRubric.route,
      first: ["slow-shop", "analysis-1"],
      pools: [
        { ...routedRubric.route?.pools[0], questions: ["analysis-2", "analysis-3", "analysis-4", "analysis-5"] },
        routedRubric.route?.pools[1],
      ],
    },
  });
  const { question, reason } = nextQuestion({ rubric: bare, asked: ["slow-shop"], answers: [answer] });
  t.match(
    { question, reason },
    { question: "analysis-1", reason: { rule: "first", looked: [{ answerId: "slow-shop" }] } },
  );
});

t.test("keeps to the plan of each competency, and ends with it", async (t) => {
  const every = ["analysis", "delivery", "knowledge"];
  const asked = ["slow-shop"];
  const answers = [scored("slow-shop", 0.9, ["analysis", "delivery"])];
  for (;;) {
    const { question, reason } = nextQuestion({ rubric: routedRubric, asked, answers });
    if (question === null) {
      t.equal(reason.rule, "end");
      break;
    }
    asked.push(question);
    const { competencies = every } = routedRubric.questions.find((one) => one.id === question) ?? {};
    answers.push(scored(question, 0.9, competencies));
  }
  t.same(asked, ["slow-shop", "analysis-3", "analysis-4", "knowledge-3"]);
});

t.test("chooses the same from the same, whatever the order in which results came in", async (t) => {
  const answers = [scored("slow-shop", 0.9, ["analysis"]), scored("analysis-3", 0.2, ["analysis"])];
  const asked = ["slow-shop", "analysis-3"];
  const one = nextQuestion({ rubric: routedRubric, asked, answers });
  t.same(nextQuestion({ rubric: routedRubric, asked, answers: [...answers].reverse() }), one);
  t.match(one, { question: "analysis-2", reason: { rule: "easier", looked: [{ answerId: "a-analysis-3" }] } });
});
