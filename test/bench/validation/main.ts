import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { openEngines } from "../../../inference/equipment.ts";
import { scoreAnswer, scorerVersion } from "../../../inference/scoring/score.ts";
import { CachedEmbedder } from "../agreement/cachedEmbedder.ts";
import { type GradedSet, readGraded } from "../agreement/graded.ts";
import { aboveWeak, contradictionsBelow, kendall, type Ranked, tricks } from "./order.ts";

/**
 * Whether the scorer keeps a known order and refuses tricks: `node dist/test/bench/validation/main.js [FOLDER]
 * [--cache FILE]`, a folder of answer files whose ids are `<question>-<kind>` (test/fixtures/validation, the default).
 * Prints one JSON line a file: Kendall's τ per question, tricks above the weak answer per answer and in the mean over
 * the spoken questions, and how often a contradiction stands below the partly right answer.
 */
const dimensions = 384;

async function rank(set: GradedSet, embedder: CachedEmbedder): Promise<Ranked[][]> {
  const questions = new Map<string, Ranked[]>();
  for (const { answer, question } of set.answers) {
    if (question.kind !== "spoken") continue;
    const scored = await scoreAnswer(
      {
        answerId: answer.id,
        question,
        rubric: set.rubric,
        language: answer.language ?? (set.name.endsWith("-zh-CN") ? "zh-CN" : "en"),
        answer: { kind: "spoken", text: answer.text },
      },
      embedder,
    );
    const rows = questions.get(question.id) ?? [];
    rows.push({
      question: question.id,
      kind: answer.id.slice(question.id.length + 1),
      grade: answer.grade,
      score: scored.score ?? 0,
    });
    questions.set(question.id, rows);
  }
  return [...questions.values()];
}

const rounded = (value: number): number => Math.round(value * 1000) / 1000;
const mean = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0) / values.length;

/** Mean score over the questions that have an answer of the kind. */
const total = (questions: readonly Ranked[][], kind: string): number =>
  mean(questions.flat().flatMap((one) => (one.kind === kind ? [one.score] : [])));

function figures(name: string, questions: readonly Ranked[][]): Record<string, unknown> {
  const taus = questions.flatMap((rows) => kendall(rows) ?? []);
  const auc = contradictionsBelow(questions);
  return {
    set: name,
    scorer: scorerVersion,
    kendallMean: rounded(mean(taus)),
    kendallLeast: rounded(Math.min(...taus)),
    aboveWeak: questions.flatMap(aboveWeak),
    aboveWeakInMean: tricks.filter((kind) => total(questions, kind) > total(questions, "weak")),
    contradictionsBelow: auc === null ? null : rounded(auc),
  };
}

const { positionals, values } = parseArgs({ allowPositionals: true, options: { cache: { type: "string" } } });
const [folder = "test/fixtures/validation"] = positionals;
const embedder = await CachedEmbedder.read(values.cache ?? join(tmpdir(), "candor-agreement-vectors.bin"), {
  dimensions,
  open: async () => {
    const engines = await openEngines({ which: ["embedder"] });
    if ("fault" in engines.embedder) throw engines.embedder.fault;
    return engines.embedder.engine;
  },
});
for (const set of await readGraded(folder))
  process.stdout.write(`${JSON.stringify(figures(set.name, await rank(set, embedder)))}\n`);
await embedder.close();
