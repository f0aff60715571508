import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import type { AnswerScore } from "../contracts/scoring.ts";
import { projectRoot } from "../runtime/paths.ts";
import { runCandor } from "./demo/plans.ts";
import { scoreFile } from "./score.ts";

// The order tests run the real embedder, from where `candor models fetch` puts it, and may share two cores with others.
t.setTimeout(240_000);

const rubric = {
  id: "small",
  version: 1,
  competencies: [{ id: "design", weight: 100, name: { en: "design" } }],
  questions: [
    {
      id: "locks",
      kind: "choice",
      text: { en: "Which?" },
      options: [
        { id: "A", text: { en: "one" } },
        { id: "B", text: { en: "two" } },
      ],
      correct: ["B"],
    },
    { id: "told", kind: "spoken", text: { en: "What is a lock?" }, reference: { en: ["A lock keeps others out."] } },
  ],
};

async function written(t: { teardown: (work: () => Promise<void>) => void }, content: unknown): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "candor-score-"));
  t.teardown(() => rm(folder, { recursive: true }));
  const file = join(folder, "answers.json");
  await writeFile(file, typeof content === "string" ? content : JSON.stringify(content));
  return file;
}

t.test("refuses a rubric whose weights sum to 90, and says so", async (t) => {
  const light = { ...rubric, competencies: [{ id: "design", weight: 90, name: { en: "design" } }] };
  await t.rejects(scoreFile(await written(t, { rubric: light, answers: [] })), {
    code: "rubric.weights",
    message: /90.*make them sum to 100/,
  });
});

t.test("refuses an answer to a question that is not in the rubric, naming the place", async (t) => {
  const file = await written(t, { rubric, answers: [{ id: "a", question: "lock", choice: ["B"] }] });
  await t.rejects(scoreFile(file), { code: "rubric.reference", field: "answers[0].question" });
});

t.test("refuses a file that is not there, is no JSON, or has an answer without content", async (t) => {
  await t.rejects(scoreFile("/nowhere/answers.json"), { code: "file.missing" });
  await t.rejects(scoreFile(await written(t, "{")), { code: "message.malformed", message: /not JSON/ });
  await t.rejects(scoreFile(await written(t, { rubric, answers: [{ id: "a", question: "told" }] })), {
    code: "message.malformed",
    field: "answers[0].text",
  });
  await t.rejects(scoreFile(await written(t, { rubric, answers: [{ id: "a", question: "locks", choice: ["E"] }] })), {
    code: "message.malformed",
    field: "answers[0].choice",
  });
  const twice = { id: "a", question: "locks", choice: ["B"] };
  await t.rejects(scoreFile(await written(t, { rubric, answers: [twice, twice] })), {
    code: "message.malformed",
    field: "answers[1].id",
  });
});

t.test("scores choices without any model", async (t) => {
  const answers = ["A", "B"].map((id) => ({ id, question: "locks", choice: [id] }));
  const scores = await scoreFile(await written(t, { rubric, answers }), { modelsDirectory: "/nowhere" });
  t.same(
    scores.map((one) => one.score),
    [0, 1],
  );
});

t.test("judges code by its cases, without any model", async (t) => {
  const sum = {
    id: "sum",
    kind: "code",
    text: { en: "Print the sum." },
    languages: ["python", "javascript"],
    cases: [
      { name: "two", input: "1 2\n", expected: "3" },
      { name: "none", input: "\n", expected: "0", weight: 3, hidden: true },
    ],
  };
  const answer = (id: string, language: string, source: string) => ({
    id,
    question: "sum",
    code: { language, source },
  });
  const content = { rubric: { ...rubric, questions: [sum] } };
  const answers = [
    answer("python", "python", "print(sum(map(int, input().split())))"),
    answer("half", "javascript", "console.log(readline().split(' ').length === 2 ? 3 : 9)"),
    answer("wrong", "javascript", "print(3"),
    answer("empty", "python", ""),
  ];
  const scores = await scoreFile(await written(t, { ...content, answers }), { modelsDirectory: "/nowhere" });
  t.same(
    scores.map((one) => one.score),
    [1, 0.25, 0, 0],
  );
  t.match(scores[2]?.evidence[0], { rule: "case", explanation: { en: /syntax error/ } });
  t.match(scores[3]?.evidence, [{ rule: "silence" }]);
  const refusal = async (given: object) =>
    t.rejects(scoreFile(await written(t, { ...content, answers: [{ id: "a", question: "sum", ...given }] })), {
      code: "message.malformed",
      field: /answers\[0\]\.code/,
    });
  await refusal({ choice: ["A"] });
  await refusal({ code: { language: "cobol", source: "" } });
});

t.test("orders a right program over a careless one, a wrong one and an endless one", async (t) => {
  const scores = await scoreFile(join(projectRoot, "test/fixtures/code/brackets.json"));
  t.same(
    scores.map((one) => [one.answerId, one.score]),
    [
      ["strong", 1],
      ["medium", 0.8],
      ["weak", 0.7],
      ["endless", 0],
    ],
  );
});

t.test("a text without the models is refused with the remedy", async (t) => {
  const file = await written(t, { rubric, answers: [{ id: "a", question: "told", text: "It keeps others out." }] });
  await t.rejects(scoreFile(file, { modelsDirectory: join(tmpdir(), "candor-no-models") }), {
    code: "model.missing",
    message: /candor models fetch/,
  });
});

t.test("a folder is a sealed recording, and wants the key to it", async (t) => {
  await t.rejects(runCandor(["score", t.testdir()]), { message: /ended with 2: .*--key/ });
});

t.test("a recording that is not there makes its own answer insufficient and no other", async (t) => {
  const answers = [
    { id: "gone", question: "told", audio: "gone.opus" },
    { id: "right", question: "locks", choice: ["B"] },
  ];
  const scores = await scoreFile(await written(t, { rubric, answers }));
  t.same(
    scores.map((one) => [one.score, one.insufficient]),
    [
      [null, true],
      [1, false],
    ],
  );
  t.same(scores[0]?.faults, ["file.missing"]);
});

for (const name of ["backend-engineer", "customer-service"])
  t.test(`orders strong over medium over weak in ${name}, in both languages`, async (t) => {
    const file = join(projectRoot, "test/fixtures/interview", `${name}.json`);
    const byId = new Map((await scoreFile(file)).map((one): [string, AnswerScore] => [one.answerId, one]));
    for (const strong of [...byId.keys()].filter((id) => id.endsWith("-strong"))) {
      const [best, middle, worst] = ["strong", "medium", "weak"].map(
        (word) => byId.get(strong.replace(/strong$/, word))?.score ?? Number.NaN,
      );
      t.ok((best ?? 0) >= 0.6 && (best ?? 0) > (middle ?? 1) + 0.2, `${strong}: ${best} over ${middle}`);
      t.ok((worst ?? 1) <= 0.3 && (middle ?? 0) > (worst ?? 1) + 0.05, `${strong}: ${middle} over ${worst}`);
    }
  });
