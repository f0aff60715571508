import { readFile } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import { codeLimits } from "../../contracts/judge.ts";
import type { Rubric } from "../../contracts/rubric.ts";
import { seconds } from "../../contracts/units.ts";
import { arrive } from "./interview.ts";
import { journalOf } from "./journal.ts";
import { allGone, family } from "./processes.ts";
import { agentPid, killAndStart, openSystem } from "./system.ts";
import { eventually } from "./waiting.ts";

t.setTimeout(seconds(200));
const system = await openSystem();
t.teardown(() => system.close());

const question = (id: string): Rubric["questions"][number] => ({
  id,
  kind: "code",
  text: { en: "Print the sum of the numbers.", "zh-CN": "输出这些数字之和。" },
  languages: ["python", "javascript"],
  starter: { python: "numbers = input().split()\n" },
  cases: [
    { name: "two", input: "1 2\n", expected: "3", hidden: false, weight: 1 },
    { name: "none", input: "\n", expected: "0", hidden: true, weight: 1 },
  ],
  limits: codeLimits.parse({ cpuSeconds: 3 }),
});
const rubric: Rubric = {
  id: "programs",
  version: 1,
  competencies: [{ id: "craft", weight: 100, name: { en: "craft", "zh-CN": "编程" } }],
  questions: [question("sum"), question("loop")],
};

const right = "print(sum(map(int, input().split())))  # marker of the candidate\n";

t.test("has programs written, kept over a kill, judged over a kill, and scored with evidence at HR", async (t) => {
  const { orderId } = await arrive(system, { rubric });
  const { page } = system;
  const shown = await page.until("the code question", (one) => one.question?.kind === "code");
  t.match(shown.question?.code, { languages: [{ language: "python" }, { language: "javascript" }] });
  t.equal(shown.question?.code?.examples.length, 1, "the hidden case stays on the device");

  await page.act({ do: "write", questionId: "sum", language: "python", source: right });
  await page.until("the program at the agent", (one) => one.question?.code?.written?.source === right);
  const agent = agentPid(system);
  await killAndStart(system, "agent");
  await page.untilLost(agent);
  const again = await page.until("the question again", (one) => one.question?.questionId === "sum");
  t.same(again.question?.code?.written, { language: "python", source: right }, "the program was kept");

  await page.press("start");
  await page.until("the second question", (one) => one.question?.questionId === "loop");
  await page.act({ do: "write", questionId: "loop", language: "javascript", source: "while (true);" });
  await page.until("the loop at the agent", (one) => one.question?.code?.written?.language === "javascript");
  // The button on the board hands in what stands on the page.
  await system.emulator.press("start");
  await page.until("the analysis", (one) => one.show === "analysing");
  const running = await eventually({ what: "the endless program to run" }, async () => {
    const below = (await family(agentPid(system))).filter(({ command }) => command.includes("judge/javascript"));
    return below.length > 0 && below;
  });
  await system.killPart("judge");
  await allGone(running, 2);
  await page.until("the feedback", (one) => one.show === "feedback", seconds(60));
  await page.press("start");

  const { scorecard } = await system.centre.scorecardOf(orderId);
  t.equal(scorecard.score?.total, 0.5, "the first program is right in both cases, the second in none");
  t.match(scorecard.answers, [
    {
      kind: "code",
      code: { source: right, judgement: { cases: [{ verdict: "accepted" }, { verdict: "accepted" }] } },
    },
    {
      kind: "code",
      code: { language: "javascript", judgement: { cases: [{ verdict: "timeLimit" }, { verdict: "timeLimit" }] } },
    },
  ]);
  t.match(scorecard.score?.answers[0]?.evidence, [
    { rule: "case", quote: "two", weight: 0.5 },
    { rule: "case", quote: "none", weight: 0.5 },
  ]);
  const { events } = await journalOf(scorecard, system.stack.layout.centre);
  const count = (type: string) => events.filter((one) => one.type === type).length;
  t.equal(count("codeSubmitted"), 2, "each program was handed in once");
  t.equal(count("codeJudged"), 2, "and judged once");
  const log = await readFile(join(system.stack.layout.log, "agent.log"), "utf8");
  t.notMatch(log, /marker of the candidate/, "no program is in a log");
});
