import t from "tap";
import { names, Run, toFirstQuestion } from "../../test/rigs/interview.ts";

t.test("reads the first question out when it is shown, and again at repeat and in another language", async (t) => {
  const run = new Run();
  run.press("start", "A", "A", "B");
  t.match(run.press("start"), [{ do: "speak", questionId: "first", language: "en", ducked: false }]);
  t.match(run.press("repeat"), [{ do: "speak", questionId: "first" }]);
  const chosen = run.take({ type: "languageChosen", language: "zh-CN" });
  t.match(chosen, [{ do: "speak", language: "en" }], "in the language that the question is written in");
});

t.test("is silent before it records, and a repeat in an answer is only shown", async (t) => {
  const run = toFirstQuestion();
  t.strictSame(names(run.press("start")).slice(0, 2), ["hush", "record"], "in this order");
  t.strictSame(run.press("repeat"), []);
  t.equal(run.session.repeated, 1, "the page shows it");
  t.strictSame(run.take({ type: "languageChosen", language: "zh-CN" }), []);
});

t.test("reads the next question only when the recorder has said that it stopped", async (t) => {
  const run = toFirstQuestion();
  run.press("start");
  run.sound("s-a1", 0);
  t.notOk(names(run.press("start")).includes("speak"), "the microphone may still keep what it hears");
  t.strictSame(run.press("repeat"), [], "not by a button either");
  t.ok(names(run.stop("s-a1")).includes("speak"));
  run.press("B");
  t.match(
    run.press("start").filter(({ do: name }) => name === "speak"),
    [{ questionId: "third" }],
    "at once after a choice: nothing was recorded",
  );
});

t.test("does not read into an answer that began before the recorder had said so", async (t) => {
  const run = toFirstQuestion();
  run.press("start");
  run.press("start", "B", "start", "start");
  t.equal(run.session.stage, "answering");
  t.notOk(names(run.stop("s-a1")).includes("speak"));
});

t.test("reads the question again after a crash, and is silent once the interview is over", async (t) => {
  const run = toFirstQuestion();
  run.press("start");
  t.match(
    run.crash().filter(({ do: name }) => name === "speak"),
    [{ questionId: "first" }],
  );
  t.ok(names(run.take({ type: "withdrawn" })).includes("hush"));
});

t.test("goes lower while help has been called", async (t) => {
  const run = toFirstQuestion();
  const help = { do: "sendHelp", requestId: "s-help-1" };
  t.match(run.press("help"), [
    { ...help, eventId: "s-help-1-called" },
    { do: "duck", on: true },
  ]);
  t.match(run.press("repeat"), [{ ducked: true }]);
  t.match(run.press("help"), [
    { ...help, eventId: "s-help-1-withdrawn" },
    { do: "duck", on: false },
  ]);
  run.press("start");
  t.strictSame(names(run.press("help")), ["sendHelp"], "in an answer there is nothing to be lower than");
});
