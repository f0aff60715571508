import { readFile } from "node:fs/promises";
import { Command } from "commander";
import { type Outcome, type WeightProposal, weightProposal } from "../contracts/calibration.ts";
import { Fault } from "../contracts/fault.ts";
import { inLanguage, type Language } from "../contracts/language.ts";
import type { Rubric } from "../contracts/rubric.ts";
import { approveWeights, proposeWeights, revertWeights } from "../inference/scoring/calibration.ts";
import { contentHash } from "../runtime/canonical.ts";
import { systemClock, timestamp } from "../runtime/clock.ts";
import { writeDurably } from "../runtime/durable.ts";
import { parseJson } from "../runtime/parse.ts";
import { readBank } from "./bank/file.ts";
import { cellNumber, type Row, readRows, wrongCell } from "./csv.ts";
import { terminalLanguage } from "./demo/catalogue.ts";
import { formatTable } from "./demo/table.ts";
import { wholeFrom } from "./pilot.ts";

type Options = { json?: boolean; out?: string; seed: number; largestChange: number };
type Decision = { by: string; out: string; json?: boolean };

const share = [0, 1] as const;

/** @throws Fault message.malformed naming line and column */
export function outcomesOf(file: string, rows: readonly Row[], rubric: Rubric): Outcome[] {
  const ids = rubric.competencies.map((one) => one.id);
  const columns = Object.keys(rows[0] ?? {});
  const missing = ["candidateRef", ...ids, "outcome"].find((one) => !columns.includes(one));
  if (missing !== undefined)
    throw new Fault(
      "message.malformed",
      `${file} has no column "${missing}": give candidateRef, outcome, and a column for each competency (${ids.join(", ")})`,
      { field: missing },
    );
  return rows.map((row, at) => {
    const wanted = (column: string): number => {
      const value = cellNumber(file, { row, at, column }, share);
      if (value === null) throw wrongCell(file, { at, column }, "is empty; leave out candidates that are not complete");
      return value;
    };
    const candidateRef = row["candidateRef"] ?? "";
    if (candidateRef === "")
      throw wrongCell(file, { at, column: "candidateRef" }, "is empty; give each candidate a reference");
    return {
      candidateRef,
      competencies: Object.fromEntries(ids.map((id) => [id, wanted(id)])),
      outcome: wanted("outcome"),
    };
  });
}

const english = {
  head: ["competency", "now", "by the outcomes alone", "95 % interval", "proposed"],
  fit: (now: string, then: string) =>
    `r of total and outcome, over candidates not used for the fit: ${now} now, ${then} as proposed`,
  gain: (gain: string, low: string, high: string) => `gain ${gain} [${low}, ${high}]`,
  advised: "The gain can be told from none.",
  unadvised: "The gain cannot be told from none: better leave the weights as they are.",
  nothing: "Nothing was changed. A person approves with: candor calibrate approve PROPOSAL RUBRIC --by NAME --out FILE",
};
const chinese: typeof english = {
  head: ["能力项", "当前", "仅按结果拟合", "95 % 区间", "建议"],
  fit: (now, then) => `总分与结果的相关系数 r（用未参与拟合的候选人计算）：当前 ${now}，按建议 ${then}`,
  gain: (gain, low, high) => `提升 ${gain} [${low}, ${high}]`,
  advised: "该提升与零有显著区别。",
  unadvised: "该提升与零没有显著区别：建议保持现有权重。",
  nothing: "未做任何更改。需由人批准：candor calibrate approve 建议文件 评分标准 --by 姓名 --out 文件",
};
const words: Record<Language, typeof english> = { en: english, "zh-CN": chinese };
const three = (value: number): string => value.toFixed(3).replace("-", "−");

