import { Command } from "commander";
import { Fault } from "../contracts/fault.ts";
import {
  type Candidate,
  type Counted,
  countCandidates,
  type Impact,
  impactOf,
  median,
} from "../inference/scoring/impact.ts";
import { type Row, readRows, wrongCell } from "./csv.ts";
import { formatTable } from "./demo/table.ts";

type Options = { json?: boolean; csv?: boolean; excludeBelow?: string };
/** The lowest score that selects, and what would follow. */
type Swept = { threshold: number; categories: Impact[] };
type Audit = {
  basis: "counts" | "selection" | "scores";
  n: number;
  /** People of whom an attribute is not known: in no rate of it. */
  unknown: Record<string, number>;
  categories: Impact[];
  sweep: Swept[];
};

const countColumns = ["attribute", "category", "n", "selected"];
/** Columns of a candidate's row that are no attribute. */
const outcomeColumns = ["selected", "score", "candidate"];
const yes = /^(1|yes|y|true|selected|是)$/i;
const no = /^(0|no|n|false|rejected|否)$/i;
const unknownWords = /^(|unknown|n\/?a|prefer not to say|未知|不详)$/i;
/** Shares of candidates that the sweep's thresholds select. */
const sweepShares = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];

function countsOf(file: string, rows: readonly Row[]): Counted[] {
  const seen = new Set<string>();
  return rows.map((row, at) => {
    const whole = (column: "n" | "selected"): number => {
      const value = row[column] ?? "";
      if (!/^\d+$/.test(value)) throw wrongCell(file, { at, column }, `"${value}" is no count; give a whole number`);
      return Number(value);
    };
    const { attribute = "", category = "" } = row;
    if (attribute === "") throw wrongCell(file, { at, column: "attribute" }, "is empty; name what the category is of");
    const key = `${attribute}/${category}`;
    if (seen.has(key))
      throw wrongCell(file, { at, column: "category" }, `${key} stands twice; give each category one row`);
    seen.add(key);
    const [n, selected] = [whole("n"), whole("selected")];
    if (selected > n) throw wrongCell(file, { at, column: "selected" }, `${selected} is more than n, ${n}`);
    return { attribute, category, n, selected };
  });
}

function candidatesOf(file: string, rows: readonly Row[]): Candidate[] {
  const columns = Object.keys(rows[0] ?? {});
  const attributes = columns.filter((column) => !outcomeColumns.includes(column));
  if (!columns.includes("selected") && !columns.includes("score"))
    throw new Fault(
      "message.malformed",
      `${file} has columns ${columns.join(", ")}: a row a candidate wants "selected" or "score" beside the attributes; counts want ${countColumns.join(", ")}`,
    );
  if (attributes.length === 0)
    throw new Fault(
      "message.malformed",
      `${file} has no attribute column: give sex, race or another beside the outcome`,
    );
  return rows.map((row, at) => {
    const category = (value: string): string => (unknownWords.test(value) ? "" : value);
    const categories = Object.fromEntries(attributes.map((name) => [name, category(row[name] ?? "")]));
    return { categories, selected: selectedOf(file, row, at), score: scoreOf(file, row, at) };
  });
}

function selectedOf(file: string, row: Row, at: number): boolean | null {
  const value = row["selected"];
  if (value === undefined || value === "") return null;
  if (!yes.test(value) && !no.test(value))
    throw wrongCell(file, { at, column: "selected" }, `"${value}" is neither yes nor no; give 1 or 0`);
  return yes.test(value);
}

function scoreOf(file: string, row: Row, at: number): number | null {
  const value = row["score"];
  if (value === undefined || value === "") return null;
  const score = Number(value);
  if (!Number.isFinite(score)) throw wrongCell(file, { at, column: "score" }, `"${value}" is no number`);
  return score;
}

/** What each threshold would select: nobody has to guess what another cut would have done. */
function sweepOf(
  candidates: readonly Candidate[],
  scores: readonly number[],
  options: { excludeBelow: number },
): Swept[] {
  const falling = [...scores].sort((a, b) => b - a);
  const thresholds = new Set(
    sweepShares.map((share) => falling[Math.max(0, Math.round(share * falling.length) - 1)] ?? 0),
  );
  return [...thresholds].map((threshold) => {
    const { counts } = countCandidates(candidates, ({ score }) => (score === null ? null : score >= threshold));
    return { threshold, categories: impactOf(counts, options) };
  });
}

