import t from "tap";
import { type ChoiceQuestion, type Rubric, rubric } from "../../contracts/rubric.ts";
import { seconds } from "../../contracts/units.ts";
import { nextQuestion } from "../../inference/scoring/route.ts";
import { answerChoice, answerSpoken, arrive, readFeedback } from "./interview.ts";
import { journalOf } from "./journal.ts";
import { shortRubric } from "./order.ts";
import { killAndStart, openSystem } from "./system.ts";
import { eventually } from "./waiting.ts";

const waitSeconds = 12;

/** The story for everyone, followed up for figures and role; then two of three choices on design. */
function routed(): Rubric {
  const { questions, ...rest } = shortRubric({});
  const [story, locking] = questions;
  if (story === undefined || locking?.kind !== "choice") throw new Error("the backend engineer's rubric has changed");
  const choice = (difficulty: number): ChoiceQuestion => ({
    ...locking,
    id: `locking-${difficulty}`,
    difficulty,
    text: { "zh-CN": `${locking.text["zh-CN"]}（${difficulty}）`, en: `${locking.text.en} (${difficulty})` },
  });
  return rubric.parse({
    ...rest,
    questions: [
      { ...story, followUps: [{ question: "figures", missing: ["numbers", "role"] }] },
      {
        id: "figures",
        kind: "spoken",
        text: {
          "zh-CN": "前后的数字是多少？你的角色是什么？",
          en: "What were the figures, and what was your role in it?",
        },
        answerLimitSeconds: 40,
      },
      ...[1, 3, 5].map(choice),
    ],
    route: {
      first: [story.id],
      pools: [{ competency: "design", questions: [1, 3, 5].map((one) => `locking-${one}`), count: 2 }],
      adaptive: { waitSeconds },
    },
  });
}

t.setTimeout(seconds(200));

t.test(
  "follows up what is missing, stands there again after kill -9, and goes on as planned where inference hangs",
  async (t) => {
    const system = await openSystem();
    t.teardown(() => system.close());
    const taken = routed();
    const { orderId } = await arrive(system, { rubric: taken });
    const followed = await answerSpoken(system, { speech: "en-backend-medium", length: 10 });
    t.match(followed.question, { questionId: "figures", number: 2, of: 4 });

    await killAndStart(system, "agent");
    const again = await system.page.until("the question after kill -9", (shown) => shown.show === "question");
    t.equal(again.question?.questionId, "figures", "the same question, and no second choice");

    const drawn = await answerSpoken(system, { speech: "en-backend-strong", length: 7 });
    t.match(drawn.question?.questionId, /^locking-[135]$/);

    const { inference } = await system.partPids();
    if (inference === undefined) throw new Error("the agent has no inference process");
    process.kill(inference, "SIGSTOP");
    const late = await answerChoice(system);
    process.kill(inference, "SIGCONT");
    t.match(late.question?.questionId, /^locking-[135]$/);
    await answerChoice(system);
    await readFeedback(system);

    const { scorecard } = await system.centre.scorecardOf(orderId);
    const { steps = [], end } = scorecard.route ?? {};
    t.same(
      scorecard.answers.map((one) => one.questionId),
      steps.map(({ question }) => question),
      "the route tells the questions in the order asked",
    );
    t.match(
      steps.map(({ reason }) => reason?.rule),
      ["first", "followUp", /^(harder|easier|level)$/, "late"],
    );
    t.equal(end?.rule, "end");
    const answers = scorecard.score?.answers ?? [];
    for (const [at, { question, reason }] of steps.entries()) {
      if (at === 0 || reason?.rule === "late") continue;
      const asked = steps.slice(0, at).map((one) => one.question);
      const known = answers.filter((one) => asked.includes(one.question));
      t.same(nextQuestion({ rubric: taken, asked, answers: known }), { question, reason }, `${question}, chosen again`);
    }
    const { events } = await journalOf(scorecard, system.stack.layout.centre);
    const order = events.flatMap((one) =>
      one.type === "routed" && one.question !== null
        ? [`chosen ${one.question}`]
        : one.type === "answerBegun" || one.type === "choiceConfirmed"
          ? [`answered ${one.questionId}`]
          : [],
    );
    const chosen = steps.slice(1).map(({ question }) => [`chosen ${question}`, `answered ${question}`]);
    t.same(order, [`answered ${steps[0]?.question}`, ...chosen.flat()], "each choice is a fact before it is asked");
    for (const [at, event] of events.entries()) {
      if (event.type !== "routed") continue;
      const ended = events.slice(0, at).findLast(({ type }) => type === "answerEnded" || type === "choiceConfirmed");
      t.comment(`${event.question}: ${event.content?.reason.rule}, ${event.at - (ended?.at ?? 0)} ms after the answer`);
    }
    const design = scorecard.score?.competencies.find(({ competency }) => competency === "design");
    t.equal(design?.comparable?.items.length, 3, "the follow-up belongs to the story");
    const [result] = await eventually({ what: "the result at the HR system", limit: seconds(20) }, () => {
      const found = system.results(scorecard.sessionId);
      return found.length > 0 ? found : undefined;
    });
    t.match(JSON.stringify(result), /followUp/, "HR's result says why");
  },
);
