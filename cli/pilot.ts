import { Command } from "commander";
import { Fault } from "../contracts/fault.ts";
import type { Language } from "../contracts/language.ts";
import type { Estimate } from "../inference/scoring/agreement.ts";
import {
  type Figure,
  type PilotResult,
  type PilotRow,
  pilotOf,
  smallPilot,
  totalName,
} from "../inference/scoring/pilot.ts";
import { readBank } from "./bank/file.ts";
import { cellNumber, type Row, readRows, wrongCell } from "./csv.ts";
import { terminalLanguage } from "./demo/catalogue.ts";
import { formatTable } from "./demo/table.ts";

type Scale = readonly [number, number];
type Options = { json?: boolean; scale: Scale; machineScale: Scale; levels: number; seed: number; rubric?: string };

const ownColumns = ["candidate", "competency", "ai"];

/** What `--scale` takes. @throws Fault use.invalid */
function scaleOf(text: string): Scale {
  const [low = Number.NaN, high = Number.NaN, ...more] = text
    .split(",")
    .map((one) => (one.trim() === "" ? Number.NaN : Number(one)));
  if (more.length > 0 || !Number.isFinite(low) || !Number.isFinite(high) || low >= high)
    throw new Fault(
      "use.invalid",
      `the scale "${text}": give its lowest and highest figure with a comma between, such as 1,5`,
      {
        field: "scale",
      },
    );
  return [low, high];
}

/** What `--levels` and `--seed` take. @throws Fault use.invalid */
export const wholeFrom =
  (option: string, low: number, high: number) =>
  (text: string): number => {
    const value = Number(text);
    if (text.trim() === "" || !Number.isInteger(value) || value < low || value > high)
      throw new Fault("use.invalid", `--${option} ${text}: give a whole number from ${low} to ${high}`, {
        field: option,
      });
    return value;
  };

/** @throws Fault message.malformed naming line and column */
export function pilotRows(
  file: string,
  rows: readonly Row[],
  scales: { scale: Scale; machineScale: Scale },
): PilotRow[] {
  const columns = Object.keys(rows[0] ?? {});
  const raters = columns.filter((one) => !ownColumns.includes(one));
  for (const wanted of ["candidate", "ai"])
    if (!columns.includes(wanted))
      throw new Fault(
        "message.malformed",
        `${file} has no column "${wanted}": give candidate, ai, a column for each rater, and competency unless all are totals`,
        { field: wanted },
      );
  if (raters.length === 0)
    throw new Fault("message.malformed", `${file} has no rater: give a column for each person beside "ai"`, {
      field: "raters",
    });
  const seen = new Set<string>();
  return rows.map((row, at) => {
    const competency = columns.includes("competency") ? (row["competency"] ?? "") : totalName;
    if (competency === "") throw wrongCell(file, { at, column: "competency" }, 'is empty; name one, or "total"');
    const candidate = row["candidate"] ?? "";
    if (candidate === "")
      throw wrongCell(file, { at, column: "candidate" }, "is empty; give each candidate a reference");
    const key = JSON.stringify([candidate, competency]);
    if (seen.has(key))
      throw wrongCell(
        file,
        { at, column: "candidate" },
        `${candidate} stands twice for ${competency}; give one row each`,
      );
    seen.add(key);
    const read = (column: string, scale: Scale): number | null => {
      const value = cellNumber(file, { row, at, column }, scale);
      return value === null ? null : (value - scale[0]) / (scale[1] - scale[0]);
    };
    return {
      candidate,
      competency,
      machine: read("ai", scales.machineScale),
      raters: raters.map((one) => read(one, scales.scale)),
    };
  });
}

const english = {
  head: ["", "n", "r", "ρ", "weighted κ", "ICC(2,1)", "AI less people", "people: ICC(2,1)", "people: α", "with AI: α"],
  small: (n: number) =>
    `${n} candidates: fewer than ${smallPilot}, the intervals are wide; collect more before deciding anything`,
  holds: "Asked for: κ and r of 0.7, means less than 0.15 standard deviations apart, α at most 0.1 lower with the AI",
  yes: "holds",
  no: "does not hold",
  open: "cannot be said",
  names: { kappa: "κ", pearson: "r", apart: "means", degradation: "α" },
  total: "total",
};
const chinese: typeof english = {
  head: ["", "n", "r", "ρ", "加权 κ", "ICC(2,1)", "AI 减人工", "人工：ICC(2,1)", "人工：α", "含 AI：α"],
  small: (n) => `${n} 名候选人：少于 ${smallPilot} 名，区间很宽；请收集更多数据后再作决定`,
  holds: "要求：κ 与 r 不低于 0.7，均值相差小于 0.15 个标准差，加入 AI 后 α 下降不超过 0.1",
  yes: "满足",
  no: "不满足",
  open: "无法判断",
  names: { kappa: "κ", pearson: "r", apart: "均值", degradation: "α" },
  total: "总分",
};
const words: Record<Language, typeof english> = { en: english, "zh-CN": chinese };

