import t from "tap";
import type { AnswerScore } from "../../contracts/scoring.ts";
import { sessionScore } from "../../contracts/scoring.ts";
import { sampleRubric } from "./sampleRubric.ts";
import { canonicalScore, renderLevel, scoreAnswer, scoreSession } from "./score.ts";
import { wordVectors } from "./wordVectors.ts";

/** An answer that touches these competencies, with one score for all of them; null: insufficient. */
function given(answerId: string, competencies: readonly string[], score: number | null): AnswerScore {
  return {
    answerId,
    question: answerId,
    score,
    interval: score === null ? [0, 1] : [Math.max(0, score - 0.1), Math.min(1, score + 0.1)],
    evidence: [],
    insufficient: score === null,
    competencies: Object.fromEntries(competencies.map((one) => [one, score])),
  };
}
const both = ["analysis", "delivery"];

t.test("the total is the mean of the competencies by weight, with level and anchor", (t) => {
  const session = scoreSession(sampleRubric, [given("slow-shop", both, 0.5), given("locks", ["knowledge"], 1)], {
    "e5-small": "abc",
  });
  t.equal(session.total, 0.65);
  t.equal(session.coverage, 1);
  t.equal(session.withheld, false);
  t.same(session.interval, [0.55, 0.72]);
  t.equal(session.competencies[0]?.level, "3");
  t.same(session.competencies[0]?.anchor, { en: "names the cause" });
  t.equal(session.competencies[1]?.level, null);
  t.ok(sessionScore.safeParse(session).success);
  t.end();
});

t.test("silence pulls the total down; a failed device leaves it where it was, and flags it", (t) => {
  const rest = [
    given("slow-shop", both, 0.8),
    given("locks", ["knowledge"], 0.8),
    given("more", both, 0.8),
    given("third", both, 0.8),
    given("fourth", both, 0.8),
  ];
  const silent = scoreSession(sampleRubric, [...rest, given("terminals", ["analysis"], 0)], {});
  const failed = scoreSession(sampleRubric, [...rest, given("terminals", ["analysis"], null)], {});
  t.ok(silent.total !== null && silent.total < 0.8);
  t.equal(silent.coverage, 1);
  t.equal(failed.total, 0.8);
  t.equal(failed.coverage, 0.92);
  t.equal(failed.needsPerson, true);
  t.ok(failed.interval[1] - failed.interval[0] > 0.2, "what is not known widens the interval");
  t.end();
});

t.test("below 80 % of the weight the total is withheld", (t) => {
  const enough = scoreSession(
    sampleRubric,
    [
      given("slow-shop", both, 0.7),
      given("locks", ["knowledge"], 0.7),
      given("more", both, 0.7),
      given("terminals", ["knowledge"], null),
    ],
    {},
  );
  t.equal(enough.coverage, 0.85);
  t.equal(enough.total, 0.7);
  const short = scoreSession(
    sampleRubric,
    [given("slow-shop", both, 0.7), given("terminals", ["knowledge"], null)],
    {},
  );
  t.equal(short.coverage, 0.7);
  t.equal(short.withheld, true);
  t.equal(short.total, null);
  t.same(short.interval, [0, 1]);
  t.equal(short.competencies[2]?.score, null);
  const nothing = scoreSession(sampleRubric, [], {});
  t.equal(nothing.total, null);
  t.end();
});

t.test("all silent is a total of 0, not a withheld one", (t) => {
  const session = scoreSession(sampleRubric, [given("slow-shop", both, 0), given("locks", ["knowledge"], 0)], {});
  t.equal(session.total, 0);
  t.equal(session.withheld, false);
  t.end();
});

t.test("a score is rendered in the level whose band it lies in", (t) => {
  const [analysis] = sampleRubric.competencies;
  if (analysis === undefined) throw new Error("the sample has a competency");
  const levels = [0, 0.33, 0.34, 0.66, 0.67, 1].map((score) => renderLevel(score, analysis).level);
  t.same(levels, ["1", "1", "3", "3", "5", "5"]);
  t.same(renderLevel(1, { id: "x", weight: 1, name: { en: "x" } }), { level: null, anchor: null });
  t.end();
});

t.test("scoring twice gives the same canonical bytes, whatever was scored before", async (t) => {
  const [question] = sampleRubric.questions;
  if (question === undefined) throw new Error("the sample has a question");
  const answer = {
    kind: "spoken",
    text: "Last year I ran load tests, added an index and latency fell from 800 to 120 milliseconds.",
  } as const;
  const run = async (warm: boolean) => {
    const embedder = wordVectors();
    if (warm)
      await scoreAnswer(
        {
          answerId: "w",
          question,
          rubric: sampleRubric,
          language: "en",
          answer: { kind: "spoken", text: "We added a cache." },
        },
        embedder,
      );
    const one = await scoreAnswer({ answerId: "a", question, rubric: sampleRubric, language: "en", answer }, embedder);
    return canonicalScore(scoreSession(sampleRubric, [one], { b: "2", a: "1" }));
  };
  const first = await run(false);
  t.equal(await run(true), first);
  t.match(first, /"models":\{"a":"1","b":"2"\}/);
  t.notMatch(first, /\d\.\d{4}/);
});