/** What a person reads of a proposal. */
export function proposalReport(proposal: WeightProposal, language: Language): string {
  const said = words[language];
  const { fit, rubric } = proposal;
  const rows = proposal.weights.map((one) => {
    const name = rubric.competencies.find(({ id }) => id === one.competency)?.name;
    return [
      name === undefined ? one.competency : inLanguage(name, language),
      one.current.toFixed(1),
      one.fitted.toFixed(1),
      `${one.interval[0].toFixed(1)} – ${one.interval[1].toFixed(1)}`,
      one.proposed.toFixed(1),
    ];
  });
  const gain = said.gain(three(fit.gain), three(fit.interval[0]), three(fit.interval[1]));
  return [
    formatTable(said.head, rows),
    "",
    `n = ${proposal.candidates}. ${said.fit(three(fit.current), three(fit.proposed))}; ${gain}`,
    proposal.advised ? said.advised : said.unadvised,
    said.nothing,
  ].join("\n");
}

async function propose(rubricFile: string, outcomesFile: string, options: Options): Promise<void> {
  const { rubric } = await readBank(rubricFile);
  const outcomes = outcomesOf(outcomesFile, await readRows(outcomesFile), rubric);
  const { seed, largestChange, out } = options;
  const proposal = proposeWeights(rubric, outcomes, { seed, largestChange });
  if (out !== undefined) await writeDurably(out, `${JSON.stringify(proposal, null, 2)}\n`);
  const text = options.json ? JSON.stringify(proposal) : proposalReport(proposal, terminalLanguage(process.env));
  process.stdout.write(`${text}\n`);
}

async function readProposal(file: string): Promise<WeightProposal> {
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    throw new Fault("file.missing", `${file} cannot be read: give the proposal that --out wrote`, { cause: error });
  });
  return parseJson(weightProposal, text, { what: file });
}

/** The rubric that a person's decision makes of a proposal, in a file of its own, with who decided and when. */
async function decide(
  proposalFile: string,
  rubricFile: string,
  { make, by, out, json }: Decision & { make: typeof approveWeights },
): Promise<void> {
  if (by.trim() === "") throw new Fault("use.invalid", "--by is empty: name the person who decides", { field: "by" });
  const { rubric: current } = await readBank(rubricFile);
  const rubric = make(await readProposal(proposalFile), current);
  await writeDurably(out, `${JSON.stringify(rubric, null, 2)}\n`);
  const decided = { by, at: timestamp(systemClock.wall()), from: contentHash(current), to: contentHash(rubric) };
  const told = `${out}: ${rubric.id} version ${rubric.version}, ${decided.to.slice(0, 16)}`;
  process.stdout.write(
    `${json ? JSON.stringify({ ...decided, file: out, id: rubric.id, version: rubric.version }) : told}\n`,
  );
}

function decisionCommand(name: string, summary: string, make: typeof approveWeights): Command {
  return new Command(name)
    .description(summary)
    .argument("<proposal>", "the proposal that calibrate --out wrote")
    .argument("<rubric>", "the rubric as it is in use")
    .requiredOption("--by <name>", "the person who decides")
    .requiredOption("--out <file>", "where the new version goes; the rubric in use stays as it is")
    .option("--json", "print one JSON value: { by, at, from, to, file, id, version }")
    .action((proposal: string, rubric: string, options: Decision) => decide(proposal, rubric, { ...options, make }));
}

/** `candor calibrate RUBRIC OUTCOMES.csv`. */
export function calibrateCommand(): Command {
  return new Command("calibrate")
    .enablePositionalOptions()
    .description("propose new weights for a rubric from what became of its candidates; changes nothing by itself")
    .argument("<rubric>", "a rubric, or a file with a field `rubric`")
    .argument("<outcomes>", "CSV: candidateRef, a column for each competency (0 to 1), outcome (0 to 1)")
    .option("--out <file>", "write the proposal, for a person to approve")
    .option("--largest-change <percent>", "the most that one weight may move", wholeFrom("largest-change", 1, 50), 5)
    .option("--seed <number>", "of the samples that the intervals are taken from", wholeFrom("seed", 0, 0xffff_ffff), 1)
    .option("--json", "print the proposal as one JSON value")
    .action(propose)
    .addCommand(decisionCommand("approve", "make the rubric's next version with the proposed weights", approveWeights))
    .addCommand(
      decisionCommand("revert", "make a next version with the weights from before the proposal", revertWeights),
    );
}
