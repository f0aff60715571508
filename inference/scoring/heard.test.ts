import t from "tap";
import type { AnswerObservations, Pace } from "../../contracts/observation.ts";
import { answerHeard } from "./heard.ts";
import { sampleRubric } from "./sampleRubric.ts";
import { canonicalScore, scoreAnswer, scoreSession } from "./score.ts";
import { wordVectors } from "./wordVectors.ts";

const text =
  "Last year our shop was slow. I ran load tests, added an index and a cache, and it fell from 800 to 120 ms.";

/** One answer as inference observed it, `change` aside. */
function observed(change: Partial<AnswerObservations> = {}): AnswerObservations {
  const words = text
    .split(" ")
    .map((word, at) => ({ text: word, start: at * 400, end: at * 400 + 300, confidence: 0.9 }));
  const utterance = { start: 0, end: 9000, language: "en" as const, text, confidence: 0.9, words };
  return {
    transcript: { language: "en", text, utterances: [utterance] },
    pace: { speechMillis: 9000, latencyMillis: 300, wordsPerMinute: 140, pauses: [] },
    fillers: null,
    responseLatency: null,
    severalFaces: null,
    plugins: {},
    sound: { rmsDbfs: -22, noiseFloorDbfs: -60, clipped: 0, usable: true },
    speech: [{ start: 0, end: 9000 }],
    faults: [],
    models: {},
    ...change,
  };
}

async function canonicalOf(observations: AnswerObservations): Promise<string> {
  const [question] = sampleRubric.questions;
  if (question === undefined) throw new Error("the sample has a question");
  const answer = answerHeard(observations, { answerStartMillis: 0 });
  const one = await scoreAnswer(
    { answerId: "a", question, rubric: sampleRubric, language: "en", answer },
    wordVectors(),
  );
  return canonicalScore(scoreSession(sampleRubric, [one], {}));
}

t.test("how a person speaks enters no competency: another pace gives the same score, byte for byte", async (t) => {
  const usual = await canonicalOf(observed());
  const paces: (Pace | null)[] = [
    null,
    { speechMillis: 60_000, latencyMillis: 25_000, wordsPerMinute: 35, pauses: [{ start: 1000, end: 9000 }] },
    { speechMillis: 4000, latencyMillis: 0, wordsPerMinute: 320, pauses: [] },
  ];
  for (const pace of paces) t.equal(await canonicalOf(observed({ pace })), usual);
  const speech = [
    { start: 0, end: 2000 },
    { start: 7000, end: 9000 },
  ];
  t.equal(await canonicalOf(observed({ speech })), usual, "and so does other stretches of speech");
  const fillers = { count: 40, perMinute: 266.7, found: [{ text: "um", start: 350, end: 390 }] };
  const responseLatency = { askedMillis: 0, by: "shown" as const, latencyMillis: 25_000 };
  t.equal(await canonicalOf(observed({ fillers, responseLatency })), usual, "and so do fillers and a late beginning");
  const loud = { rmsDbfs: -6, noiseFloorDbfs: -20, clipped: 0.2, usable: true };
  t.equal(await canonicalOf(observed({ sound: loud })), usual, "and another level");
});

t.test("other words do give another score: the comparison above can fail", async (t) => {
  const other = observed();
  const transcript = { language: "en" as const, text: "I do not know.", utterances: [] };
  t.not(await canonicalOf({ ...other, transcript }), await canonicalOf(other));
});

t.test("no transcript is a failure of the device, with its faults; an empty one is silence", (t) => {
  t.same(answerHeard(observed({ transcript: null, faults: ["model.missing"] }), { answerStartMillis: 0 }), {
    kind: "failed",
    faults: ["model.missing"],
  });
  const silent = answerHeard(observed({ transcript: { language: "en", text: "", utterances: [] } }), {
    answerStartMillis: 0,
  });
  t.match(silent, { kind: "spoken", text: "" });
  t.notOk("confidence" in silent);
  t.end();
});
