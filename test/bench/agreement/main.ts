import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { openEngines } from "../../../inference/equipment.ts";
import { pearson, quadraticKappa, spearman } from "../../../inference/scoring/agreement.ts";
import { scoreAnswer } from "../../../inference/scoring/score.ts";
import { CachedEmbedder } from "./cachedEmbedder.ts";
import { leaveQuestionOut, type Row, transferred } from "./fit.ts";
import { type GradedSet, readGraded } from "./graded.ts";

/**
 * How well the scorer agrees with people: `node dist/test/bench/agreement/main.js FOLDER [--cache FILE]`, a folder of answer
 * files whose answers carry a `grade` (0 to 1) and perhaps a `label`. Prints one JSON line a set: the scorer as it is, its
 * parts fitted anew leaving each question out, the parts fitted on every other set (does a fit carry over?), and how surely
 * an answer labelled "contradictory" stands below one labelled partly right. Holds no data of its own.
 */
const levels = 5;
const dimensions = 384;

async function scoreSet(set: GradedSet, embedder: CachedEmbedder): Promise<Row[]> {
  const rows: Row[] = [];
  for (const { answer, question } of set.answers) {
    const language = answer.language ?? "en";
    const scored = await scoreAnswer(
      { answerId: answer.id, question, rubric: set.rubric, language, answer: { kind: "spoken", text: answer.text } },
      embedder,
    );
    if (scored.score === null) continue;
    const parts: Record<string, number> = {};
    for (const one of scored.evidence) parts[one.rule] = (parts[one.rule] ?? 0) + one.weight;
    rows.push({
      score: scored.score,
      grade: answer.grade,
      question: question.id,
      label: answer.label,
      parts,
      inside: answer.grade >= scored.interval[0] && answer.grade <= scored.interval[1],
    });
  }
  return rows;
}

/** How often an answer that contradicts the reference scores below a partly right one; ties count half. Null without labels. */
function contradictionsBelow(rows: readonly Row[]): number | null {
  const against = rows.filter((one) => one.label === "contradictory");
  const partly = rows.filter((one) => one.label?.startsWith("partially_correct") === true);
  if (against.length === 0 || partly.length === 0) return null;
  const below = partly.reduce(
    (sum, right) =>
      sum +
      against.reduce((all, wrong) => all + (wrong.score < right.score ? 1 : wrong.score === right.score ? 0.5 : 0), 0),
    0,
  );
  return below / (against.length * partly.length);
}

const level = (value: number): number => Math.round(Math.min(1, Math.max(0, value)) * (levels - 1));
const rounded = (value: number): number => Math.round(value * 1000) / 1000;

function figures(name: string, rows: readonly Row[], others: readonly Row[]): Record<string, unknown> {
  const scores = rows.map((one) => one.score);
  const grades = rows.map((one) => one.grade);
  const r = pearson(scores, grades);
  const auc = contradictionsBelow(rows);
  return {
    set: name,
    rows: rows.length,
    pearson: rounded(r.value),
    pearsonInterval: r.interval.map(rounded),
    spearman: rounded(spearman(scores, grades).value),
    quadraticKappa: rounded(quadraticKappa(scores.map(level), grades.map(level), { levels }).value),
    insideInterval: rounded(rows.filter((one) => one.inside).length / rows.length),
    contradictionsBelow: auc === null ? null : rounded(auc),
    fittedQuestionLeftOut: rounded(pearson(leaveQuestionOut(rows), grades).value),
    fittedOnOtherSets: others.length === 0 ? null : rounded(pearson(transferred(others, rows), grades).value),
  };
}

const { positionals, values } = parseArgs({ allowPositionals: true, options: { cache: { type: "string" } } });
const [folder = ""] = positionals;
const sets = folder === "" ? [] : await readGraded(folder);
if (sets.length === 0) {
  process.stdout.write(
    `skipped: ${folder === "" ? "no folder was named" : `${folder} holds no graded answers`}; name a folder of answer files with "grade" on their answers\n`,
  );
} else {
  const embedder = await CachedEmbedder.read(values.cache ?? join(tmpdir(), "candor-agreement-vectors.bin"), {
    dimensions,
    open: async () => {
      const engines = await openEngines({ which: ["embedder"] });
      if ("fault" in engines.embedder) throw engines.embedder.fault;
      return engines.embedder.engine;
    },
  });
  const scored: { name: string; rows: Row[] }[] = [];
  for (const set of sets) scored.push({ name: set.name, rows: await scoreSet(set, embedder) });
  await embedder.close();
  for (const { name, rows } of scored) {
    const others = scored.filter((one) => one.name !== name).flatMap((one) => one.rows);
    process.stdout.write(`${JSON.stringify(figures(name, rows, others))}\n`);
  }
}
