import { formatTable } from "../demo/table.ts";
import type { CheckReport } from "./check.ts";
import type { GateResult } from "./gates.ts";
import type { PartReport } from "./part.ts";

function limits({ least, most }: GateResult): string {
  if (least !== undefined && most !== undefined) return least === most ? `${least}` : `${least} to ${most}`;
  return least === undefined ? `at most ${most}` : `at least ${least}`;
}

const figuresOf = ({ figures, fault, why }: PartReport): string =>
  fault?.message ??
  why ??
  Object.entries(figures)
    .map(([name, value]) => `${name} ${value}`)
    .join(" · ");

const partRows = (part: PartReport): string[][] => [
  [part.part, part.state, figuresOf(part)],
  ...part.gates.map((gate) => [
    `  ${gate.gate}`,
    gate.passed ? "ok" : "NOT OK",
    `${gate.measured} ${gate.unit} (${limits(gate)})`,
  ]),
];

/** What to do, a line for each thing that is wrong. */
const remedies = (parts: readonly PartReport[]): string[] =>
  parts.flatMap(({ part, remedy, gates }) => [
    ...(remedy === undefined ? [] : [`${part}: ${remedy}`]),
    ...gates.flatMap((gate) => (gate.remedy === undefined ? [] : [`${part}, ${gate.gate}: ${gate.remedy}`])),
  ]);

/** The report for a person: what the board is, what is mounted, what each part came to, and what to do. */
export function reportText({ board, recognisedBy, profile, mounted, parts }: CheckReport): string {
  const { recogniser, provider, live, picture } = profile;
  const todo = remedies(parts);
  return [
    `board ${board}, known by ${recognisedBy}`,
    `runs ${recogniser} on ${provider}, live ${live.join(", ") || "nothing"}; pictures ${picture.width}×${picture.height} at ${picture.framesPerSecond} a second at most`,
    "",
    formatTable(
      ["mounted", "driver", "options"],
      mounted.map(({ part, driver, options }) => [part, driver, JSON.stringify(options)]),
    ),
    "",
    formatTable(["part", "result", "measured"], parts.flatMap(partRows)),
    ...(todo.length === 0 ? [] : ["", "to do:", ...todo.map((line) => `  ${line}`)]),
  ].join("\n");
}
