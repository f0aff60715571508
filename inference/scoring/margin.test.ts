import t, { type Test } from "tap";
import type { Language } from "../../contracts/language.ts";
import type { AnswerScore } from "../../contracts/scoring.ts";
import { effectiveFindings, type Grounds, margin } from "./margin.ts";
import { sampleRubric } from "./sampleRubric.ts";
import { scoreAnswer } from "./score.ts";
import { leastConfidence } from "./weights.ts";
import { wordVectors } from "./wordVectors.ts";

const grounds: Grounds = {
  base: 0.12,
  findings: [0.3, 0.2, 0.1].map((points) => ({ points })),
  confidence: 0.9,
  length: 60,
  enough: 70,
};
const steps = Array.from({ length: 21 }, (_, at) => at / 20);

/** Never wider from one to the next, and narrower in all. */
function falls(t: Test, widths: readonly number[], what: string): void {
  for (const [at, width] of widths.slice(1).entries()) t.ok(width <= (widths[at] ?? 0) + 1e-12, `${what}, step ${at}`);
  t.ok((widths.at(-1) ?? 0) < (widths[0] ?? 0), `${what} tells`);
}

t.test("the margin falls with confidence, with length, and with findings that carry alike", (t) => {
  falls(
    t,
    steps.map((confidence) => margin({ ...grounds, confidence })),
    "confidence",
  );
  falls(
    t,
    steps.map((part) => margin({ ...grounds, length: part * 100 })),
    "length",
  );
  const shared = (count: number) => Array.from({ length: count }, () => ({ points: 0.6 / count }));
  falls(
    t,
    [1, 2, 3, 5, 8].map((count) => margin({ ...grounds, findings: shared(count) })),
    "findings",
  );
  falls(
    t,
    [0, 0.1, 0.2, 0.3].map((second) => margin({ ...grounds, findings: [{ points: 0.3 }, { points: second }] })),
    "evenness",
  );
  t.equal(margin({ ...grounds, length: 70 }), margin({ ...grounds, length: 700 }), "longer than enough adds nothing");
  t.ok(margin({ ...grounds, base: 0.5, confidence: 0, findings: [], length: 0 }) <= 0.5);
  t.end();
});

t.test("findings are counted by how evenly they carry", (t) => {
  t.equal(effectiveFindings([]), 0);
  t.ok(Math.abs(effectiveFindings([{ points: 0.2 }, { points: -0.2 }]) - 2) < 1e-12);
  // (0.9 + 0.1)² / (0.81 + 0.01)
  t.ok(Math.abs(effectiveFindings([{ points: 0.9 }, { points: 0.1 }]) - 1 / 0.82) < 1e-12);
  t.end();
});

const embedder = wordVectors();
async function heard(
  id: string,
  given: { text: string; confidence?: number; language?: Language },
): Promise<AnswerScore> {
  const question = sampleRubric.questions.find((one) => one.id === id);
  if (question === undefined) throw new Error(`no question ${id}`);
  const { language = "en", ...rest } = given;
  return scoreAnswer(
    { answerId: "a", question, rubric: sampleRubric, language, answer: { kind: "spoken", ...rest } },
    embedder,
  );
}
const width = ({ interval }: AnswerScore): number => interval[1] - interval[0];
const told = "Last year our shop was slow. I ran load tests and found a slow query. I added an index and a cache.";

t.test(
  "an answer heard less surely scores the same, in a wider interval, and goes to a person below the limit",
  async (t) => {
    const sure = await heard("slow-shop", { text: told, confidence: 1 });
    let last = width(sure);
    for (const confidence of [...steps].reverse()) {
      const one = await heard("slow-shop", { text: told, confidence });
      t.equal(one.score, sure.score, `${confidence}: no lower score`);
      t.same(one.competencies, sure.competencies);
      t.same(one.evidence, sure.evidence);
      t.equal(one.needsPerson, confidence < leastConfidence, `${confidence}: a person`);
      t.ok(width(one) >= last - 1e-9, `${confidence}: no narrower`);
      t.ok(one.interval[0] <= (one.score ?? 0) && one.interval[1] >= (one.score ?? 1));
      last = width(one);
    }
    t.ok(last > width(sure) + 0.1, "and much wider at the end");
  },
);

t.test("what was heard as off the topic or a refusal is doubted with the hearing", async (t) => {
  for (const text of ["I don't know.", "We walked in the mountains and saw a beautiful sunset over the sea."]) {
    const [clear, faint] = [
      await heard("slow-shop", { text, confidence: 0.95 }),
      await heard("slow-shop", { text, confidence: 0.3 }),
    ];
    t.equal(clear.score, 0, text);
    t.equal(faint.score, 0);
    t.ok(faint.interval[1] > clear.interval[1] + 0.1, "it may have been more than that");
    t.equal(faint.needsPerson, true);
  }
});

t.test("silence is settled: no recogniser was unsure of it", async (t) => {
  const [one, other] = [await heard("slow-shop", { text: "" }), await heard("slow-shop", { text: "", confidence: 0 })];
  t.same(one, other);
  t.equal(one.needsPerson, false);
});