/** The audit of one file's rows. @throws Fault message.malformed naming line and column */
export function auditRows(file: string, rows: readonly Row[], options: { excludeBelow: number }): Audit {
  const columns = Object.keys(rows[0] ?? {});
  if (countColumns.every((column) => columns.includes(column))) {
    const counts = countsOf(file, rows);
    const [first] = counts;
    const n = counts.reduce((sum, one) => (one.attribute === first?.attribute ? sum + one.n : sum), 0);
    return { basis: "counts", n, unknown: {}, categories: impactOf(counts, options), sweep: [] };
  }
  const candidates = candidatesOf(file, rows);
  const scores = candidates.flatMap(({ score }) => (score === null ? [] : [score]));
  const bySelection = columns.includes("selected");
  // LL144 §5-301(c): the scoring rate is the share that scored above the median of all.
  const middle = median(scores);
  const { counts, unknown } = countCandidates(candidates, ({ selected, score }) =>
    bySelection ? selected : score === null ? null : score > middle,
  );
  return {
    basis: bySelection ? "selection" : "scores",
    n: candidates.length,
    unknown,
    categories: impactOf(counts, options),
    sweep: scores.length === 0 ? [] : sweepOf(candidates, scores, options),
  };
}

const shown = (value: number | null, digits: number): string => (value === null ? "–" : value.toFixed(digits));
const range = (interval: Impact["interval"]): string =>
  interval === null ? "–" : `${interval[0].toFixed(2)}–${interval[1].toFixed(2)}`;
const head = ["attribute", "category", "n", "selected", "rate", "impact ratio", "interval", "p", ""];

const cells = (one: Impact): string[] => [
  one.attribute,
  one.category,
  String(one.n),
  String(one.selected),
  shown(one.rate, 3),
  shown(one.impactRatio, 3),
  range(one.interval),
  shown(one.p, 4),
  one.small ? "small" : "",
];

function report({ basis, categories, unknown, n, sweep }: Audit): string {
  const missing = Object.entries(unknown).map(([attribute, count]) => `${attribute}: ${count} not known, in no rate`);
  const lines = sweep.map(({ threshold, categories: at }) => {
    const lowest = at.reduce((least, one) => Math.min(least, one.impactRatio ?? 1), 1);
    return [threshold.toFixed(3), String(at[0]?.attribute ?? ""), lowest.toFixed(3)];
  });
  const swept =
    lines.length === 0
      ? []
      : [
          "",
          "Lowest impact ratio were the score the cut:",
          formatTable(["threshold", "first attribute", "lowest ratio"], lines),
        ];
  return [`${n} people, rates by ${basis}`, "", formatTable(head, categories.map(cells)), ...missing, ...swept].join(
    "\n",
  );
}

const csvOf = ({ categories }: Audit): string =>
  [head.slice(0, 8), ...categories.map((one) => cells(one).slice(0, 8))]
    .map((row) => row.map((cell) => (/[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(","))
    .join("\n");

function shareOf(text: string | undefined): number {
  const share = Number(text ?? 0);
  if (!Number.isFinite(share) || share < 0 || share >= 1)
    throw new Fault("use.invalid", `--exclude-below wants a share from 0 to 1, such as 0.02, and got "${text}"`);
  return share;
}

/** `candor audit`: the bias audit of a file of outcomes. */
export function auditCommand(): Command {
  return new Command("audit")
    .description("impact ratios by category (LL144 §5-301), from one row a candidate or from counts")
    .argument("<file>", 'CSV: attributes with "selected" or "score" a candidate, or attribute,category,n,selected')
    .option("--exclude-below <share>", "leave out categories of a smaller share of the people, such as 0.02")
    .option("--csv", "print the categories as CSV")
    .option("--json", "print one JSON value")
    .action(async (file: string, options: Options) => {
      const audit = auditRows(file, await readRows(file), { excludeBelow: shareOf(options.excludeBelow) });
      const text = options.json ? JSON.stringify(audit) : options.csv ? csvOf(audit) : report(audit);
      process.stdout.write(`${text}\n`);
    });
}
