import t from "tap";
import { verdict } from "../../contracts/judge.ts";
import type { Embedder } from "../../contracts/ports.ts";
import { codeQuestion, codeRubric, judgementOf } from "../../test/rigs/code.ts";
import { type CodeAnswer, verdictWords } from "./code.ts";
import { scoreAnswer } from "./score.ts";

const unused: Embedder = {
  dimensions: 0,
  embed: () => Promise.reject(new Error("code was embedded")),
  close: () => Promise.resolve(),
};
const scoreOf = (answer: CodeAnswer, question = codeQuestion) =>
  scoreAnswer({ answerId: "a", question, rubric: codeRubric, language: "en", answer }, unused);
const program = { kind: "code", source: "print(1)" } as const;

t.test("counts each case by its weight, and shows those that failed as well", async (t) => {
  const score = await scoreOf({ ...program, judgement: judgementOf("wrongAnswer", "accepted") });
  t.match(score, {
    score: 0.75,
    interval: [0.75, 0.75],
    insufficient: false,
    competencies: { care: 0.75, craft: 0.75 },
  });
  t.strictSame(
    score.evidence.map(({ competency, quote, weight, rule, start }) => ({ competency, quote, weight, rule, start })),
    [
      { competency: "care", quote: "small", weight: 0, rule: "case", start: null },
      { competency: "care", quote: "large", weight: 0.45, rule: "case", start: null },
      { competency: "craft", quote: "small", weight: 0, rule: "case", start: null },
      { competency: "craft", quote: "large", weight: 0.3, rule: "case", start: null },
    ],
  );
  t.match(score.evidence[0]?.explanation, { "zh-CN": "输出错误", en: "wrong output" });
});

t.test("gives all for every case and nothing for none, whatever the verdicts are", async (t) => {
  t.match(await scoreOf({ ...program, judgement: judgementOf("accepted", "accepted") }), { score: 1 });
  for (const one of verdict.options.filter((name) => name !== "accepted")) {
    const score = await scoreOf({ ...program, judgement: judgementOf(one, one) });
    t.match(score, { score: 0, insufficient: false }, one);
    t.equal(score.evidence.length, 4);
    t.strictSame(score.evidence[0]?.explanation, verdictWords[one]);
  }
});

t.test("shares seven cases of one weight out so that they sum to 1", async (t) => {
  const cases = Array.from({ length: 7 }, (_, at) => ({ ...codeQuestion.cases[0], name: `case ${at}` }));
  const question = { ...codeQuestion, cases: cases as typeof codeQuestion.cases };
  const [one] = judgementOf("accepted", "accepted").cases;
  const judgement = { cases: cases.map(({ name }) => ({ ...one, name })) } as CodeAnswer["judgement"];
  t.equal((await scoreOf({ ...program, judgement }, question)).score, 1);
});

t.test("takes no code for silence", async (t) => {
  const score = await scoreOf({ kind: "code", source: " \n" });
  t.match(score, { score: 0, insufficient: false });
  t.match(score.evidence[0], { rule: "silence", quote: "" });
});

t.test("scores the same code the same on a slower day", async (t) => {
  const judgement = judgementOf("accepted", "wrongAnswer");
  const slower = { ...judgement, cases: judgement.cases.map((one) => ({ ...one, cpuMillis: 900, wallMillis: 1900 })) };
  t.strictSame(await scoreOf({ ...program, judgement: slower }), await scoreOf({ ...program, judgement }));
});

t.test("refuses a program of which a case was not judged", async (t) => {
  const { cases } = judgementOf("accepted", "accepted");
  await t.rejects(scoreOf({ ...program, judgement: { cases: cases.slice(0, 1) } }), {
    code: "use.invalid",
    field: "judgement.cases[1]",
    message: /"large" was not judged/,
  });
  await t.rejects(scoreOf(program), { code: "use.invalid" });
});
