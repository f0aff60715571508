import t from "tap";
import { codeQuestion, codeRubric, judgementOf } from "../../test/rigs/code.ts";
import { good, names, Run, scoreOf, time } from "../../test/rigs/interview.ts";
import { readWording } from "../catalogue.ts";
import { insufficient } from "../session/answering.ts";
import { scorecardOf } from "../session/card.ts";
import { expired } from "../session/expiry.ts";
import { feedbackOf } from "../session/feedback.ts";
import { nothingLive } from "../session/live.ts";
import { pressed } from "../session/press.ts";
import type { Answer, Draft } from "../session/state.ts";
import { viewOf } from "../session/view.ts";
import { judgedFact } from "./code.ts";

const draft: Draft = { questionId: "double", code: { language: "python", source: "print(int(input()) * 2)" } };
const judgement = judgementOf("accepted", "wrongAnswer");

/** A session at the code question. */
function atQuestion(): Run {
  const run = new Run({ rubric: codeRubric });
  run.press("start", "A", "A", "A", "start");
  return run;
}
const handIn = (run: Run, what: Draft | undefined = draft) =>
  run.take(pressed(run.session, "start", { time, check: good, draft: what }));

t.test("sets the clock when the question is asked, and shows no hidden case", async (t) => {
  const run = atQuestion();
  t.match(
    run.effects.find((one) => one.do === "wake"),
    { name: "codeLimit", answerId: "s-a1", after: 20 * 60_000 },
  );
  const shown = viewOf(run.session, nothingLive, { now: 0, at: run.at + 3000, draft }, []);
  t.match(shown.question, {
    kind: "code",
    answerLimitSeconds: 1200,
    answeredSeconds: 3,
    code: {
      languages: [
        { language: "python", starter: "n = int(input())\n" },
        { language: "javascript", starter: "" },
      ],
      examples: [{ name: "small", input: "2\n", expected: "4" }],
      written: draft.code,
    },
  });
  t.notMatch(JSON.stringify(shown), /large|80000000/);
});

t.test("hands in what stands on the page, has it judged, then scored", async (t) => {
  const run = atQuestion();
  t.strictSame(handIn(run, { ...draft, questionId: "another" }), [], "nothing of this question is there");
  t.strictSame(run.press("start"), [], "nothing was typed");
  const effects = handIn(run);
  t.ok(names(effects).includes("dropDraft"));
  t.match(
    effects.find((one) => one.do === "judgeCode"),
    { answerId: "s-a1", questionId: "double", code: draft.code },
  );
  t.match(
    effects.find((one) => one.do === "wake"),
    { name: "judging", after: 120_000 + 2 * 10_000 },
    "as long as its cases may take",
  );
  t.equal(run.session.stage, "analysing");
  const scoring = run.take(judgedFact(run.session, { report: "judged", jobId: "s-a1", judgement }));
  t.match(
    scoring.find((one) => one.do === "analyseCode"),
    { answerId: "s-a1", source: draft.code.source, judgement },
  );
  t.equal(judgedFact(run.session, { report: "judged", jobId: "s-a1", judgement }), undefined, "not twice");
  t.ok(names(run.analyse("s-a1")).includes("joinScores"));
  run.take({ type: "scored", content: { score: scoreOf(0.25), canonical: "" } });
  const card = scorecardOf(run.session, {
    deviceId: "d",
    revision: 1,
    quality: "unknown",
    wrappedKey: {},
    journal: { lines: [], head: "" },
  });
  t.match(card.answers, [{ kind: "code", code: { ...draft.code, judgement } }]);
});

t.test(
  "takes the program up again after a crash: judged anew before the verdicts, scored anew after them",
  async (t) => {
    const run = atQuestion();
    handIn(run);
    t.match(
      run.crash().find((one) => one.do === "judgeCode"),
      { answerId: "s-a1", code: draft.code },
    );
    run.take({ type: "codeJudged", answerId: "s-a1", content: judgement });
    const again = run.crash("another boot");
    t.notOk(names(again).includes("judgeCode"));
    t.match(
      again.find((one) => one.do === "analyseCode"),
      { judgement },
    );
  },
);

