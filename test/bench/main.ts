import { parseArgs } from "node:util";
import { buttonsBench } from "./buttons.ts";
import { captureBench } from "./capture.ts";
import { inferenceBench } from "./inference.ts";
import { lightBench } from "./light.ts";
import { systemBench } from "./system.ts";

/** One line of the whole table: `limited` names what the limit is of; a line without a limit is there to be read. */
type Line = {
  name: string;
  measured: number;
  peer: number;
  unit: string;
  ratio: number;
  limit: number | null;
  limited: "ratio" | "measured";
  met: boolean;
};

async function everyLine(): Promise<Line[]> {
  const inference = (await inferenceBench()).map(
    (one): Line => ({ ...one, limited: "ratio", met: one.ratio <= one.limit }),
  );
  const system = [
    ...(await buttonsBench()),
    ...(await captureBench()),
    ...(await lightBench()),
    ...(await systemBench()),
  ].map(
    (one): Line => ({
      ...one,
      ratio: one.measured / one.peer,
      limited: "measured",
      met: one.limit === null || one.measured <= one.limit,
    }),
  );
  return [...inference, ...system];
}

const limitOf = ({ limit, limited, unit }: Line): string =>
  limit === null ? "" : limited === "ratio" ? `≤ ${limit} ×` : `≤ ${limit} ${unit}`;

function table(lines: readonly Line[]): string {
  const head = ["", "measured", "bare", "ratio", "limit", ""];
  const rows = lines.map((one) => [
    one.name,
    `${one.measured.toFixed(2)} ${one.unit}`,
    `${one.peer.toFixed(2)} ${one.unit}`,
    one.ratio.toFixed(3),
    limitOf(one),
    one.limit === null ? "" : one.met ? "met" : "MISSED",
  ]);
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => (row[column] ?? "").length)));
  return all
    .map((row) =>
      row
        .map((text, column) => (column === 0 ? text.padEnd(widths[0] ?? 0) : text.padStart(widths[column] ?? 0)))
        .join("  "),
    )
    .join("\n");
}

const { values } = parseArgs({ options: { json: { type: "boolean", default: false } } });
const lines = await everyLine();
process.stdout.write(values.json ? `${JSON.stringify(lines)}\n` : `${table(lines)}\n`);
process.exitCode = lines.every((one) => one.met) ? 0 : 1;
