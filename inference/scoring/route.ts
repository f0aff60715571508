import { difficultyOf, nearest, openFollowUps, placeAfter, plannedAfter, plannedReason } from "../../contracts/plan.ts";
import type { FollowUp, Pool, RouteReason, RouteRule } from "../../contracts/route.ts";
import type { Question, Rubric, SpokenQuestion } from "../../contracts/rubric.ts";
import type { AnswerScore, Evidence } from "../../contracts/scoring.ts";
import { conceptGroups, pointOf } from "./concepts.ts";
import { type Item, itemOf, mainAnswers } from "./items.ts";

/** What is known when the next question is chosen: `asked` in order, and the answers that have a score by then. */
export type RouteSoFar = { rubric: Rubric; asked: readonly string[]; answers: readonly AnswerScore[] };
/** `question` null: nothing more is asked. */
export type NextQuestion = { question: string | null; reason: RouteReason };

/**
 * The next question of a route and why, pure: the same input gives the same choice. A follow-up where the answer just given
 * was on the topic and lacks what its question asks to be told; else the next place of the plan. A pool gives its question
 * nearest to the wanted difficulty: one step harder after a score from `harderFrom` on, one easier below `easierBelow`, the
 * same between. Never outside of the pool, so that each competency gets the questions that the plan has for it.
 */
export function nextQuestion(so: RouteSoFar): NextQuestion {
  const next = followUpNow(so) ?? planNext(so);
  return next.reason.looked.length > 0 ? next : { ...next, reason: { ...next.reason, looked: consideredIn(so) } };
}

function planNext(so: RouteSoFar): NextQuestion {
  const place = placeAfter(so.rubric, so.asked);
  if (place === undefined) return { question: null, reason: plannedReason("end", null) };
  if (place.from === "first") return { question: place.question, reason: plannedReason("first", place.question) };
  return fromPool(so, place);
}

/** Rules of a story told of own work: only in such an answer can a figure, a tool or a role be missing. */
const ownWork: readonly string[] = ["concept", "structure", "specifics"];
const isOnTopic = ({ score, evidence, insufficient }: AnswerScore): boolean =>
  !insufficient && (score ?? 0) > 0 && evidence.some(({ rule, weight }) => ownWork.includes(rule) && weight > 0);

function followUpNow({ rubric, asked, answers }: RouteSoFar): NextQuestion | undefined {
  const last = rubric.questions.find(({ id }) => id === asked.at(-1));
  const answer = answers.find((one) => one.question === last?.id);
  if (last?.kind !== "spoken" || answer === undefined || !isOnTopic(answer)) return undefined;
  for (const followUp of openFollowUps(rubric, asked)) {
    const missing = missingFrom(answer, { question: last, followUp });
    if (missing.length === 0 || asked.includes(followUp.question)) continue;
    return { question: followUp.question, reason: followUpReason(followUp, { answer, missing }) };
  }
  return undefined;
}

/** Points that a follow-up asks for and no evidence of the answer has. */
function missingFrom(answer: AnswerScore, what: { question: SpokenQuestion; followUp: FollowUp }): string[] {
  const told = new Set(answer.evidence.flatMap(({ point }) => point ?? []));
  const { missing = [], concept } = what.followUp;
  const specifics: string[] = missing.filter((one) => !told.has(one));
  if (concept === undefined) return specifics;
  const names = (["zh-CN", "en"] as const)
    .flatMap((language) => conceptGroups(what.question, language))
    .filter(({ terms }) => terms.includes(concept))
    .map(pointOf);
  return names.some((one) => told.has(one)) ? specifics : [...specifics, `concept:${concept}`];
}

const words: Record<string, { zh: string; en: string }> = {
  numbers: { zh: "具体数字", en: "figures" },
  tools: { zh: "工具名称", en: "tools by their names" },
  role: { zh: "自己的角色", en: "the own role" },
};

