import { lengthOf, needsEvidence, plannedAfter, plannedReason } from "../../contracts/plan.ts";
import type { RouteReason, RouteStep } from "../../contracts/route.ts";
import type { AnswerScore } from "../../contracts/scoring.ts";
import { type Millis, seconds } from "../../contracts/units.ts";
import type { Effect } from "./effect.ts";
import { enter, type Fact, finalAnswers, type Session } from "./state.ts";

/** What was chosen for the place after the questions asked so far; null: nothing more. */
export type Choice = { question: string | null; reason: RouteReason | null };

export const askedSoFar = (session: Session): string[] => session.route.map(({ question }) => question);

/** How many questions the candidate has before them in all, as far as it is settled. */
export const questionCount = (session: Session): number => lengthOf(session.order.rubric, askedSoFar(session));

export const isRouted = (session: Session): boolean => session.order.rubric.route !== undefined;

/** What comes next where no answer has a say in it. */
export function settledNext(session: Session): Choice | undefined {
  const { rubric } = session.order;
  const asked = askedSoFar(session);
  if (needsEvidence(rubric, asked)) return undefined;
  const question = plannedAfter(rubric, asked);
  const first = question !== null && (rubric.route?.first.includes(question) ?? false);
  return { question, reason: plannedReason(question === null ? "end" : first ? "first" : "planned", question) };
}

/** The session with the next step of its route, or with the reason for its end. */
export function withChoice(session: Session, { question, reason }: Choice): Session {
  if (question === null) return { ...session, routeEnd: reason };
  const step: RouteStep = { question, reason };
  return { ...session, route: [...session.route, step] };
}

/** Waits for the last answer's analysis, which has a say in what is asked next. */
export function waitForChoice(session: Session, at: Millis): [Session, Effect[]] {
  const waiting = enter(session, "routing", at);
  return [waiting, [...choiceLimit(waiting), { do: "hush" }]];
}

const choiceLimit = (session: Session): Effect[] => {
  const answerId = session.answers.at(-1)?.answerId;
  const wait = session.order.rubric.route?.adaptive?.waitSeconds;
  return answerId === undefined || wait === undefined
    ? []
    : [{ do: "wake", name: "route", answerId, after: seconds(wait) }];
};

/** Has inference choose as soon as the last answer has its result. */
export function chooseWhenKnown(session: Session): Effect[] {
  const last = session.answers.at(-1);
  if (session.stage !== "routing" || last?.result === undefined) return [];
  const scores = finalAnswers(session).map((one) => one.result?.score);
  return [
    {
      do: "choose",
      position: session.route.length,
      asked: askedSoFar(session),
      answers: scores.filter((one): one is AnswerScore => one !== undefined),
    },
  ];
}

/** After a restart the limit begins anew: inference has to load what it lost. */
export const standingChoice = (session: Session): Effect[] => [...choiceLimit(session), ...chooseWhenKnown(session)];

/** The fact that a choice makes here; none when it came too late, twice, or names what cannot be asked. */
export function routedBy(
  session: Session,
  { position, question, reason }: { position: number; question: string | null; reason: RouteReason },
): Fact | undefined {
  return canTake(session, { position, question })
    ? { type: "routed", position, question, content: { reason } }
    : undefined;
}

export function canTake(session: Session, next: { position: number; question: string | null }): boolean {
  const { rubric } = session.order;
  if (session.stage !== "routing" || next.position !== session.route.length) return false;
  if (next.question === null) return true;
  return rubric.questions.some(({ id }) => id === next.question) && !askedSoFar(session).includes(next.question);
}

/** The planned question, because the limit has passed. */
export function lateChoice(session: Session, answerId: string | undefined): Fact | undefined {
  if (session.stage !== "routing" || session.answers.at(-1)?.answerId !== answerId) return undefined;
  const question = plannedAfter(session.order.rubric, askedSoFar(session));
  return routedBy(session, { position: session.route.length, question, reason: plannedReason("late", question) });
}

/** The route as the scorecard carries it; nothing where the order has none. */
export const routeOf = (session: Session): { steps: RouteStep[]; end: RouteReason | null } | undefined =>
  isRouted(session) ? { steps: [...session.route], end: session.routeEnd } : undefined;
