import { type CaseReport, codeLimits, type Judgement, type Verdict } from "../../contracts/judge.ts";
import type { CodeQuestion, Rubric } from "../../contracts/rubric.ts";

/** A code question with a case that the candidate sees and one, worth three times as much, that nobody sees. */
export const codeQuestion: CodeQuestion = {
  id: "double",
  kind: "code",
  text: { en: "Print twice the number.", "zh-CN": "输出该数的两倍。" },
  languages: ["python", "javascript"],
  starter: { python: "n = int(input())\n" },
  cases: [
    { name: "small", input: "2\n", expected: "4", hidden: false, weight: 1 },
    { name: "large", input: "40000000\n", expected: "80000000", hidden: true, weight: 3 },
  ],
  limits: codeLimits.parse({}),
};

export const codeRubric: Rubric = {
  id: "code",
  version: 1,
  competencies: [
    { id: "care", weight: 60, name: { en: "care" } },
    { id: "craft", weight: 40, name: { en: "craft" } },
  ],
  questions: [codeQuestion],
};

/** What the judge says of the two cases. */
export function judgementOf(small: Verdict, large: Verdict): Judgement {
  const report = (name: string, verdict: Verdict): CaseReport => ({
    name,
    verdict,
    cpuMillis: 12,
    wallMillis: 20,
    peakKilobytes: 9000,
    output: "",
    complaint: "",
  });
  return { language: "python", engine: "Python 3", cases: [report("small", small), report("large", large)] };
}
