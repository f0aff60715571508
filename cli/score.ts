import { resolve } from "node:path";
import { Command } from "commander";
import { inLanguage } from "../contracts/language.ts";
import type { AnswerScore } from "../contracts/scoring.ts";
import { scoreAnswer } from "../inference/scoring/score.ts";
import { type Clock, systemClock } from "../runtime/clock.ts";
import { terminalLanguage } from "./demo/catalogue.ts";
import { teller } from "./progress.ts";
import { Equipment, noEmbedder } from "./score/equipment.ts";
import { pairUp, readAnswers } from "./score/file.ts";
import { hear } from "./score/hear.ts";

type Options = { json?: boolean; models?: string };

/**
 * Scores every answer of a file, in the file's order.
 * @throws Fault file.missing, file.unreadable, message.malformed, rubric.weights, rubric.reference, model.missing,
 * model.corrupt. A recording at fault makes its answer insufficient and throws nothing.
 */
export async function scoreFile(
  file: string,
  options: { modelsDirectory?: string; clock?: Clock } = {},
): Promise<AnswerScore[]> {
  const path = resolve(file);
  const content = await readAnswers(path);
  const given = pairUp(content);
  const equipment = new Equipment(options.modelsDirectory);
  const tell = teller(given.length, options.clock ?? systemClock);
  const scores: AnswerScore[] = [];
  try {
    for (const one of given) {
      const heard = await hear(one, { file: path, equipment });
      const embedder = heard.answer.kind === "spoken" ? await equipment.embedder() : noEmbedder;
      scores.push(
        await scoreAnswer(
          { answerId: one.answer.id, question: one.question, rubric: content.rubric, ...heard },
          embedder,
        ),
      );
      tell.at(scores.length);
    }
  } finally {
    tell.end();
    await equipment.close();
  }
  return scores;
}

const two = (value: number): string => value.toFixed(2);

function table(scores: readonly AnswerScore[]): string {
  return scores.map((one) => [heading(one), ...merged(one.evidence).map(line)].join("\n")).join("\n\n");
}

type Row = AnswerScore["evidence"][number] & { competencies: string[] };

/** What counts towards several competencies in one row, with the weights together. */
function merged(evidence: AnswerScore["evidence"]): Row[] {
  const rows = new Map<string, Row>();
  for (const one of evidence) {
    const key = JSON.stringify([one.rule, one.quote, one.start, one.explanation]);
    const row = rows.get(key) ?? { ...one, weight: 0, competencies: [] };
    rows.set(key, { ...row, weight: row.weight + one.weight, competencies: [...row.competencies, one.competency] });
  }
  return [...rows.values()];
}

function heading(one: AnswerScore): string {
  const person = one.needsPerson === true ? "  needs a person" : "";
  if (one.score === null)
    return `${one.answerId}  (${one.question})  insufficient evidence: ${(one.faults ?? []).join(", ")}${person}`;
  return `${one.answerId}  (${one.question})  ${two(one.score)}  [${two(one.interval[0])} – ${two(one.interval[1])}]${person}`;
}

function line(one: Row): string {
  const time = one.start === null || one.end === null ? "" : `  ${one.start.toFixed(1)}–${one.end.toFixed(1)} s`;
  const weight = `${one.weight < 0 ? "−" : "+"}${Math.abs(one.weight).toFixed(3)}`;
  const why = one.explanation === undefined ? one.rule : inLanguage(one.explanation, terminalLanguage(process.env));
  return `  ${weight}  ${one.rule.padEnd(13)} “${one.quote}”${time}  ${why} → ${one.competencies.join(", ")}`;
}

/** `candor score FILE`. */
export function scoreCommand(): Command {
  return new Command("score")
    .description("score the answers of a file against its rubric, with the evidence for every point")
    .argument("<file>", "JSON with a rubric and answers (text, recording or choice)")
    .option(
      "--json",
      "print one JSON value: [{ answerId, question, score, interval, evidence, insufficient }], scores 0 to 1",
    )
    .option("--models <directory>", "where the models are (default: $CANDOR_MODELS_DIR, else the user's cache)")
    .action(async (file: string, { json, models }: Options) => {
      const scores = await scoreFile(file, models === undefined ? {} : { modelsDirectory: models });
      process.stdout.write(`${json ? JSON.stringify(scores) : table(scores)}\n`);
    });
}