function followUpReason(followUp: FollowUp, what: { answer: AnswerScore; missing: readonly string[] }): RouteReason {
  const said = what.missing.map((one) => {
    const concept = one.replace(/^concept:/, "");
    return words[one] ?? { zh: `要点「${concept}」`, en: `the point "${concept}"` };
  });
  const { question } = what.answer;
  return {
    rule: "followUp",
    explanation: {
      "zh-CN": `对「${question}」的回答切题，但没有说到${said.map(({ zh }) => zh).join("、")}：追问「${followUp.question}」`,
      en: `the answer to "${question}" was on the topic and lacks ${said.map(({ en }) => en).join(", ")}: "${followUp.question}" follows it up`,
    },
    looked: [{ ...lookedAt(what.answer, { competency: null, score: what.answer.score }), missing: [...what.missing] }],
  };
}

/** The answer that was looked at for a follow-up and lacked nothing that one asks for. */
function consideredIn({ rubric, asked, answers }: RouteSoFar): RouteReason["looked"] {
  const answer = answers.find((one) => one.question === asked.at(-1));
  if (answer === undefined || openFollowUps(rubric, asked).length === 0) return [];
  return [lookedAt(answer, { competency: null, score: answer.score })];
}

/** The last item of a competency that is known. */
function lastItem({ rubric, asked, answers }: RouteSoFar, competency: string): Item | undefined {
  const known = mainAnswers(rubric, answers).sort((a, b) => asked.indexOf(a.question) - asked.indexOf(b.question));
  const items = known.flatMap((answer) => itemOf(rubric, { answer, answers }, competency) ?? []);
  return items.at(-1);
}

function fromPool(so: RouteSoFar, { pool, open }: { pool: Pool; open: readonly Question[] }): NextQuestion {
  const item = lastItem(so, pool.competency);
  const policy = so.rubric.route?.adaptive;
  if (item === undefined || policy === undefined) {
    const question = plannedAfter(so.rubric, so.asked);
    return { question, reason: plannedReason("planned", question) };
  }
  const score = item.part + item.added;
  const rule = score >= policy.harderFrom ? "harder" : score < policy.easierBelow ? "easier" : "level";
  const wanted = item.difficulty + { harder: 1, level: 0, easier: -1 }[rule];
  const chosen = nearest(open, wanted, rule === "harder" ? "harder" : "easier");
  const bound = rule === "harder" ? policy.harderFrom : policy.easierBelow;
  return { question: chosen?.id ?? null, reason: poolReason({ rule, bound, wanted, chosen, score, item, pool }) };
}

type Drawn = {
  rule: Extract<RouteRule, "harder" | "easier" | "level">;
  bound: number;
  wanted: number;
  chosen: Question | undefined;
  score: number;
  item: Item;
  pool: Pool;
};

function poolReason({ rule, bound, wanted, chosen, score, item, pool }: Drawn): RouteReason {
  const got = score.toFixed(2);
  const said = {
    harder: { zh: `不低于 ${bound}，问更难的`, en: `at least ${bound}, so a harder one` },
    easier: { zh: `低于 ${bound}，问更容易的`, en: `below ${bound}, so an easier one` },
    level: { zh: "在两个界限之间，难度不变", en: "between the bounds, so one as hard" },
  }[rule];
  const { question } = item.answer;
  const given = chosen === undefined ? wanted : difficultyOf(chosen);
  return {
    rule,
    explanation: {
      "zh-CN": `「${question}」在「${pool.competency}」上得 ${got}，${said.zh}：期望难度 ${wanted}，题库中最接近的是「${chosen?.id ?? ""}」（难度 ${given}）`,
      en: `"${question}" scored ${got} on "${pool.competency}", ${said.en}: difficulty ${wanted} is wanted, the nearest in the pool is "${chosen?.id ?? ""}" (difficulty ${given})`,
    },
    looked: [lookedAt(item.answer, { competency: pool.competency, score })],
  };
}

/** An answer as the reason keeps it: its score by then and the evidence behind it, of one competency or of all. */
function lookedAt(
  answer: AnswerScore,
  { competency, score }: { competency: string | null; score: number | null },
): RouteReason["looked"][number] {
  const own = (one: Evidence): boolean => competency === null || one.competency === competency;
  return {
    answerId: answer.answerId,
    question: answer.question,
    competency,
    score,
    evidence: answer.evidence.filter(own).map(({ rule, point, quote, weight }) => ({
      rule,
      ...(point === undefined ? {} : { point }),
      quote,
      weight,
    })),
  };
}