const two = (value: number): string => value.toFixed(2).replace("-", "−");
const estimate = (one: Estimate): string => `${two(one.value)} [${two(one.interval[0])}, ${two(one.interval[1])}]`;
const cell = (one: Figure<Estimate>): string => ("estimate" in one ? estimate(one.estimate) : "–");

/** What a person reads of a pilot. */
export function pilotReport(results: readonly PilotResult[], language: Language): string {
  const said = words[language];
  const nameOf = (one: PilotResult): string => (one.competency === totalName ? said.total : one.competency);
  const rows = results.map((one) => [
    nameOf(one),
    String(one.n),
    cell(one.machine.pearson),
    cell(one.machine.spearman),
    cell(one.machine.kappa),
    cell(one.machine.icc),
    "estimate" in one.machine.difference ? estimate(one.machine.difference.estimate.bias) : "–",
    cell(one.people.single),
    cell(one.people.alpha),
    cell(one.together),
  ]);
  const judged = results.map((one) => {
    const parts = (Object.keys(said.names) as (keyof typeof said.names)[]).map((name) => {
      const holds = one.holds[name];
      return `${said.names[name]} ${holds === null ? said.open : holds ? said.yes : said.no}`;
    });
    return `  ${nameOf(one)}: ${parts.join(" · ")}${one.small ? `\n    ${said.small(one.n)}` : ""}`;
  });
  const reasons = results.flatMap((one) =>
    Object.entries({ ...one.machine, ...one.people, together: one.together }).flatMap(([figure, found]) =>
      typeof found === "object" && "reason" in found ? [`  ${nameOf(one)}, ${figure}: ${found.reason}`] : [],
    ),
  );
  return [formatTable(said.head, rows), "", said.holds, ...judged, ...reasons].join("\n");
}

/** `candor pilot FILE.csv`. */
export function pilotCommand(): Command {
  return new Command("pilot")
    .description("compare the machine's scores with those of people, per competency and in total, with 95 % intervals")
    .argument("<file>", "CSV, a row a candidate and competency: candidate, competency, ai, and a column for each rater")
    .option("--scale <low,high>", "the raters' scale", scaleOf, [0, 1])
    .option("--machine-scale <low,high>", "the scale of the column ai", scaleOf, [0, 1])
    .option("--levels <count>", "into how many steps the weighted κ cuts the scale", wholeFrom("levels", 2, 101), 5)
    .option("--rubric <file>", "weigh the total by this rubric (default: the competencies count the same)")
    .option("--seed <number>", "of the samples that α's interval is taken from", wholeFrom("seed", 0, 0xffff_ffff), 1)
    .option("--json", "print one JSON value: [{ competency, n, small, machine, people, together, holds }]")
    .action(async (file: string, { json, scale, machineScale, levels, seed, rubric }: Options) => {
      const rows = pilotRows(file, await readRows(file), { scale, machineScale });
      const weighed = rubric === undefined ? undefined : (await readBank(rubric)).rubric.competencies;
      const weights = weighed === undefined ? {} : { weights: weightsFor(file, rows, weighed) };
      const results = pilotOf(rows, { levels, seed, ...weights });
      const report = json ? JSON.stringify(results) : pilotReport(results, terminalLanguage(process.env));
      process.stdout.write(`${report}\n`);
    });
}

/** @throws Fault rubric.reference for a competency that the rubric does not have */
function weightsFor(
  file: string,
  rows: readonly PilotRow[],
  competencies: readonly { id: string; weight: number }[],
): Record<string, number> {
  const weights = Object.fromEntries(competencies.map((one) => [one.id, one.weight]));
  const unknown = rows.find((one) => one.competency !== totalName && !Object.hasOwn(weights, one.competency));
  if (unknown !== undefined)
    throw new Fault(
      "rubric.reference",
      `${file}: the rubric has no competency "${unknown.competency}"; there are ${Object.keys(weights).join(", ")}`,
      { field: "competency" },
    );
  return weights;
}
