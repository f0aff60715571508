import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import { pilotOf } from "../inference/scoring/pilot.ts";
import { readRows } from "./csv.ts";
import { runCandor } from "./demo/plans.ts";
import { pilotReport, pilotRows } from "./pilot.ts";

t.setTimeout(120_000);

const scales = { scale: [1, 5], machineScale: [0, 1] } as const;
const head = "candidate,competency,ai,anna,ben";
/** Eight candidates on the raters' scale from 1 to 5; the machine is a little off. */
const rows = [1, 2, 3, 4, 5, 2, 3, 4].map(
  (grade, at) =>
    `c${at},analysis,${(grade - 1) / 4 + (at % 2 === 0 ? 0.02 : -0.02)},${grade},${Math.min(5, grade + (at % 3 === 0 ? 1 : 0))}`,
);
rows[0] = "c0,analysis,0,1,2";
rows[4] = "c4,analysis,1,5,";

const written = async (folder: string, lines: readonly string[]): Promise<string> => {
  const file = join(folder, "pilot.csv");
  await writeFile(file, lines.join("\n"));
  return file;
};

t.test("reads the raters' own scale, leaves an empty cell out, and says that eight are few", async (t) => {
  const file = await written(t.testdir(), [head, ...rows]);
  const read = pilotRows(file, await readRows(file), scales);
  t.same(read[0], { candidate: "c0", competency: "analysis", machine: 0, raters: [0, 0.25] });
  t.same(read[4]?.raters, [1, null]);
  const found = pilotOf(read);
  t.match(found, [
    { competency: "analysis", n: 8, small: true, people: { raters: 2 } },
    { competency: "total", n: 8 },
  ]);
  t.match(pilotReport(found, "en"), /8 candidates: fewer than 30/);
  t.match(pilotReport(found, "zh-CN"), /8 名候选人/);
});

t.test("refuses a figure off the scale, a candidate twice and a file without raters, naming the place", async (t) => {
  const refused = async (lines: string[], wanted: object): Promise<void> => {
    const file = await written(t.testdir(), lines);
    await t.rejects(async () => pilotRows(file, await readRows(file), scales), {
      code: "message.malformed",
      ...wanted,
    });
  };
  await refused([head, "c0,analysis,0.5,7,3"], { field: "anna", message: /line 2.*from 1 to 5/ });
  await refused([head, "c0,analysis,high,3,3"], { field: "ai", message: /no number/ });
  await refused([head, "c0,analysis,0.5,3,3", "c0,analysis,0.6,3,3"], { field: "candidate", message: /line 3.*twice/ });
  await refused(["candidate,ai", "c0,0.5"], { field: "raters" });
  await refused(["person,ai,anna", "c0,0.5,1"], { field: "candidate" });
});

t.test("prints one JSON value, weighed by a rubric that must know each competency", async (t) => {
  const folder = t.testdir();
  const file = await written(folder, [head, ...rows]);
  const rubric = join(folder, "rubric.json");
  const write = (id: string) =>
    writeFile(
      rubric,
      JSON.stringify({
        id: "r",
        version: 1,
        competencies: [{ id, weight: 100, name: { en: "x" } }],
        questions: [{ id: "q", kind: "spoken", text: { en: "Why?" } }],
      }),
    );
  await write("analysis");
  const printed = JSON.parse(await runCandor(["pilot", file, "--scale", "1,5", "--rubric", rubric, "--json"]));
  t.match(printed, [{ competency: "analysis" }, { competency: "total" }]);
  await write("other");
  await t.rejects(runCandor(["pilot", file, "--scale", "1,5", "--rubric", rubric]), { message: /rubric.reference/ });
});
