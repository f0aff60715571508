import t from "tap";
import { type PilotRow, pilotOf } from "./pilot.ts";
import { seeded } from "./seeded.ts";

/** Table 2 of Shrout and Fleiss (1979), four judges from 1 to 10, as figures from 0 to 1. */
const judges = [
  [9, 2, 5, 8],
  [6, 1, 3, 2],
  [8, 4, 6, 8],
  [7, 1, 2, 6],
  [10, 5, 6, 9],
  [6, 2, 4, 7],
].map((row) => row.map((one) => one / 10));

const rowsFor = (competency: string, machine: (mean: number, at: number) => number | null): PilotRow[] =>
  judges.map((raters, at) => ({
    candidate: `c${at}`,
    competency,
    machine: machine(raters.reduce((sum, one) => sum + one, 0) / raters.length, at),
    raters,
  }));

t.test(
  "people among themselves get the figures of Shrout and Fleiss, and a machine that copies them agrees wholly",
  (t) => {
    const [only] = pilotOf(rowsFor("analysis", (mean) => mean));
    const estimate = (one: object | undefined): number =>
      (one as { estimate?: { value: number } }).estimate?.value ?? Number.NaN;
    t.ok(Math.abs(estimate(only?.people.single) - 0.29) < 0.005);
    t.ok(Math.abs(estimate(only?.people.average) - 0.62) < 0.005);
    t.ok(Math.abs(estimate(only?.machine.pearson) - 1) < 1e-9);
    t.ok(Math.abs(estimate(only?.machine.kappa) - 1) < 1e-9);
    t.match(only, { n: 6, small: true, holds: { kappa: true, pearson: true, apart: true, degradation: true } });
    t.end();
  },
);

t.test("a machine that is too kind, or rates the other way round, does not hold", (t) => {
  const [kind] = pilotOf(rowsFor("analysis", (mean) => Math.min(1, mean + 0.3)));
  t.equal(kind?.holds.apart, false);
  const found = kind?.machine.difference;
  t.ok(found !== undefined && "estimate" in found && Math.abs(found.estimate.bias.value - 0.3) < 0.02);
  const [against] = pilotOf(rowsFor("analysis", (mean) => 1 - mean));
  t.match(against?.holds, { kappa: false, pearson: false, degradation: false });
  t.end();
});

t.test("the total is weighed by the rubric, over candidates of whom every competency is there", (t) => {
  const rows = [
    ...rowsFor("analysis", (mean) => mean),
    ...rowsFor("delivery", (mean, at) => (at === 0 ? null : mean / 2)),
  ];
  const results = pilotOf(rows, { weights: { analysis: 75, delivery: 25 } });
  t.same(
    results.map((one) => [one.competency, one.n]),
    [
      ["analysis", 6],
      ["delivery", 5],
      ["total", 5],
    ],
  );
  // The machine gives delivery half of what people give: a quarter of the weight, so an eighth of their mean is missing.
  const people = judges.slice(1).map((row) => row.reduce((sum, one) => sum + one, 0) / 4);
  const missing = people.reduce((sum, one) => sum + one, 0) / people.length / 8;
  const total = results[2]?.machine.difference;
  t.ok(total !== undefined && "estimate" in total && Math.abs(total.estimate.bias.value + missing) < 1e-9);
  t.end();
});

t.test("says why there is no figure instead of giving one", (t) => {
  const [few] = pilotOf(rowsFor("analysis", (mean) => mean).slice(0, 3));
  t.match(few?.machine.pearson, { reason: /four subjects/ });
  t.equal(few?.holds.kappa, null);
  const alone = rowsFor("analysis", (mean) => mean).map((one) => ({ ...one, raters: one.raters.slice(0, 1) }));
  t.match(pilotOf(alone)[0]?.people.single, { reason: /two graders/ });
  t.match(pilotOf(alone)[0]?.people.alpha, { reason: /two grades/ });
  t.end();
});

t.test("the seeded generator is even, and the same seed gives the same interval", (t) => {
  const random = seeded(7);
  const drawn = Array.from({ length: 10_000 }, random);
  t.ok(drawn.every((one) => one >= 0 && one < 1));
  t.ok(Math.abs(drawn.reduce((sum, one) => sum + one, 0) / drawn.length - 0.5) < 0.01);
  const rows = rowsFor("analysis", (mean) => mean);
  t.same(pilotOf(rows, { seed: 3 }), pilotOf(rows, { seed: 3 }));
  t.end();
});
