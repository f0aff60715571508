import t from "tap";
import { lengthOf, needsEvidence, plannedAfter, questionOf } from "./plan.ts";
import { rubric } from "./rubric.ts";

const spoken = (id: string, more: object = {}) => ({ id, kind: "spoken", text: { en: `${id}?` }, ...more });
const base = {
  id: "r",
  version: 1,
  competencies: [
    { id: "care", weight: 60, name: { en: "care" } },
    { id: "speed", weight: 40, name: { en: "speed" } },
  ],
  questions: [
    spoken("story", {
      concepts: { en: [["load test", "benchmark"]] },
      reference: { en: ["We ran a load test."] },
      competencies: ["care"],
      followUps: [{ question: "more", missing: ["numbers"] }],
    }),
    spoken("more"),
    spoken("easy", { competencies: ["speed"], difficulty: 1 }),
    spoken("middle", { competencies: ["speed"] }),
    spoken("hard", { competencies: ["speed"], difficulty: 5 }),
  ],
  route: {
    first: ["story"],
    pools: [{ competency: "speed", questions: ["hard", "easy", "middle"], count: 2 }],
    adaptive: {},
  },
};
const issuesOf = (change: object) => rubric.safeParse({ ...base, ...change }).error?.issues;
const question = (at: number, change: object) => ({
  questions: base.questions.map((one, place) => (place === at ? { ...one, ...change } : one)),
});

t.test("plans the questions for everyone, then the middle of each pool, and ends", async (t) => {
  const value = rubric.parse(base);
  const asked: string[] = [];
  for (let next = plannedAfter(value, asked); next !== null; next = plannedAfter(value, asked)) asked.push(next);
  t.same(asked, ["story", "middle", "easy"]);
  t.equal(lengthOf(value, asked), 3);
  t.equal(lengthOf(value, ["story", "more"]), 4, "a follow-up comes on top");
});

t.test("waits for evidence only where an answer has a say", async (t) => {
  const value = rubric.parse(base);
  t.equal(needsEvidence(value, ["story"]), true);
  t.equal(needsEvidence(value, ["story", "more", "hard", "easy"]), false, "the end of the plan is the end");
  const fixed = rubric.parse({ ...base, route: { ...base.route, adaptive: undefined } });
  t.equal(needsEvidence(fixed, ["story"]), false);
});

t.test(
  "scores a follow-up by what the question before is scored by, and by its own words where it has them",
  async (t) => {
    const value = rubric.parse(base);
    t.match(questionOf(value, "more"), {
      id: "more",
      text: { en: "more?" },
      competencies: ["care"],
      concepts: { en: [["load test", "benchmark"]] },
    });
    const own = rubric.parse({ ...base, ...question(1, { competencies: ["speed"] }) });
    t.same(questionOf(own, "more")?.competencies, ["speed"]);
  },
);

t.test("leaves a rubric without a route as it was", async (t) => {
  const plain = { ...base, ...question(0, { followUps: undefined }), route: undefined };
  const read = rubric.parse(plain);
  t.same(JSON.parse(JSON.stringify(read)), JSON.parse(JSON.stringify(plain)), "nothing is filled in");
  t.equal(lengthOf(read, []), 5);
});

t.test("refuses a route that names what is not there, at its place", async (t) => {
  t.match(issuesOf({ route: { ...base.route, first: ["story", "gone"] } }), [
    { path: ["route", "first", 1], params: { fault: "rubric.reference" }, message: /"gone"/ },
  ]);
  t.match(issuesOf(question(0, { followUps: [{ question: "more", concept: "unit test" }] })), [
    { path: ["questions", 0, "followUps", 0, "concept"], message: /"unit test" is no term/ },
  ]);
  const strange = { competency: "care", questions: ["hard", "easy", "middle"] };
  t.match(issuesOf({ route: { ...base.route, pools: [strange] } }), [
    { path: ["route", "pools", 0, "questions", 0], message: /does not count towards "care"/ },
  ]);
});

t.test("refuses a route that cannot be asked", async (t) => {
  t.match(issuesOf({ route: undefined }), [{ path: ["questions", 0, "followUps"], message: /by a route only/ }]);
  t.match(issuesOf({ route: { ...base.route, first: ["story", "more"] } }), [
    { message: /a place in the route already/ },
  ]);
  const many = { ...base.route.pools[0], count: 4 };
  t.match(issuesOf({ route: { ...base.route, pools: [many] } }), [
    { path: ["route", "pools", 0, "count"], message: /asks for 4 of 3/ },
  ]);
  t.match(issuesOf({ route: { first: ["story"], adaptive: {} } }), [
    { path: ["questions", 2], message: /has no place in the route/ },
    { path: ["competencies", 1], message: /no question of the route counts towards it/ },
  ]);
  t.match(issuesOf({ route: { ...base.route, adaptive: { easierBelow: 0.8, harderFrom: 0.5 } } }), [
    { path: ["route", "adaptive", "easierBelow"], message: /lower it/ },
  ]);
  t.match(issuesOf(question(0, { followUps: [{ question: "more" }] })), [{ message: /neither what is missing/ }]);
  t.match(issuesOf(question(4, { difficulty: 6 })), [{ path: ["questions", 4, "difficulty"] }]);
});
