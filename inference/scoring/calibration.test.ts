import t from "tap";
import { type Outcome, weightProposal } from "../../contracts/calibration.ts";
import { rubric as rubricSchema } from "../../contracts/rubric.ts";
import { approveWeights, leastOutcomes, proposeWeights, revertWeights } from "./calibration.ts";
import { projected, ridge } from "./ridge.ts";
import { sampleRubric } from "./sampleRubric.ts";
import { seeded } from "./seeded.ts";

const ids = sampleRubric.competencies.map((one) => one.id);
const current = sampleRubric.competencies.map((one) => one.weight);
const sum = (values: readonly number[]): number => values.reduce((total, one) => total + one, 0);

/** Candidates whose outcome follows these weights, with some noise; the scores do not go together. */
function outcomes(n: number, truth: readonly number[], { seed = 11, noise = 0.1 } = {}): Outcome[] {
  const random = seeded(seed);
  return Array.from({ length: n }, (_, at) => {
    const scores = ids.map(() => random());
    const value = sum(scores.map((one, k) => one * (truth[k] ?? 0))) / sum(truth.map(Math.abs));
    const outcome = Math.min(1, Math.max(0, value + (random() - 0.5) * noise));
    return {
      candidateRef: `c${at}`,
      competencies: Object.fromEntries(ids.map((id, k) => [id, scores[k] ?? 0])),
      outcome,
    };
  });
}

t.test("a ridge without penalty is least squares, and with a great one the prior", (t) => {
  const rows = [
    [1, 0],
    [0, 1],
    [1, 1],
    [2, 1],
    [1, 3],
  ];
  const target = rows.map(([a = 0, b = 0]) => 3 + 2 * a - b);
  const free = ridge(rows, target, { prior: [0, 0], penalty: 0 });
  t.ok(Math.abs((free[0] ?? 0) - 2) < 1e-9 && Math.abs((free[1] ?? 0) + 1) < 1e-9, `${free}`);
  const held = ridge(rows, target, { prior: [0.5, 0.25], penalty: 1e9 });
  t.ok(Math.abs((held[0] ?? 0) - 0.5) < 1e-6 && Math.abs((held[1] ?? 0) - 0.25) < 1e-6, `${held}`);
  // One column by hand: x −1, 0, 1 and y −1, 0, 1 with penalty 2: 2 / (2 + 2).
  t.same(ridge([[-1], [0], [1]], [-1, 0, 1], { prior: [0], penalty: 2 }), [0.5]);
  t.end();
});

t.test("a projection keeps its bounds and its sum, and moves nothing that fits already", (t) => {
  const bounds = [
    [20, 30],
    [20, 30],
    [40, 60],
  ] as const;
  const found = projected([90, 5, 5], bounds, 100);
  t.ok(Math.abs(sum(found) - 100) < 1e-9);
  t.ok(found.every((one, at) => one >= (bounds[at]?.[0] ?? 0) - 1e-9 && one <= (bounds[at]?.[1] ?? 0) + 1e-9));
  const fits = projected([25, 25, 50], bounds, 100);
  t.ok(fits.every((one, at) => Math.abs(one - ([25, 25, 50][at] ?? 0)) < 1e-9));
  t.end();
});

t.test("moves each weight towards what the outcomes say, by no more than was allowed, to a sum of 100", (t) => {
  const truth = [...current].reverse();
  const proposal = proposeWeights(sampleRubric, outcomes(400, truth), { largestChange: 5, draws: 200 });
  t.ok(weightProposal.safeParse(proposal).success);
  t.ok(rubricSchema.safeParse(proposal.rubric).success, "a rubric that an order may carry");
  t.ok(Math.abs(sum(proposal.weights.map((one) => one.proposed)) - 100) < 1e-9);
  for (const [at, one] of proposal.weights.entries()) {
    t.ok(Math.abs(one.proposed - one.current) <= 5 + 1e-9, `${one.competency}: ${one.current} to ${one.proposed}`);
    t.ok(one.interval[0] <= one.fitted && one.fitted <= one.interval[1]);
    const wanted = (truth[at] ?? 0) - (current[at] ?? 0);
    if (Math.abs(wanted) > 5) t.ok((one.proposed - one.current) * wanted > 0, `${one.competency} moves the right way`);
  }
  t.equal(proposal.advised, true);
  t.ok(proposal.fit.interval[0] > 0);
  t.end();
});

