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
