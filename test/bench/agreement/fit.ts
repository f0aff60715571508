import { ridge } from "../../../inference/scoring/ridge.ts";

/** One scored answer; `parts` holds what each rule of evidence gave. */
export type Row = {
  score: number;
  grade: number;
  question: string;
  label: string | undefined;
  parts: Readonly<Record<string, number>>;
  inside: boolean;
};

/** Keeps a rule that hardly ever speaks from taking any weight it likes. */
const penalty = 1;

type Fit = { rules: readonly string[]; weights: readonly number[]; level: number };

const partsOf = (row: Row, rules: readonly string[]): number[] => rules.map((rule) => row.parts[rule] ?? 0);
const weighed = (parts: readonly number[], weights: readonly number[]): number =>
  parts.reduce((sum, value, at) => sum + value * (weights[at] ?? 0), 0);

function fitted(rows: readonly Row[], rules: readonly string[]): Fit {
  const parts = rows.map((row) => partsOf(row, rules));
  const grades = rows.map((row) => row.grade);
  const weights = ridge(parts, grades, { prior: rules.map(() => 0), penalty });
  const missing = rows.reduce((sum, row, at) => sum + row.grade - weighed(parts[at] ?? [], weights), 0);
  return { rules, weights, level: missing / rows.length };
}

const rulesOf = (rows: readonly Row[]): string[] => [...new Set(rows.flatMap((row) => Object.keys(row.parts)))].sort();
const predict = (row: Row, { rules, weights, level }: Fit): number => level + weighed(partsOf(row, rules), weights);

/** What each answer would score by weights of the rules fitted to the answers of every other question. */
export function leaveQuestionOut(rows: readonly Row[]): number[] {
  const rules = rulesOf(rows);
  const fits = new Map<string, Fit>();
  return rows.map((row) => {
    const { question } = row;
    const fit =
      fits.get(question) ??
      fitted(
        rows.filter((one) => one.question !== question),
        rules,
      );
    fits.set(question, fit);
    return predict(row, fit);
  });
}

/** What each answer of `rows` would score by weights of the rules fitted to `others`. */
export function transferred(others: readonly Row[], rows: readonly Row[]): number[] {
  const fit = fitted(others, rulesOf(others));
  return rows.map((row) => predict(row, fit));
}
