import t from "tap";
import { rubric } from "./rubric.ts";
import { contradictions, unanchored } from "./rubricChecks.ts";

const question = { id: "q1", kind: "spoken", text: { en: "Why?" } };
const two = (first: number, second: number): unknown => ({
  id: "sales",
  version: 1,
  competencies: [
    { id: "talk", weight: first, name: { "zh-CN": "沟通" } },
    { id: "stress", weight: second, name: { "zh-CN": "抗压" } },
  ],
  questions: [question],
});

t.test("takes a rubric whose weights sum to 100, also in parts of a percent", async (t) => {
  t.equal(rubric.safeParse(two(60, 40)).success, true);
  t.equal(rubric.safeParse(two(33.3, 66.7)).success, true);
});

t.test("refuses a rubric whose weights do not sum to 100 and says what they sum to", async (t) => {
  const result = rubric.safeParse(two(60, 30));
  t.match(result.error?.issues, [
    { path: ["competencies"], params: { fault: "rubric.weights" }, message: /sum to 90/ },
  ]);
});

t.test("refuses an id that stands twice and a competency that is not there", async (t) => {
  const base = two(60, 40) as { questions: object[] };
  t.match(rubric.safeParse({ ...base, questions: [question, question] }).error?.issues, [
    { message: /"q1" stands twice/ },
  ]);
  const unknown = { ...base, questions: [{ ...question, competencies: ["speed"] }] };
  t.match(rubric.safeParse(unknown).error?.issues, [{ params: { fault: "rubric.reference" }, message: /"speed"/ }]);
});

t.test("refuses a choice question whose right answer is not among its options", async (t) => {
  const base = two(60, 40) as object;
  const choice = {
    id: "q2",
    kind: "choice",
    text: { en: "Which?" },
    options: ["A", "B"].map((id) => ({ id, text: { en: id } })),
    correct: ["D"],
  };
  t.match(rubric.safeParse({ ...base, questions: [choice] }).error?.issues, [{ message: /names the option D/ }]);
});

t.test("takes what a question says of itself, and refuses what is none of it", async (t) => {
  const base = two(60, 40) as object;
  const stated = {
    ...question,
    structure: "claim-reason-example",
    specifics: ["numbers", "tools"],
    difficulty: 4,
    roles: ["销售", "sales"],
    tags: ["Python"],
  };
  t.match(rubric.parse({ ...base, questions: [stated] }).questions, [stated]);
  for (const wrong of [{ structure: "essay" }, { specifics: ["mood"] }, { specifics: [] }, { difficulty: 6 }])
    t.match(rubric.safeParse({ ...base, questions: [{ ...stated, ...wrong }] }).error?.issues, [
      { path: ["questions", 0, Object.keys(wrong)[0]] },
    ]);
});

t.test("names every contradiction at once, also beside a weight that is no number", async (t) => {
  const outline = {
    competencies: [
      { id: "talk", weight: Number.NaN },
      { id: "talk", weight: 40 },
    ],
    questions: [
      { id: "q1", competencies: ["speed", "talk", "haste"] },
      { id: "q1", options: [{ id: "A" }], correct: ["A", "C"] },
    ],
  };
  t.same(
    contradictions(outline).map(({ path }) => path.join(".")),
    [
      "competencies.1.id",
      "questions.1.id",
      "questions.0.competencies",
      "questions.0.competencies",
      "questions.1.correct",
    ],
  );
});

t.test("anchors stand at every level of the scale, and at no other, where there are any", async (t) => {
  const anchors = { "1": {}, "3": {}, "9": {} };
  const outline = {
    scale: [1, 2, 3],
    competencies: [
      { id: "talk", weight: 60, anchors },
      { id: "stress", weight: 40 },
    ],
    questions: [],
  };
  t.match(unanchored(outline), [
    { path: ["competencies", 0, "anchors", "2"], message: { en: /level 2/, "zh-CN": /2 级/ } },
    { path: ["competencies", 0, "anchors", "9"], message: { en: /no level 9/ } },
  ]);
  t.same(unanchored({ ...outline, scale: [1, 3, 9] }), []);
  const { scale: _, ...without } = outline;
  t.same(unanchored(without), []);
});

const program = {
  id: "q3",
  kind: "code",
  text: { en: "Double it." },
  languages: ["python"],
  cases: [{ name: "two", input: "2", expected: "4" }],
};
const complaints = (change: object) =>
  rubric.safeParse({ ...(two(60, 40) as object), questions: [{ ...program, ...change }] }).error?.issues;

t.test("fills in what a code question leaves away", async (t) => {
  const { questions } = rubric.parse({ ...(two(60, 40) as object), questions: [program] });
  t.match(questions[0], {
    starter: {},
    cases: [{ hidden: false, weight: 1 }],
    limits: { cpuSeconds: 2, wallSeconds: 10, memoryMegabytes: 128, outputKilobytes: 64 },
  });
});

t.test("refuses a code question that cannot be judged, naming the field and what helps", async (t) => {
  const at = (...rest: string[]) => ["questions", 0, ...rest];
  const [one] = program.cases;
  t.match(complaints({ cases: [one, one] }), [{ path: at("cases"), message: /two cases have the name "two"/ }]);
  t.match(complaints({ languages: ["python", "python"] }), [{ path: at("languages"), message: /python twice/ }]);
  t.match(complaints({ languages: ["cobol"] }), [{ path: ["questions", 0, "languages", 0] }]);
  t.match(complaints({ limits: { memoryMegabytes: 100_000 } }), [{ path: at("limits", "memoryMegabytes") }]);
  const many = Array.from({ length: 31 }, (_, number) => ({ ...one, name: String(number) }));
  t.match(complaints({ cases: many }), [
    { path: at("cases"), message: /take at most 30, or lower limits.wallSeconds/ },
  ]);
  t.equal(complaints({ cases: many, limits: { wallSeconds: 5 } }), undefined);
});
