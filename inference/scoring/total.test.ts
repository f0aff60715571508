import t from "tap";
import type { SessionScore } from "../../contracts/scoring.ts";
import { sampleRubric } from "./sampleRubric.ts";
import { type AnswerToScore, scoreAnswer, scoreSession } from "./score.ts";
import { wordVectors } from "./wordVectors.ts";

type Given = AnswerToScore["answer"];
const embedder = wordVectors();

/** The session's score of one answer to each of the sample's three questions, weights 40, 30 and 30. */
async function total(answers: { shop: Given; terminals: Given; locks: Given }): Promise<SessionScore> {
  const given = { "slow-shop": answers.shop, terminals: answers.terminals, locks: answers.locks };
  const scores = await Promise.all(
    sampleRubric.questions.map((question) =>
      scoreAnswer(
        {
          answerId: question.id,
          question,
          rubric: sampleRubric,
          language: "en",
          answer: given[question.id as keyof typeof given],
        },
        embedder,
      ),
    ),
  );
  return scoreSession(sampleRubric, scores, { recogniser: "hash" });
}

const shop: Given = {
  kind: "spoken",
  text: "Last year our shop was slow. I ran load tests and found a slow query. I added an index and a cache. Response time fell from 800 to 120 milliseconds.",
};
const terminals: Given = {
  kind: "spoken",
  text: "The two terminals are connected, so their electrical state is the same.",
};
const locks: Given = { kind: "choice", chosen: ["B"] };
const silent: Given = { kind: "spoken", text: "" };
const deaf: Given = { kind: "failed", faults: ["mic.lost"] };

t.test("silence lowers the total by what the question weighs, and withholds nothing", async (t) => {
  const whole = await total({ shop, terminals, locks });
  const quiet = await total({ shop, terminals: silent, locks });
  t.ok(
    whole.total !== null && quiet.total !== null && quiet.total < whole.total - 0.05,
    `${quiet.total} of ${whole.total}`,
  );
  t.equal(quiet.coverage, 1);
  t.equal(quiet.withheld, false);
  const nothing = await total({ shop: silent, terminals: silent, locks: { kind: "choice", chosen: [] } });
  t.match(nothing, { total: 0, withheld: false, coverage: 1 });
});

t.test("a microphone that failed leaves its question out: the total does not fall, and is flagged", async (t) => {
  const whole = await total({ shop, terminals, locks });
  const lost = await total({ shop, terminals: deaf, locks });
  // Half of knowledge's 30 % is not covered.
  t.equal(lost.coverage, 0.85);
  t.equal(lost.withheld, false);
  t.equal(lost.needsPerson, true);
  t.ok((lost.total ?? 0) >= (whole.total ?? 1), `${lost.total} of ${whole.total}`);
  t.ok(
    lost.interval[1] - lost.interval[0] > whole.interval[1] - whole.interval[0],
    "what is not known may be anything",
  );
});

t.test("below 80 % of the weight there is no total, whatever the rest is worth", async (t) => {
  const lost = await total({ shop: deaf, terminals, locks });
  t.match(lost, { total: null, withheld: true, needsPerson: true, coverage: 0.3 });
  t.same(lost.interval, [0, 1]);
  t.equal(
    lost.competencies.find((one) => one.competency === "knowledge")?.score !== null,
    true,
    "what was heard stays told",
  );
  const same = await total({ shop: silent, terminals, locks });
  t.equal(same.withheld, false, "silence at the same question is an answer");
});

t.test("an unsure recogniser asks for a person and takes nothing off the total", async (t) => {
  const sure = await total({ shop: { ...shop, confidence: 0.95 }, terminals, locks });
  const unsure = await total({ shop: { ...shop, confidence: 0.3 }, terminals, locks });
  t.equal(unsure.total, sure.total);
  t.notOk(sure.needsPerson);
  t.equal(unsure.needsPerson, true);
  t.ok(unsure.interval[0] < sure.interval[0] && unsure.interval[1] > sure.interval[1]);
});

t.test("every score says which scorer, rubric and models it comes from", async (t) => {
  const one = await total({ shop, terminals, locks });
  t.match(one, { scorerVersion: /\S/, rubricId: "sample", rubricVersion: 1, models: { recogniser: "hash" } });
});
