import t from "tap";
import { rubric } from "./rubric.ts";

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
