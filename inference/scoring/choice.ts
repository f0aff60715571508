import { inLanguage, type Language } from "../../contracts/language.ts";
import type { ChoiceQuestion, Rubric } from "../../contracts/rubric.ts";
import type { Evidence } from "../../contracts/scoring.ts";
import { found, settle, sharesOf, sumOf } from "./evidence.ts";

export type ChoiceAnswer = { kind: "choice"; chosen: readonly string[] };

/**
 * Scores a choice: each right option an equal part, each wrong one the same part off, not below 0; so one right option of
 * one gives 1 and a wrong one 0. No choice counts as silence.
 */
export function weighChoice(given: {
  question: ChoiceQuestion;
  rubric: Rubric;
  language: Language;
  answer: ChoiceAnswer;
}): { score: number; evidence: Evidence[] } {
  const { question, language } = given;
  const shares = sharesOf(question, given.rubric);
  const nowhere = () => ({ start: null, end: null });
  const chosen = [...new Set(given.answer.chosen.map((one) => one.trim().toUpperCase()).filter((one) => one !== ""))];
  if (chosen.length === 0) {
    const evidence = settle(
      [found(null, { rule: "silence", points: 0, zh: "没有选择", en: "nothing was chosen" })],
      shares,
      nowhere,
    );
    return { score: 0, evidence };
  }
  const part = 1 / question.correct.length;
  const wrongs = chosen.filter((id) => !question.correct.some((one) => one === id)).length;
  const findings = chosen.map((id) => {
    const right = question.correct.some((one) => one === id);
    const option = question.options.find((one) => one.id === id);
    const text = option === undefined ? id : `${id} ${inLanguage(option.text, language)}`;
    const said = right ? { zh: "选择正确", en: "right" } : { zh: "选择错误", en: "wrong" };
    const points = right ? part : wrongs === chosen.length ? 0 : -part;
    return found({ text, start: 0, end: 0 }, { rule: "choice", points, ...said });
  });
  const evidence = settle(findings, shares, nowhere);
  return { score: sumOf(evidence), evidence };
}
