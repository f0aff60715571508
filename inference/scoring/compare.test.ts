import t from "tap";
import { differencesOf, type Scored } from "./compare.ts";
import { sampleRubric } from "./sampleRubric.ts";
import { scoreAnswer, scoreSession } from "./score.ts";
import { wordVectors } from "./wordVectors.ts";

async function scored(text: string, models: Record<string, string> = { "whisper-base": "a" }): Promise<Scored> {
  const [question] = sampleRubric.questions;
  if (question === undefined) throw new Error("the sample has a question");
  const answer = { kind: "spoken", text } as const;
  const one = await scoreAnswer(
    { answerId: "a1", question, rubric: sampleRubric, language: "en", answer },
    wordVectors(),
  );
  return { score: scoreSession(sampleRubric, [one], models), transcripts: new Map([["a1", text]]) };
}

const told = "Last year I ran load tests, added an index and latency fell from 800 to 120 milliseconds.";

t.test("the same score differs in nothing, what is below a thousandth aside", async (t) => {
  const one = await scored(told);
  t.same(differencesOf(one, await scored(told)), []);
  const nearly = {
    ...one,
    score: { ...one.score, interval: [one.score.interval[0] + 1e-5, one.score.interval[1]] as [number, number] },
  };
  t.same(differencesOf(one, nearly), []);
});

t.test("another transcript is told before the score that follows from it", async (t) => {
  const found = differencesOf(await scored(told), await scored("I do not know."));
  const order = found.map((one) => one.what);
  t.ok(order.indexOf("transcript") >= 0 && order.indexOf("transcript") < order.indexOf("answer"), order.join());
  t.match(
    found.find((one) => one.what === "answer"),
    { of: "a1", after: "0.000" },
  );
});

t.test("other models and another scorer are named, also one that is missing", async (t) => {
  const one = await scored(told);
  const other = await scored(told, { "whisper-base": "b", "e5-small": "c" });
  t.same(differencesOf(one, { ...other, score: { ...other.score, scorerVersion: "0" } }), [
    { what: "scorer", of: "", before: one.score.scorerVersion, after: "0" },
    { what: "model", of: "whisper-base", before: "a", after: "b" },
    { what: "model", of: "e5-small", before: null, after: "c" },
  ]);
});