t.test("tells the candidate how the program did in words, and names no case", async (t) => {
  const wording = await readWording();
  for (const [total, words] of [
    [0.75, /most of the test cases/],
    [0.25, /some of the test cases/],
    [0, /did not do what was asked/],
  ] as const) {
    const run = atQuestion();
    handIn(run);
    const evidence = { competency: "care", quote: "large", start: null, end: null, rule: "case", weight: total };
    const answer = { ...insufficient(run.session.answers[0] as Answer), score: total, evidence: [evidence] };
    run.take({ type: "analysed", answerId: "s-a1", content: { observations: null, score: answer } });
    const competency = { competency: "care", weight: 100, level: null, anchor: null, answers: ["s-a1"] };
    const interval: [number, number] = [total, total];
    const score = { ...scoreOf(total), answers: [answer], competencies: [{ ...competency, score: total, interval }] };
    run.take({ type: "scored", content: { score, canonical: "" } });
    const [feedback] = feedbackOf(run.session, wording);
    t.match(feedback?.en, words);
    t.notMatch(JSON.stringify(feedback), /large/);
  }
});

t.test("leaves time enough after a long outage, and less of the limit than before it", async (t) => {
  const run = atQuestion();
  run.at += 5 * 60_000;
  run.press("help");
  t.match(
    run.crash().find((one) => one.do === "wake"),
    { name: "codeLimit", after: 20 * 60_000 - 5 * 60_000 - 1000 },
  );
  run.at += 60 * 60_000;
  run.press("help");
  t.match(
    run.crash().find((one) => one.do === "wake"),
    { name: "codeLimit", after: 30_000 },
  );
});

t.test(
  "hands in at the limit what stands there, also nothing, and what was handed in before never twice",
  async (t) => {
    const run = atQuestion();
    const late = { name: "codeLimit", answerId: "s-a1" } as const;
    t.match(expired(run.session, { ...late, draft }), { type: "codeSubmitted", by: "limit", content: draft.code });
    const effects = run.take(expired(run.session, late));
    t.match(run.session.answers[0], { kind: "code", code: { language: "python", source: "" } });
    t.match(
      effects.find((one) => one.do === "analyseCode"),
      { source: "", judgement: null },
      "there is nothing to judge",
    );
    t.equal(expired(run.session, { ...late, draft }), undefined);
  },
);

t.test("leaves the answer out, flagged, when the judge cannot judge it or is never heard of", async (t) => {
  for (const fault of ["judge.unavailable", "judge.lost"]) {
    const run = atQuestion();
    handIn(run);
    const fact =
      fault === "judge.lost"
        ? expired(run.session, { name: "judging", answerId: "s-a1" })
        : judgedFact(run.session, { report: "fault", jobId: "s-a1", fault, part: "python", message: "" });
    t.ok(names(run.take(fact)).includes("joinScores"), fault);
    t.match(run.session.answers[0]?.result, { observations: { faults: [fault] }, score: { insufficient: true } });
    t.equal(judgedFact(run.session, { report: "judged", jobId: "s-a1", judgement }), undefined, "too late");
  }
});

t.test("stops the judge and keeps no program when the candidate withdraws", async (t) => {
  const run = atQuestion();
  handIn(run);
  const effects = run.take({ type: "withdrawn" });
  t.ok(names(effects).includes("stopJudging"));
  t.ok(names(effects).includes("wipeContent"));
  t.equal(judgedFact(run.session, { report: "judged", jobId: "s-a1", judgement }), undefined);
  const additions = { deviceId: "d", revision: 1, quality: "unknown", wrappedKey: {} } as const;
  t.strictSame(scorecardOf(run.session, { ...additions, journal: { lines: [], head: "" } }).answers, []);
});

t.test("takes no program in a language that the question does not offer", async (t) => {
  const run = new Run({ rubric: { ...codeRubric, questions: [{ ...codeQuestion, languages: ["javascript"] }] } });
  run.press("start", "A", "A", "A", "start");
  t.strictSame(handIn(run), []);
  t.match(expired(run.session, { name: "codeLimit", answerId: "s-a1", draft }), {
    content: { language: "javascript", source: "" },
  });
});
