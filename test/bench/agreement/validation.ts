import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { scoreFile } from "../../../cli/score.ts";
import { scorerVersion } from "../../../inference/scoring/score.ts";
import { parseJson } from "../../../runtime/parse.ts";
import { gradedFile, jsonFilesOf } from "./graded.ts";
import { aboveWeak, areaBelow, honest, kendall, levels, type Placed, tricks } from "./order.ts";

/**
 * Whether the scorer keeps a known order and refuses tricks: `node dist/test/bench/agreement/validation.js [FOLDER]`
 * (default `test/fixtures/validation`), scored as `candor score FILE --json` does. The id of an answer is
 * `<question>-<kind>`; kinds stand in order.ts. Prints one JSON line a file and one for all. No text is printed: whoever
 * changes the scorer reads figures here, not answers.
 */
type Asked = { question: string; placed: Placed[] };

async function askedIn(path: string): Promise<Asked[]> {
  const { rubric, answers } = parseJson(gradedFile, await readFile(path, "utf8"), { what: path });
  const scores = new Map((await scoreFile(path)).map((one) => [one.answerId, one.score]));
  const spoken = rubric.questions.filter((one) => one.kind === "spoken");
  return spoken.map(({ id }) => ({
    question: id,
    placed: answers.flatMap(({ id: answer, question, grade }) => {
      const score = scores.get(answer) ?? null;
      if (question !== id || grade === undefined || score === null) return [];
      return [{ kind: answer.slice(id.length + 1), grade, score }];
    }),
  }));
}

const rounded = (value: number): number => Math.round(value * 1000) / 1000;
const mean = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0) / values.length;
const ofKind = (asked: readonly Asked[], kind: string): number[] =>
  asked.flatMap(({ placed }) => placed.filter((one) => one.kind === kind).map((one) => one.score));

function figures(name: string, asked: readonly Asked[]): Record<string, unknown> {
  const taus = asked.map(({ placed }) => kendall(honest(placed)));
  const above = asked.flatMap(({ question, placed }) =>
    aboveWeak(placed).map(({ kind, score }) => ({ kind, what: `${question} ${rounded(score)}` })),
  );
  const kinds = tricks.filter((kind) => above.some((one) => one.kind === kind));
  return {
    set: name,
    questions: asked.length,
    tau: { mean: rounded(mean(taus)), least: rounded(Math.min(...taus)) },
    tauWithTricks: rounded(mean(asked.map(({ placed }) => kendall(placed)))),
    contradictionsBelowMedium: rounded(areaBelow(ofKind(asked, "contradiction"), ofKind(asked, "medium"))),
    tricksAboveWeak: Object.fromEntries(
      kinds.map((kind) => [kind, above.filter((one) => one.kind === kind).map((one) => one.what)]),
    ),
    meanScores: Object.fromEntries([...levels, ...tricks].map((kind) => [kind, rounded(mean(ofKind(asked, kind)))])),
  };
}

const { positionals } = parseArgs({ allowPositionals: true });
const folder = positionals[0] ?? join("test", "fixtures", "validation");
const all: Asked[] = [];
for (const file of await jsonFilesOf(folder)) {
  const asked = await askedIn(join(folder, file));
  all.push(...asked);
  process.stdout.write(`${JSON.stringify(figures(basename(file, ".json"), asked))}\n`);
}
process.stdout.write(`${JSON.stringify({ scorer: scorerVersion, ...figures("all", all) })}\n`);
