import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { AnswerScore } from "../../../contracts/scoring.ts";
import { openEngines } from "../../../inference/equipment.ts";
import { scoreAnswer, scorerVersion, scoreSession } from "../../../inference/scoring/score.ts";
import { CachedEmbedder } from "../agreement/cachedEmbedder.ts";
import { type GradedSet, readGraded } from "../agreement/graded.ts";
import { aboveWeak, contradictionsBelow, kendall, type Ranked, tricks } from "./order.ts";

/**
 * Whether the scorer keeps a known order and refuses tricks: `node dist/test/bench/validation/main.js [FOLDER]
 * [--cache FILE]`, a folder of answer files whose ids are `<question>-<kind>` (test/fixtures/validation, the default).
 * Prints one JSON line a file: Kendall's τ per question, tricks above the weak answer per answer and in the total
 * of a session, and how often a contradiction stands below the partly right answer.
 */
const dimensions = 384;

type Scored = Ranked & { whole: AnswerScore };

async function rank(set: GradedSet, embedder: CachedEmbedder): Promise<Scored[][]> {
  const questions = new Map<string, Scored[]>();
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
      whole: scored,
    });
    questions.set(question.id, rows);
  }
  return [...questions.values()];
}

const rounded = (value: number): number => Math.round(value * 1000) / 1000;
const mean = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0) / values.length;

/** The total of a session whose spoken questions are answered by this kind alone, by the weak answer where it has none. */
function total({ rubric }: GradedSet, questions: readonly Scored[][], kind: string): number {
  const answers = questions.flatMap(
    (rows) => (rows.find((one) => one.kind === kind) ?? rows.find((one) => one.kind === "weak"))?.whole ?? [],
  );
  return scoreSession(rubric, answers, {}).total ?? Number.NaN;
}

function figures(set: GradedSet, questions: readonly Scored[][]): Record<string, unknown> {
  const taus = questions.flatMap((rows) => kendall(rows) ?? []);
  const auc = contradictionsBelow(questions);
  return {
    set: set.name,
    scorer: scorerVersion,
    kendallMean: rounded(mean(taus)),
    kendallLeast: rounded(Math.min(...taus)),
    aboveWeak: questions.flatMap(aboveWeak),
    totals: Object.fromEntries(["weak", ...tricks].map((kind) => [kind, rounded(total(set, questions, kind))])),
    aboveWeakInTotal: tricks.filter((kind) => total(set, questions, kind) > total(set, questions, "weak")),
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
  process.stdout.write(`${JSON.stringify(figures(set, await rank(set, embedder)))}\n`);
await embedder.close();
