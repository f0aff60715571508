import t from "tap";
import type { SpokenQuestion } from "../../contracts/rubric.ts";
import { findSound } from "./concepts.ts";
import { soundingLike } from "./homophones.ts";
import { sampleRubric } from "./sampleRubric.ts";
import { scoreAnswer } from "./score.ts";
import { wordVectors } from "./wordVectors.ts";

t.test("a term written by its sound is found, as it stands in the text, and not where it is denied", (t) => {
  t.same(soundingLike("我们做了亚测", "压测"), [{ at: 4, heard: "亚测" }]);
  t.equal(findSound("我們做了會滾方案", "回滚方案"), "会滚方案", "three syllables need no tones");
  t.equal(findSound("我们没有做亚测", "压测"), undefined);
  t.equal(findSound("我们做了压测", "压测"), undefined, "as it is, it is no homophone");
  t.end();
});

t.test("two syllables alone do not make a homophone, nor does a term with other signs in it", (t) => {
  t.same(soundingLike("事实就是这样", "实施"), [], "other tones and no character in common");
  t.same(soundingLike("我用了锁", "索"), []);
  t.same(soundingLike("用瑞迪斯做缓存", "redis缓存"), []);
  t.end();
});

t.test("a concept by its sound earns its points, under a rule of its own that quotes what was written", async (t) => {
  const question: SpokenQuestion = {
    id: "slow",
    kind: "spoken",
    text: { "zh-CN": "讲一次你处理系统变慢的经历。" },
    competencies: ["analysis"],
    concepts: { "zh-CN": [["压测"], ["索引"]] },
  };
  const said = async (text: string) =>
    scoreAnswer(
      {
        answerId: "a",
        question,
        rubric: { ...sampleRubric, questions: [question] },
        language: "zh-CN",
        answer: { kind: "spoken", text },
      },
      wordVectors(),
    );
  const [right, written] = [
    await said("去年系统变慢，我先做了压测，找到原因。"),
    await said("去年系统变慢，我先做了亚测，找到原因。"),
  ];
  const [concept] = right.evidence.filter((one) => one.rule === "concept");
  const [sound] = written.evidence.filter((one) => one.rule === "homophone");
  t.equal(sound?.weight, concept?.weight);
  t.match(sound?.quote, /亚测/);
  t.match(sound?.explanation, { "zh-CN": /压测.+亚测/, en: /压测.+亚测/ });
  t.notOk(written.evidence.some((one) => one.rule === "concept"));
});
