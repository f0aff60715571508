import { stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { Command } from "commander";
import { Fault } from "../contracts/fault.ts";
import { inLanguage } from "../contracts/language.ts";
import type { AnswerScore } from "../contracts/scoring.ts";
import { scoreAnswer } from "../inference/scoring/score.ts";
import { type Clock, systemClock } from "../runtime/clock.ts";
import { terminalLanguage } from "./demo/catalogue.ts";
import { teller } from "./progress.ts";
import { Equipment, noEmbedder } from "./score/equipment.ts";
import { pairUp, readAnswers } from "./score/file.ts";
import { hear } from "./score/hear.ts";
import { rescoreReport } from "./score/report.ts";
import { rescoreRecording } from "./score/rescore.ts";

type Options = { json?: boolean; models?: string; key?: string; scorecard?: string };

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

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

/** Scores a recording again; exit code 1 where the score is another one. */
async function rescore(folder: string, { json, models, key, scorecard }: Options): Promise<void> {
  if (key === undefined)
    throw new Fault(
      "use.invalid",
      `${folder} is a sealed recording: name HR's keys.json or the recovery key with --key`,
      {
        field: "key",
      },
    );
  const scorecardFile = scorecard ?? join(folder, "scorecard.json");
  const found = await rescoreRecording({ folder, keyFile: key, scorecardFile }, { models });
  process.stdout.write(`${json ? JSON.stringify(found) : rescoreReport(found, terminalLanguage(process.env))}\n`);
  if (!found.same) process.exitCode = 1;
}

/** `candor score FILE` and `candor score FOLDER`. */
export function scoreCommand(): Command {
  return new Command("score")
    .description(
      "score the answers of a file against its rubric, with the evidence for every point; or score a sealed recording again and say what differs from its scorecard (exit code 1)",
    )
    .argument(
      "<file>",
      "JSON with a rubric and answers (text, recording or choice), or the folder of a sealed recording",
    )
    .option(
      "--json",
      "print one JSON value: [{ answerId, question, score, interval, evidence, insufficient }], scores 0 to 1; of a recording { sessionId, same, canonical, score, differences, damaged }",
    )
    .option("--models <directory>", "where the models are (default: $CANDOR_MODELS_DIR, else the user's cache)")
    .option("--key <file>", "of a sealed recording: HR's keys.json, or the recovery key")
    .option(
      "--scorecard <file>",
      "of a sealed recording: its scorecard, as HR's API gives it (default: scorecard.json in the folder)",
    )
    .action(async (file: string, options: Options) => {
      if (await isFolder(file)) return rescore(file, options);
      const { json, models } = options;
      const scores = await scoreFile(file, models === undefined ? {} : { modelsDirectory: models });
      process.stdout.write(`${json ? JSON.stringify(scores) : table(scores)}\n`);
    });
}
