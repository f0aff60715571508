import t from "tap";
import { good, names, Run, scoreOf, time, toAnalysing, toFirstQuestion } from "../../test/rigs/interview.ts";
import { scorecardOf } from "./card.ts";
import { checkOf, heard, nothingLive } from "./live.ts";
import { pressed } from "./press.ts";

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
  t.strictSame(names(run.press("help", "repeat")), ["sendHelp"]);
  t.equal(run.session.help, true);
  t.equal(run.session.stage, "answering");
  run.press("help");
  t.equal(run.session.help, false);
});

t.test("tells the newest call for help again after a crash, and no other", async (t) => {
  const run = toFirstQuestion();
  const told = () => run.crash().filter(({ do: name }) => name === "sendHelp");
  t.strictSame(told(), []);
  run.press("help");
  t.match(told(), [{ requestId: "s-help-1", eventId: "s-help-1-called", state: "called" }]);
  run.press("help");
  t.match(told(), [{ requestId: "s-help-1", state: "withdrawn" }]);
  run.press("help");
  t.match(told(), [{ requestId: "s-help-2", state: "called" }]);
});

t.test("adds up the time of each stage", async (t) => {
  const run = toAnalysing();
  t.equal(
    Object.values(run.session.stages).reduce((sum, one) => sum + one, 0),
    run.session.since,
  );
});
