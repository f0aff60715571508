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
const ridge = 1;

/** Sums of products over rows, to which rows can be added and from which they can be taken. */
type Sums = { products: number[][]; withGrade: number[] };

const inputs = (row: Row, rules: readonly string[]): number[] => [1, ...rules.map((rule) => row.parts[rule] ?? 0)];

function sumsOf(rows: readonly Row[], rules: readonly string[]): Sums {
  const size = rules.length + 1;
  const products = Array.from({ length: size }, () => new Array<number>(size).fill(0));
  const withGrade = new Array<number>(size).fill(0);
  for (const row of rows) {
    const values = inputs(row, rules);
    values.forEach((left, i) => {
      withGrade[i] = (withGrade[i] ?? 0) + left * row.grade;
      products[i] = (products[i] ?? []).map((sum, j) => sum + left * (values[j] ?? 0));
    });
  }
  return { products, withGrade };
}

/** Least squares with a ridge on all but the constant, by Gauss-Jordan elimination with pivoting. */
function solve({ products, withGrade }: Sums): number[] {
  const table = products.map((row, i) => [
    ...row.map((value, j) => value + (i === j && i > 0 ? ridge : 0)),
    withGrade[i] ?? 0,
  ]);
  const size = table.length;
  for (let at = 0; at < size; at += 1) {
    const from = table.reduce((best, row, i) => {
      const better = i > at && Math.abs(row[at] ?? 0) > Math.abs(table[best]?.[at] ?? 0);
      return better ? i : best;
    }, at);
    const pivot = table[from] ?? [];
    table[from] = table[at] ?? [];
    table[at] = pivot;
    table.forEach((row, i) => {
      if (i === at) return;
      const times = (row[at] ?? 0) / (pivot[at] ?? 1);
      table[i] = row.map((value, j) => value - times * (pivot[j] ?? 0));
    });
  }
  return table.map((row, i) => (row[size] ?? 0) / (row[i] ?? 1));
}

const rulesOf = (rows: readonly Row[]): string[] => [...new Set(rows.flatMap((row) => Object.keys(row.parts)))].sort();
const predict = (row: Row, { rules, weights }: { rules: readonly string[]; weights: readonly number[] }): number =>
  inputs(row, rules).reduce((sum, value, at) => sum + value * (weights[at] ?? 0), 0);

/** What each answer would score by weights of the rules fitted to the answers of every other question. */
export function leaveQuestionOut(rows: readonly Row[]): number[] {
  const rules = rulesOf(rows);
  const weights = new Map(
    [...new Set(rows.map((row) => row.question))].map((question) => [
      question,
      solve(
        sumsOf(
          rows.filter((row) => row.question !== question),
          rules,
        ),
      ),
    ]),
  );
  return rows.map((row) => predict(row, { rules, weights: weights.get(row.question) ?? [] }));
}

/** What each answer of `rows` would score by weights of the rules fitted to `others`. */
export function transferred(others: readonly Row[], rows: readonly Row[]): number[] {
  const rules = rulesOf(others);
  const weights = solve(sumsOf(others, rules));
  return rows.map((row) => predict(row, { rules, weights }));
}