t.test("keeps bounds and sum where the weights in use are thirds", (t) => {
  const thirds = {
    ...sampleRubric,
    competencies: sampleRubric.competencies.map((one) => ({ ...one, weight: 100 / 3 })),
  };
  const proposal = proposeWeights(thirds, outcomes(100, [10, 1, 1]), { largestChange: 5, draws: 100 });
  t.equal(Math.round(sum(proposal.weights.map((one) => one.proposed * 10))), 1000);
  for (const one of proposal.weights)
    t.ok(Math.abs(one.proposed - one.current) <= 5, `${one.competency}: ${one.proposed}`);
  t.ok(rubricSchema.safeParse(proposal.rubric).success);
  t.end();
});

t.test("advises nothing where the weights are right already", (t) => {
  const proposal = proposeWeights(sampleRubric, outcomes(200, current, { noise: 0.6 }), { draws: 200 });
  t.equal(proposal.advised, false);
  for (const one of proposal.weights)
    t.ok(one.interval[0] <= one.current && one.current <= one.interval[1], one.competency);
  t.end();
});

t.test("the same outcomes and seed give the same proposal, another seed another interval", (t) => {
  const data = outcomes(80, current);
  const run = (seed: number) => proposeWeights(sampleRubric, data, { seed, draws: 100 });
  t.same(run(5), run(5));
  t.notSame(run(5).weights, run(6).weights);
  t.end();
});

t.test(
  "is refused with its reason: too few, a candidate twice, no spread, a total that goes against the outcome",
  (t) => {
    const refused = (given: Outcome[], message: RegExp): unknown =>
      t.throws(() => proposeWeights(sampleRubric, given, { draws: 50 }), { code: "use.invalid", message });
    const enough = outcomes(60, current);
    refused(enough.slice(0, leastOutcomes.candidates - 1), /49 outcomes, and 50 are needed/);
    refused([...enough, ...enough.slice(0, 1)], /stands twice/);
    refused(
      enough.map((one) => ({ ...one, outcome: 0.5 })),
      /every outcome is the same/,
    );
    refused(
      enough.map((one) => ({ ...one, competencies: { ...one.competencies, [ids[0] ?? ""]: 0.5 } })),
      /same score for analysis/,
    );
    refused(
      enough.map((one) => ({ ...one, outcome: 1 - one.outcome })),
      /does not rise with the outcome/,
    );
    t.end();
  },
);

t.test("changes nothing until a person approves, then makes a new version, and can be taken back", (t) => {
  const before = structuredClone(sampleRubric);
  const proposal = proposeWeights(sampleRubric, outcomes(100, [...current].reverse()), { draws: 100 });
  t.same(sampleRubric, before, "the rubric in use is as it was");
  const approved = approveWeights(proposal, sampleRubric);
  t.equal(approved.version, sampleRubric.version + 1);
  t.same(
    approved.competencies.map((one) => one.weight),
    proposal.weights.map((one) => one.proposed),
  );
  const back = revertWeights(proposal, approved);
  t.equal(back.version, sampleRubric.version + 2, "no version is used twice");
  t.same({ ...back, version: 0 }, { ...sampleRubric, version: 0 });
  const touched = { ...sampleRubric, version: 9 };
  t.throws(() => approveWeights(proposal, touched), { code: "rubric.reference" });
  t.throws(() => revertWeights(proposal, sampleRubric), { code: "rubric.reference" }, "nothing was approved yet");
  const [first, ...rest] = proposal.weights;
  const forged = { ...proposal, weights: [{ ...first, proposed: 1 }, ...rest] } as typeof proposal;
  t.throws(() => approveWeights(forged, sampleRubric), { code: "rubric.reference" });
  t.end();
});
