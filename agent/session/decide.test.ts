import t from "tap";
import type { SessionEvent } from "../../contracts/journal.ts";
import type { SessionScore } from "../../contracts/scoring.ts";
import { makeRig, orderFor } from "../testRig.ts";
import { scorecardOf } from "./card.ts";
import { begin, decide, fold } from "./decide.ts";
import type { Effect } from "./effect.ts";
import { expired } from "./expiry.ts";
import { checkOf, heard, nothingLive } from "./live.ts";
import { pressed } from "./press.ts";
import { type Fact, finalAnswers, type Session } from "./state.ts";

const order = orderFor(await makeRig());
const time = "2026-03-01T09:00:00.000Z";
const good = { microphone: "good", camera: "good" } as const;

/** A session that remembers its events, so that every test can also fold them. */
class Run {
  readonly events: SessionEvent[] = [];
  session: Session;
  effects: Effect[];
  at = 0;

  constructor() {
    const opening: Extract<SessionEvent, { type: "opened" }> = {
      type: "opened",
      version: 1,
      at: 0,
      time,
      sessionId: "s",
      orderId: order.orderId,
      nonce: "n",
      clockQuality: "unknown",
      software: "0",
      bootId: "b",
      origin: 0,
      order,
    };
    this.events.push(opening);
    [this.session, this.effects] = begin(opening);
  }

  take(fact: Fact | undefined): Effect[] {
    if (fact === undefined) return [];
    this.at += 1000;
    const event = { ...fact, at: this.at, time } as SessionEvent;
    this.events.push(event);
    [this.session, this.effects] = decide(this.session, event);
    return this.effects;
  }

  press(...buttons: ("start" | "repeat" | "help" | "A" | "B" | "C" | "D")[]): Effect[] {
    return buttons.flatMap((button) => this.take(pressed(this.session, button, { time, check: good })));
  }

  /** The process died and came back; `boot` another one when the machine was started anew. */
  crash(boot = "b"): Effect[] {
    this.session = fold(this.events);
    return this.take({ type: "resumed", bootId: boot, origin: 5, since: this.at });
  }

  analyse(answerId: string): Effect[] {
    const score = {
      answerId,
      question: "",
      score: 0.5,
      interval: [0.4, 0.6] as [number, number],
      evidence: [],
      insufficient: false,
      competencies: {},
    };
    return this.take({ type: "analysed", answerId, content: { observations: null, score } });
  }

  sound(answerId: string, index: number): Effect[] {
    const file = `mic-${String(index).padStart(6, "0")}.sealed`;
    return this.take({
      type: "segmentKept",
      segment: {
        stream: "mic",
        answerId,
        index,
        file,
        offsetMillis: this.at,
        durationMillis: 1000,
        initialisation: false,
        sha256: "",
      },
    });
  }

  stop(answerId: string): Effect[] {
    return this.take({ type: "recordingStopped", answerId, stream: "mic", atMillis: this.at, lost: false });
  }
}

const names = (effects: readonly Effect[]): string[] => effects.map((one) => one.do);
const toFirstQuestion = (): Run => {
  const run = new Run();
  run.press("start", "A", "A", "B", "start");
  return run;
};
const scoreOf = (score: number): SessionScore => ({
  scorerVersion: "1",
  rubricId: "rubric",
  rubricVersion: 1,
  answers: [],
  competencies: [],
  total: score,
  interval: [score, score],
  coverage: 1,
  withheld: false,
  models: {},
});
/** All three questions answered; nothing analysed yet. */
const toAnalysing = (): Run => {
  const run = toFirstQuestion();
  run.press("start");
  run.sound("s-a1", 0);
  run.press("start");
  run.stop("s-a1");
  run.press("B", "start", "start");
  run.sound("s-a3", 1);
  run.press("start");
  run.stop("s-a3");
  return run;
};

t.test("opens no camera and no microphone before each consent has been answered", async (t) => {
  const run = new Run();
  const before = [...run.effects, ...run.press("start", "A", "A")];
  t.notOk(names(before).includes("watch"));
  t.ok(names(run.press("B")).includes("watch"), "an optional purpose may be refused");
  t.equal(run.session.stage, "check");
  t.strictSame(
    run.session.consents.map((one) => one.given),
    [true, true, false],
  );
});

t.test("ends, wipes and says so when a consent that is needed is refused", async (t) => {
  const run = new Run();
  const effects = run.press("start", "A", "B");
  t.equal(run.session.ended, "refused");
  t.ok(names(effects).includes("wipeContent"));
  t.match(
    effects.find((one) => one.do === "sendState"),
    { state: "refused" },
  );
  t.ok(names(effects).includes("sendScorecard"));
  t.notOk(names(effects).includes("joinScores"));
});

