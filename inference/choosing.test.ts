import t from "tap";
import type { InferenceReport } from "../contracts/inference.ts";
import { silentLog } from "../runtime/log.ts";
import { newDataKey, toBase64url } from "../runtime/seal.ts";
import type { Engines } from "./equipment.ts";
import { routedRubric } from "./scoring/sampleRoute.ts";
import { InferenceSession } from "./session.ts";

/** A session whose models are still loading: a choice needs none of them. */
function sessionOn(rubric: typeof routedRubric) {
  const reports: InferenceReport[] = [];
  const session = new InferenceSession(
    {
      ...{ do: "open", sessionId: "s", folder: "", key: toBase64url(newDataKey()), language: "en" },
      ...{ rubric, bannedSignals: [], plugins: [], sessionStart: 0 },
    },
    { engines: new Promise<Engines>(() => undefined), report: (report) => reports.push(report), log: silentLog() },
  );
  return { session, reports };
}

const scored = (score: number) => ({
  ...{ answerId: "a1", question: "slow-shop", score, interval: [0, 1] as [number, number] },
  ...{ evidence: [], insufficient: false, competencies: { analysis: score } },
});
const next = (score: number) => ({
  ...{ do: "next" as const, sessionId: "s", position: 1, asked: ["slow-shop"] },
  answers: [scored(score)],
});

t.test("chooses by what it is told alone: a process that has just been started chooses the same", async (t) => {
  const [one, another] = [sessionOn(routedRubric), sessionOn(routedRubric)];
  one.session.next(next(0.9));
  one.session.next(next(0.1));
  another.session.next(next(0.1));
  t.match(one.reports, [
    { report: "next", sessionId: "s", position: 1, question: "analysis-3", reason: { rule: "harder" } },
    { report: "next", question: "analysis-1", reason: { rule: "easier" } },
  ]);
  t.same(another.reports, one.reports.slice(1));
});
