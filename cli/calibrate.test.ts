import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import { weightProposal } from "../contracts/calibration.ts";
import { rubric as rubricSchema } from "../contracts/rubric.ts";
import { sampleRubric } from "../inference/scoring/sampleRubric.ts";
import { seeded } from "../inference/scoring/seeded.ts";
import { outcomesOf, proposalReport } from "./calibrate.ts";
import { readRows } from "./csv.ts";
import { runCandor } from "./demo/plans.ts";

t.setTimeout(120_000);

const ids = sampleRubric.competencies.map((one) => one.id);

/** Outcomes that follow the first competency only. */
function csv(candidates: number): string {
  const random = seeded(3);
  const rows = Array.from({ length: candidates }, (_, at) => {
    const scores = ids.map(() => random().toFixed(3));
    return [`c${at}`, ...scores, scores[0]].join(",");
  });
  return [["candidateRef", ...ids, "outcome"].join(","), ...rows].join("\n");
}

async function written(folder: string, outcomes: string): Promise<{ rubric: string; outcomes: string }> {
  const files = { rubric: join(folder, "rubric.json"), outcomes: join(folder, "outcomes.csv") };
  await writeFile(files.rubric, JSON.stringify(sampleRubric));
  await writeFile(files.outcomes, outcomes);
  return files;
}

t.test(
  "proposes, is approved by a named person into a new file, and taken back, with the rubric in use untouched",
  async (t) => {
    const folder = t.testdir();
    const files = await written(folder, csv(80));
    const [proposal, approved, back] = ["proposal.json", "approved.json", "back.json"].map((name) =>
      join(folder, name),
    );
    if (proposal === undefined || approved === undefined || back === undefined) throw new Error("three names");
    const before = await readFile(files.rubric, "utf8");
    const printed = weightProposal.parse(
      JSON.parse(await runCandor(["calibrate", files.rubric, files.outcomes, "--out", proposal, "--json"])),
    );
    const [first] = printed.weights;
    t.ok(first !== undefined && first.proposed === first.current + 5, "what predicts the outcome gains all it may");
    await runCandor(["calibrate", "approve", proposal, files.rubric, "--by", "A Person", "--out", approved]);
    t.same(rubricSchema.parse(JSON.parse(await readFile(approved, "utf8"))), printed.rubric);
    const told = await runCandor([
      "calibrate",
      "revert",
      proposal,
      approved,
      "--by",
      "A Person",
      "--out",
      back,
      "--json",
    ]);
    t.match(JSON.parse(told), { by: "A Person", version: sampleRubric.version + 2 });
    t.equal(await readFile(files.rubric, "utf8"), before);
    for (const language of ["zh-CN", "en"] as const)
      t.match(proposalReport(printed, language), language === "en" ? /Nothing was changed/ : /未做任何更改/);
  },
);

t.test("refuses few outcomes, a score off the scale and a competency without a column, with the reason", async (t) => {
  const folder = t.testdir();
  const few = await written(folder, csv(20));
  await t.rejects(runCandor(["calibrate", few.rubric, few.outcomes]), { message: /20 outcomes, and 50 are needed/ });
  const read = async (outcomes: string) => {
    const files = await written(folder, outcomes);
    return outcomesOf(files.outcomes, await readRows(files.outcomes), sampleRubric);
  };
  await t.rejects(read(csv(3).replace(/^c1,[\d.]+/m, "c1,1.5")), { message: /line 3.*from 0 to 1/ });
  await t.rejects(read(csv(3).replace(ids[0] ?? "", "other")), { message: /no column "analysis"/ });
  await t.rejects(read(csv(3).replace(/,[\d.]+$/m, ",")), { field: "outcome", message: /is empty/ });
});