t.test("lets nobody through the device check without any sound, and a quiet voice after a while", async (t) => {
  const run = new Run();
  run.press("start", "A", "A", "A");
  t.equal(pressed(run.session, "start", { time, check: { ...good, microphone: "waiting" } }), undefined);
  const open = heard(nothingLive, { report: "state", stream: "mic", state: "open" });
  const quiet = heard(open, { report: "meter", stream: "mic", level: -60 });
  t.equal(checkOf(quiet, 1000).microphone, "waiting");
  t.equal(checkOf(quiet, 20_000).microphone, "tooQuiet");
  t.match(pressed(run.session, "start", { time, check: { ...good, microphone: "tooQuiet" } }), {
    type: "deviceChecked",
  });
});

t.test("asks three questions and joins the scores when every answer has its result", async (t) => {
  const run = toAnalysing();
  t.equal(run.session.stage, "analysing");
  t.strictSame(names(run.analyse("s-a1")), []);
  t.strictSame(names(run.analyse("s-a3")), []);
  t.ok(names(run.analyse("s-a2")).includes("joinScores"), "in whatever order they come");
  const effects = run.take({ type: "scored", content: { score: scoreOf(0.5), canonical: "" } });
  t.equal(run.session.stage, "feedback");
  t.equal(run.session.ended, "complete");
  t.match(
    effects.find((one) => one.do === "sendState"),
    { state: "done", eventId: "s-state-2" },
  );
  t.match(
    effects.find((one) => one.do === "sendScorecard"),
    { eventId: "s-scorecard-1" },
  );
  t.notOk(names(effects).includes("wipeContent"));
  t.ok(names(run.press("start")).includes("close"));
});

t.test("records the next answer while the last one is still being analysed", async (t) => {
  const run = toFirstQuestion();
  run.press("start", "start");
  t.equal(run.session.stage, "question");
  run.press("A", "start");
  t.ok(names(run.press("start")).includes("record"));
  t.equal(run.session.answers[0]?.result, undefined);
});

t.test("tells inference that an answer is whole only when the microphone has said so", async (t) => {
  const run = toFirstQuestion();
  run.press("start");
  const ended = run.press("start");
  t.ok(names(ended).includes("stopRecording"));
  t.notOk(names(ended).includes("endAnalysis"));
  t.ok(names(run.sound("s-a1", 0)).includes("passSegment"), "the last piece still counts");
  t.ok(names(run.stop("s-a1")).includes("endAnalysis"));
});

t.test("goes on when the microphone process never says that it stopped", async (t) => {
  const run = toFirstQuestion();
  run.press("start", "start");
  const fact = expired(run.session, { name: "recordingStopped", answerId: "s-a1" });
  t.match(fact, { type: "recordingStopped", lost: true });
  t.ok(names(run.take(fact)).includes("endAnalysis"));
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

t.test(
  "goes to the next question after a crash between answers, and sends the answered one to inference again",
  async (t) => {
    const run = toFirstQuestion();
    run.press("start");
    run.sound("s-a1", 0);
    run.press("start");
    run.stop("s-a1");
    const effects = run.crash("another-boot");
    t.equal(run.session.asked, 1);
    t.equal(run.session.bootId, "another-boot");
    t.strictSame(
      names(effects).filter((name) => ["openAnalysis", "beginAnalysis", "passSegment", "endAnalysis"].includes(name)),
      ["openAnalysis", "beginAnalysis", "passSegment", "endAnalysis"],
    );
  },
);

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

t.test("scores nothing and keeps nothing when the candidate withdraws in mid-answer", async (t) => {
  const run = toAnalysing();
  run.analyse("s-a1");
  const effects = run.take({ type: "withdrawn" });
  for (const name of ["wipeContent", "closeAnalysis", "sendScorecard"]) t.ok(names(effects).includes(name), name);
  t.notOk(names(run.analyse("s-a2")).includes("joinScores"));
  const card = scorecardOf(run.session, {
    deviceId: "device",
    revision: 1,
    quality: "unknown",
    wrappedKey: {},
    journal: { lines: [], head: "" },
  });
  t.match(card, { ended: "withdrawn", score: null });
  t.strictSame([card.answers, card.media, card.framing], [[], [], []]);
});

t.test("chooses by buttons, changes its mind, and confirms only what was chosen", async (t) => {
  const run = toFirstQuestion();
  run.press("start", "start");
  run.stop("s-a1");
  t.strictSame(run.press("start"), [], "nothing chosen yet");
  t.equal(run.session.asked, 1);
  run.press("D");
  t.strictSame(run.session.chosen, [], "there is no option D");
  run.press("A", "B");
  t.match(
    run.press("start").find((one) => one.do === "analyseChoice"),
    { chosen: ["B"] },
  );
});

t.test("calls help and repeats a question without touching the answer", async (t) => {
  const run = toFirstQuestion();
  run.press("start");
  t.strictSame(names(run.press("help", "repeat")), []);
  t.equal(run.session.help, true);
  t.equal(run.session.stage, "answering");
  run.press("help");
  t.equal(run.session.help, false);
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

t.test("adds up the time of each stage", async (t) => {
  const run = toAnalysing();
  t.equal(
    Object.values(run.session.stages).reduce((sum, one) => sum + one, 0),
    run.session.since,
  );
});
