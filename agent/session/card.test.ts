import t from "tap";
import type { AnswerObservations } from "../../contracts/observation.ts";
import { scorecard } from "../../contracts/scorecard.ts";
import { scorerVersion } from "../../inference/scoring/weights.ts";
import { type Run, scoreOf, toAnalysing } from "../../test/rigs/interview.ts";
import { type CardAdditions, scorecardOf } from "./card.ts";

const additions: CardAdditions = {
  deviceId: "device",
  revision: 1,
  quality: "unknown",
  wrappedKey: {},
  journal: { lines: [], head: "" },
};

/** A spoken answer as two models heard it. */
const observations: AnswerObservations = {
  transcript: { language: "en", text: "", utterances: [] },
  pace: null,
  fillers: null,
  responseLatency: null,
  severalFaces: null,
  plugins: {},
  sound: null,
  speech: [],
  faults: [],
  models: { "whisper-base": "hash of the recogniser", "silero-vad": "hash of the voice activity" },
};

function scored(): Run {
  const run = toAnalysing();
  const score = {
    answerId: "s-a1",
    question: "",
    score: 0.5,
    interval: [0.4, 0.6] as [number, number],
    evidence: [],
    insufficient: false,
    competencies: {},
  };
  run.take({ type: "analysed", answerId: "s-a1", content: { observations, score } });
  run.analyse("s-a2");
  run.analyse("s-a3");
  run.take({
    type: "scored",
    content: {
      score: { ...scoreOf(0.5), scorerVersion, models: { "e5-small": "hash of the embedder" } },
      canonical: "",
    },
  });
  return run;
}

t.test(
  "a scorecard names the software, the scorer, the rubric by hash and every model that had a say, by hash",
  async (t) => {
    const run = scored();
    const { order } = run.session;
    const card = scorecard.parse(scorecardOf(run.session, additions));
    t.same(card.versions, {
      software: run.session.software,
      scorer: scorerVersion,
      rubric: `${order.rubric.id}@${order.rubric.version}#${order.rubricHash}`,
      policy: `${order.policy.id}@${order.policy.version}#${order.policyHash}`,
      models: { ...observations.models, "e5-small": "hash of the embedder" },
    });
    t.match(card.score, { scorerVersion, rubricId: /\S/, rubricVersion: 1 });
  },
);

t.test("one without a score names the rubric too, and no scorer that had no say", async (t) => {
  const run = toAnalysing();
  run.take({ type: "withdrawn" });
  const card = scorecard.parse(scorecardOf(run.session, additions));
  t.match(card.versions, { scorer: "", rubric: /@1#/, models: {} });
});
