import { type Rubric, rubric } from "../../contracts/rubric.ts";

/** What the template shows: every kind of cell filled once, to be overwritten. */
export const templateRubric: Rubric = rubric.parse({
  id: "example",
  version: 1,
  scale: [1, 2, 3],
  competencies: [
    {
      id: "communication",
      weight: 60,
      name: { "zh-CN": "沟通", en: "Communication" },
      anchors: {
        "1": { "zh-CN": "说不清要点", en: "Makes no point clear" },
        "2": {
          "zh-CN": "要点清楚，没有确认对方是否听懂",
          en: "Makes the point, does not check that it was understood",
        },
        "3": { "zh-CN": "要点清楚，并向对方确认", en: "Makes the point and has it confirmed" },
      },
    },
    {
      id: "analysis",
      weight: 40,
      name: { "zh-CN": "分析", en: "Analysis" },
      anchors: {
        "1": { "zh-CN": "只说现象", en: "Names symptoms only" },
        "2": { "zh-CN": "找到原因", en: "Finds the cause" },
        "3": { "zh-CN": "用数据证实原因", en: "Proves the cause with figures" },
      },
    },
  ],
  questions: [
    {
      id: "slow-report",
      kind: "spoken",
      text: {
        "zh-CN": "请讲一次你用 Python 让一份报表变快的经历：原因是什么，结果怎样？",
        en: "Tell us about a report that you made faster with Python: what was the cause, and what came of it?",
      },
      competencies: ["communication", "analysis"],
      difficulty: 3,
      roles: ["数据分析师", "data analyst"],
      tags: ["Python", "编程"],
      answerLimitSeconds: 120,
      structure: "situation-task-action-result",
      specifics: ["numbers", "tools"],
      reference: {
        "zh-CN": ["先测量哪一步慢，再改用批量查询，并用前后时间证实。"],
        en: ["Measured which step was slow, queried in batches, and proved it by the times before and after."],
      },
      concepts: {
        "zh-CN": [
          { competency: "analysis", terms: ["测量", "定位"] },
          { competency: "communication", terms: ["说明", "确认"] },
        ],
        en: [
          { competency: "analysis", terms: ["measured", "profiled"] },
          { competency: "communication", terms: ["explained", "confirmed"] },
        ],
      },
    },
    {
      id: "first-check",
      kind: "choice",
      text: {
        "zh-CN": "报表的数字与上周不同，先做什么？",
        en: "A report's figures differ from last week's. What comes first?",
      },
      competencies: ["analysis"],
      difficulty: 1,
      options: [
        { id: "A", text: { "zh-CN": "比较两周的数据来源", en: "Compare the sources of both weeks" } },
        { id: "B", text: { "zh-CN": "重新生成报表", en: "Make the report again" } },
      ],
      correct: ["A"],
    },
  ],
});
