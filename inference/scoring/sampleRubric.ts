import { type Rubric, rubric } from "../../contracts/rubric.ts";

/** A small rubric for tests: work done (concepts and reference), knowledge (reference only), nothing but a text, and a choice. */
export const sampleRubric: Rubric = rubric.parse({
  id: "sample",
  version: 1,
  scale: [1, 2, 3, 4, 5],
  competencies: [
    {
      id: "analysis",
      weight: 40,
      name: { "zh-CN": "分析", en: "analysis" },
      anchors: { "1": { en: "locates nothing" }, "3": { en: "names the cause" }, "5": { en: "measures the cause" } },
    },
    { id: "delivery", weight: 30, name: { "zh-CN": "交付", en: "delivery" } },
    { id: "knowledge", weight: 30, name: { "zh-CN": "知识", en: "knowledge" } },
  ],
  questions: [
    {
      id: "slow-shop",
      kind: "spoken",
      text: {
        "zh-CN": "请讲一次你解决系统变慢的经历：原因是什么，你做了什么？",
        en: "Tell us about a time when you made a slow system fast: what was the cause and what did you do?",
      },
      competencies: ["analysis", "delivery"],
      reference: {
        "zh-CN": ["用压测找到慢的原因，加上索引和缓存，分批灰度上线并准备回滚。"],
        en: [
          "Found the cause by load tests, added an index and a cache, and rolled it out in stages with a rollback plan.",
        ],
      },
      concepts: {
        "zh-CN": [
          { competency: "analysis", terms: ["压测", "慢查询"] },
          { competency: "analysis", terms: ["索引", "缓存"] },
          { competency: "delivery", terms: ["灰度", "分批"] },
          { competency: "delivery", terms: ["回滚"] },
        ],
        en: [
          { competency: "analysis", terms: ["load test", "slow query"] },
          { competency: "analysis", terms: ["index", "cache"] },
          { competency: "delivery", terms: ["stages", "rolled out"] },
          { competency: "delivery", terms: ["rollback"] },
        ],
      },
    },
    {
      id: "terminals",
      kind: "spoken",
      text: { "zh-CN": "为什么电压是零？", en: "Why is the voltage zero?" },
      competencies: ["knowledge"],
      reference: {
        "zh-CN": ["两个端子是连接的，电气状态相同。"],
        en: ["The two terminals are connected, so they are in the same electrical state."],
      },
    },
    {
      id: "locks",
      kind: "choice",
      text: { en: "Which of these removes the cause of the locks?" },
      competencies: ["knowledge"],
      options: [
        { id: "A", text: { en: "Retry" } },
        { id: "B", text: { en: "One owner for the table" } },
        { id: "C", text: { en: "A faster server" } },
      ],
      correct: ["B"],
    },
  ],
});
