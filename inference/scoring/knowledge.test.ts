import t from "tap";
import type { Language } from "../../contracts/language.ts";
import { compareWithReference } from "./knowledge.ts";
import { beyond, cosine } from "./meaning.ts";
import { clauses } from "./text.ts";
import { wordingTokens } from "./tokens.ts";
import { wordVectors } from "./wordVectors.ts";

const embedder = wordVectors();

t.test("Chinese wording is compared by words, our own included, and by pairs of characters", (t) => {
  const tokens = wordingTokens("我们先做压测，再灰度发布", "zh-CN");
  for (const one of ["压测|", "灰度发布|", "灰度"]) t.ok(tokens.includes(one), one);
  t.notOk(tokens.includes("我们|"), "function words say nothing");
  t.same(wordingTokens("We ran load tests", "en"), ["ran", "load", "test"]);
  t.end();
});

t.test("what two vectors have in common with the question is no likeness", (t) => {
  const question = Float32Array.of(1, 0, 0);
  const [one, other] = [Float32Array.of(0.8, 0.6, 0), Float32Array.of(0.8, 0, 0.6)];
  t.ok(cosine(one, other) > 0.6);
  t.ok(Math.abs(cosine(beyond(one, [question]), beyond(other, [question]))) < 1e-6);
  t.same([...beyond(question, [question])], [0, 0, 0]);
  t.end();
});

t.test(
  "an answer ranks above its half, the half above the opposite, and that above the question's words",
  async (t) => {
    const cases: [Language, string, string, string[]][] = [
      [
        "en",
        "Why is a queue put between two services?",
        "The sender stays available when the receiver fails, and load peaks are spread over time.",
        [
          "The sender stays available when the receiver fails and peaks of load are spread over time.",
          "Load peaks are spread over time.",
          "The sender never stays available when the receiver fails.",
          "A queue stands between two services.",
        ],
      ],
      [
        "zh-CN",
        "为什么要在两个服务之间放消息队列？",
        "接收方故障时发送方仍然可用，并且负载高峰被分散。",
        [
          "接收方故障时发送方仍然可用，负载高峰也被分散了。",
          "负载的高峰会被分散开。",
          "接收方故障时发送方不可用。",
          "在两个服务之间放一个消息队列。",
        ],
      ],
    ];
    for (const [language, question, reference, answers] of cases) {
      const points: number[] = [];
      for (const text of answers) {
        const given = { clauses: clauses(text, language), questionTexts: [question], reference, language };
        const findings = await compareWithReference(given, embedder);
        points.push(findings.reduce((sum, one) => sum + one.points, 0));
      }
      t.same(
        points,
        [...points].sort((a, b) => b - a),
        `${language}: ${points.map((one) => one.toFixed(2)).join()}`,
      );
    }
  },
);
