import { Fault } from "../../contracts/fault.ts";
import type { Judgement, Verdict } from "../../contracts/judge.ts";
import type { Language } from "../../contracts/language.ts";
import type { CodeQuestion, Rubric } from "../../contracts/rubric.ts";
import type { Evidence } from "../../contracts/scoring.ts";
import { type Finding, found, settle, sharesOf, sumOf } from "./evidence.ts";

/** A program and what became of it; `judgement` absent where nothing was written: there is nothing to judge then. */
export type CodeAnswer = { kind: "code"; source: string; judgement?: Pick<Judgement, "cases"> | undefined };

/** What a verdict is called before people. */
export const verdictWords: Readonly<Record<Verdict, Readonly<Record<Language, string>>>> = {
  accepted: { "zh-CN": "输出正确", en: "right output" },
  wrongAnswer: { "zh-CN": "输出错误", en: "wrong output" },
  timeLimit: { "zh-CN": "超出时间限制", en: "took too long" },
  memoryLimit: { "zh-CN": "超出内存限制", en: "took too much memory" },
  outputLimit: { "zh-CN": "输出过多", en: "wrote too much" },
  runtimeError: { "zh-CN": "运行出错", en: "ended with an error" },
  syntaxError: { "zh-CN": "语法错误，未能运行", en: "syntax error, nothing ran" },
};

const nowhere = () => ({ start: null, end: null });

/** Whether there is a program at all. */
export const isWritten = (source: string): boolean => source.trim() !== "";

/**
 * Scores code: each case counts by its weight, whole or not at all, and each is a piece of evidence, also where it adds
 * nothing. No code counts as silence. Throws `use.invalid` where a case of the question has no report.
 */
export function weighCode(given: { question: CodeQuestion; rubric: Rubric; answer: CodeAnswer }): {
  score: number;
  evidence: Evidence[];
} {
  const { question, answer } = given;
  const shares = sharesOf(question, given.rubric);
  if (!isWritten(answer.source)) {
    const nothing = found(null, { rule: "silence", points: 0, zh: "没有写代码", en: "no code was written" });
    return { score: 0, evidence: settle([nothing], shares, nowhere) };
  }
  const total = question.cases.reduce((sum, one) => sum + one.weight, 0);
  const findings = question.cases.map((one, at): Finding => {
    const report = answer.judgement?.cases.find(({ name }) => name === one.name);
    if (report === undefined)
      throw new Fault("use.invalid", `the case ${JSON.stringify(one.name)} was not judged; judge every case`, {
        field: `judgement.cases[${at}]`,
      });
    // Without its times: they are of the day, and the same code has the same score on every one.
    const { "zh-CN": zh, en } = verdictWords[report.verdict];
    const points = report.verdict === "accepted" ? one.weight / total : 0;
    return { ...found({ text: one.name, start: 0, end: 0 }, { rule: "case", points, zh, en }), always: true };
  });
  const evidence = settle(findings, shares, nowhere);
  return { score: sumOf(evidence), evidence };
}
