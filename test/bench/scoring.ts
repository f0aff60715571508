import { readFile } from "node:fs/promises";
import { scoreFile } from "../../cli/score.ts";
import { Fault } from "../../contracts/fault.ts";
import { answerFile } from "../../contracts/rubric.ts";
import { parseJson } from "../../runtime/parse.ts";

/**
 * How well the scorer agrees with people: `node dist/test/bench/scoring.js FILE…`, each an answer file whose answers carry
 * a `grade` (0 to 1). Prints one JSON line a file: rows, Pearson's r, Spearman's rho, share of grades inside the score's
 * interval, the half width that would hold 80 % of them, and milliseconds a row. Holds no data of its own.
 */
async function agreement(file: string): Promise<Record<string, number | string>> {
  const { answers } = parseJson(answerFile, await readFile(file, "utf8"), { what: file });
  const began = performance.now();
  const scores = await scoreFile(file);
  const took = performance.now() - began;
  const grades = new Map(answers.map((one) => [one.id, one.grade]));
  const rows = scores.flatMap((one) => {
    const grade = grades.get(one.answerId);
    return one.score === null || grade === undefined ? [] : [{ score: one.score, grade, interval: one.interval }];
  });
  if (rows.length < 3)
    throw new Fault(
      "use.invalid",
      `${file} has fewer than three graded answers; give a file with "grade" on its answers`,
    );
  const inside = rows.filter((one) => one.grade >= one.interval[0] && one.grade <= one.interval[1]).length;
  const errors = rows.map((one) => Math.abs(one.score - one.grade)).sort((a, b) => a - b);
  const given = rows.map((one) => one.score);
  const graded = rows.map((one) => one.grade);
  return {
    file,
    rows: rows.length,
    pearson: pearson(given, graded),
    spearman: pearson(ranks(given), ranks(graded)),
    insideInterval: inside / rows.length,
    halfWidthOf80: errors[Math.floor(errors.length * 0.8)] ?? 1,
    millisPerRow: took / rows.length,
  };
}

/** Pearson's product-moment correlation of two lists of one length. */
function pearson(x: readonly number[], y: readonly number[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, one) => sum + one, 0) / values.length;
  const [mx, my] = [mean(x), mean(y)];
  const products = x.reduce((sum, one, at) => sum + (one - mx) * ((y[at] ?? 0) - my), 0);
  const spread = (values: readonly number[], middle: number) =>
    Math.sqrt(values.reduce((sum, one) => sum + (one - middle) ** 2, 0));
  return products / (spread(x, mx) * spread(y, my));
}

/** Ranks with ties at their mean. */
function ranks(values: readonly number[]): number[] {
  const sorted = [...values].sort((a, b) => a - b);
  return values.map((one) => (sorted.indexOf(one) + sorted.lastIndexOf(one)) / 2);
}

for (const file of process.argv.slice(2)) process.stdout.write(`${JSON.stringify(await agreement(file))}\n`);
