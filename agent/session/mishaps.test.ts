import t from "tap";
import { names, scoreOf, toAnalysing, toFirstQuestion } from "../../test/rigs/interview.ts";
import { scorecardOf } from "./card.ts";
import { fold } from "./decide.ts";
import { expired } from "./expiry.ts";
import { nothingLive } from "./live.ts";
import { finalAnswers, type Session } from "./state.ts";
import { viewOf } from "./view.ts";

t.test("goes on when the microphone process never says that it stopped", async (t) => {
  const run = toFirstQuestion();
  run.press("start", "start");
  const fact = expired(run.session, { name: "recordingStopped", answerId: "s-a1" });
  t.match(fact, { type: "recordingStopped", lost: true });
  t.ok(names(run.take(fact)).includes("endAnalysis"));
});

t.test("lets a restarted recorder go on: only its word at the end of the answer counts", async (t) => {
  const run = toFirstQuestion();
  run.press("start");
  t.notOk(names(run.stop("s-a1")).includes("endAnalysis"), "stopped while the answer is open");
  run.press("start");
  t.ok(names(run.stop("s-a1")).includes("endAnalysis"), "stopped because the answer has ended");
});

t.test("takes the end of the answer where the recorder knows no moment", async (t) => {
  const run = toFirstQuestion();
  run.press("start");
  const from = run.at;
  run.press("start");
  run.take({ type: "recordingStopped", answerId: "s-a1", stream: "mic", atMillis: 0, lost: false });
  t.ok((run.session.answers[0]?.toMillis ?? 0) > from);
});

t.test("asks the same question again after a crash in mid-answer, and scores nothing of the cut attempt", async (t) => {
  const run = toFirstQuestion();
  run.press("start");
  run.sound("s-a1", 0);
  const effects = run.crash();
  t.equal(run.session.stage, "question");
  t.equal(run.session.asked, 0);
  t.equal(run.session.again, true);
  t.equal(run.session.answers[0]?.state, "abandoned");
  t.notOk(names(effects).includes("beginAnalysis"));
  run.press("start");
  t.strictSame(
    finalAnswers(run.session).map((one) => one.answerId),
    ["s-a2"],
  );
  t.match(
    run.effects.find((one) => one.do === "record"),
    { next: { mic: 1 } },
    "no index is used twice",
  );
});

t.test("sends the scorecard again after a crash before it was in the outbox", async (t) => {
  const run = toAnalysing();
  for (const answerId of ["s-a1", "s-a2", "s-a3"]) run.analyse(answerId);
  run.take({ type: "scored", content: { score: scoreOf(0.5), canonical: "" } });
  t.match(
    run.crash().find((one) => one.do === "sendScorecard"),
    { eventId: "s-scorecard-1" },
    "under the id it had",
  );
});

t.test("folds its events to the same session that the decisions made", async (t) => {
  const run = toAnalysing();
  t.strictSame(fold(run.events), run.session);
});

t.test("leaves an answer out as insufficient when inference does not come back", async (t) => {
  const run = toAnalysing();
  run.analyse("s-a1");
  run.analyse("s-a2");
  const fact = expired(run.session, { name: "analysis", answerId: "s-a3" });
  t.match(fact, { type: "analysisOverdue", fault: "inference.lost" });
  t.ok(names(run.take(fact)).includes("joinScores"));
  t.match(run.session.answers[2]?.result, {
    score: { insufficient: true, score: null },
    observations: { faults: ["inference.lost"] },
  });
  run.analyse("s-a3");
  t.equal(run.session.answers[2]?.result?.score.insufficient, true, "a result that comes later changes nothing");
});

t.test("ends an answer at its limit", async (t) => {
  const run = toFirstQuestion();
  const begun = run.press("start");
  t.match(
    begun.find((one) => one.do === "wake"),
    { name: "answerLimit", after: 60_000 },
  );
  t.match(expired(run.session, { name: "answerLimit", answerId: "s-a1" }), { type: "answerEnded", by: "limit" });
  run.press("start");
  t.equal(expired(run.session, { name: "answerLimit", answerId: "s-a1" }), undefined, "not twice");
});

t.test("an accommodation makes an answer's limit longer, on the page too", async (t) => {
  const run = toFirstQuestion({ accommodation: { answerLimitFactor: 2.5 } });
  const shown = viewOf(run.session, nothingLive, { now: 0, at: 0 }, []);
  t.equal(shown.question?.answerLimitSeconds, 150);
  t.match(
    run.press("start").find((one) => one.do === "wake"),
    { name: "answerLimit", after: 150_000 },
  );
});

t.test("notes as gaps what a recorder that died could not tell", async (t) => {
  const run = toAnalysing();
  const [first] = run.session.answers;
  t.ok(first);
  const session: Session = {
    ...run.session,
    ended: "complete",
    answers: [{ ...first, fromMillis: 0, toMillis: 9000 } as NonNullable<typeof first>],
    segments: [0, 1, 5, 6, 7, 8].map((second, index) => ({
      stream: "mic",
      answerId: "s-a1",
      index,
      file: "",
      offsetMillis: second * 1000,
      durationMillis: 1000,
      initialisation: false,
      sha256: "",
    })),
  };
  const card = scorecardOf(session, {
    deviceId: "d",
    revision: 1,
    quality: "unknown",
    wrappedKey: {},
    journal: { lines: [], head: "" },
  });
  t.match(
    card.gaps.filter((one) => one.stream === "mic"),
    [{ from: 2000, to: 5000, fault: "process.exited" }],
  );
});
