import { type Rubric, rubric, type SpokenQuestion } from "../../contracts/rubric.ts";
import { sampleRubric } from "./sampleRubric.ts";

const levels = [1, 2, 3, 4, 5];
const spoken = (id: string, more: Partial<SpokenQuestion>): SpokenQuestion => ({
  id,
  kind: "spoken",
  text: { en: `Tell us of ${id}: what did you do?` },
  ...more,
});

/**
 * The small rubric of the tests on a route: one question for everyone, with follow-ups, then two of five for analysis and
 * one of five for knowledge. `analysis-3` is of difficulty 3; the first is of difficulty 2.
 */
export const routedRubric: Rubric = rubric.parse({
  ...sampleRubric,
  questions: [
    {
      ...sampleRubric.questions[0],
      difficulty: 2,
      followUps: [
        { question: "slow-figures", missing: ["numbers", "role"] },
        { question: "slow-rollback", concept: "回滚" },
      ],
    },
    spoken("slow-figures", {
      text: {
        "zh-CN": "前后的数字是多少？你的角色是什么？",
        en: "What were the figures before and after, and what was your role?",
      },
    }),
    spoken("slow-rollback", { text: { en: "What would you have done if the change had failed?" } }),
    ...levels.map((difficulty) => spoken(`analysis-${difficulty}`, { difficulty, competencies: ["analysis"] })),
    ...levels.map((difficulty) => spoken(`knowledge-${difficulty}`, { difficulty, competencies: ["knowledge"] })),
  ],
  route: {
    first: ["slow-shop"],
    pools: [
      { competency: "analysis", questions: levels.map((one) => `analysis-${one}`), count: 2 },
      { competency: "knowledge", questions: levels.map((one) => `knowledge-${one}`) },
    ],
    adaptive: {},
  },
});

const competencies = ["analysis", "delivery", "care"];
const drawn = (competency: string): string[] =>
  levels.flatMap((level) => [`${competency}-${level}`, `${competency}-${level}b`]);

/**
 * A rubric for simulated candidates: one question for everyone and two of ten for each of three competencies, and each of
 * the questions for everyone can be followed up.
 */
export const simulatedRubric: Rubric = rubric.parse({
  id: "simulated",
  version: 1,
  competencies: competencies.map((id, at) => ({ id, weight: [40, 30, 30][at], name: { en: id } })),
  questions: competencies.flatMap((id) => [
    spoken(`${id}-first`, {
      competencies: [id],
      followUps: [{ question: `${id}-first-figures`, missing: ["numbers"] }],
    }),
    spoken(`${id}-first-figures`, { text: { en: "Which figures were there?" } }),
    ...levels.flatMap((difficulty) => [
      spoken(`${id}-${difficulty}`, { difficulty, competencies: [id] }),
      spoken(`${id}-${difficulty}b`, { difficulty, competencies: [id] }),
    ]),
  ]),
  route: {
    first: competencies.map((id) => `${id}-first`),
    pools: competencies.map((competency) => ({ competency, questions: drawn(competency), count: 2 })),
    adaptive: {},
  },
});
