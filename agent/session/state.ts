import type { Segment, Stream } from "../../contracts/capture.ts";
import type { SessionEvent, SessionEventOf } from "../../contracts/journal.ts";
import type { Judgement, WrittenCode } from "../../contracts/judge.ts";
import type { Language } from "../../contracts/language.ts";
import type { AnswerObservations, Framing } from "../../contracts/observation.ts";
import type { Order } from "../../contracts/order.ts";
import { plannedReason } from "../../contracts/plan.ts";
import type { Consent, ConsentText } from "../../contracts/policy.ts";
import type { RouteReason, RouteStep } from "../../contracts/route.ts";
import type { Question } from "../../contracts/rubric.ts";
import type { Scorecard } from "../../contracts/scorecard.ts";
import type { AnswerScore, SessionScore } from "../../contracts/scoring.ts";
import { type Millis, minutes, seconds } from "../../contracts/units.ts";
import type { Effect } from "./effect.ts";

export type Stage =
  | "notice"
  | "consent"
  | "check"
  | "question"
  | "answering"
  | "routing"
  | "analysing"
  | "feedback"
  | "refused"
  | "withdrawn"
  | "closed";

export type Gap = Scorecard["gaps"][number];

/** The program that stands on the page, not handed in yet. */
export type Draft = { questionId: string; code: WrittenCode };

/** What became of an answer: `observations` null where there was nothing to observe (a choice, or inference never came back). */
export type Result = { observations: AnswerObservations | null; score: AnswerScore };

/** One attempt at a question. A cut attempt is `abandoned`: its recording is kept, nothing in it is scored. */
export type Answer = {
  answerId: string;
  questionId: string;
  kind: Question["kind"];
  /** The language that the page spoke when the answer began: the candidate answers in it. */
  language: Language;
  fromMillis: Millis;
  /** Since when its question had been on the screen. */
  shownMillis: Millis;
  toMillis: Millis | undefined;
  chosen: readonly string[] | undefined;
  /** The program handed in, and what the judge found. */
  code?: WrittenCode;
  judgement?: Judgement;
  state: "open" | "ended" | "abandoned";
  /** Streams whose recorder has said that nothing more comes. */
  stopped: readonly Stream[];
  result: Result | undefined;
};

export type Session = {
  sessionId: string;
  orderId: string;
  order: Order;
  nonce: string;
  software: string;
  clockQuality: Scorecard["clock"]["quality"];
  bootId: string;
  /** The session's beginning on this boot's monotonic clock. */
  origin: number;
  openedAt: string;
  /** Wall time and session time of the last event: the session's end once it has ended. */
  lastTime: string;
  lastAt: Millis;
  stage: Stage;
  since: Millis;
  /** Time spent in each stage so far, by its name. */
  stages: Readonly<Record<string, Millis>>;
  language: Language;
  consents: readonly Consent[];
  /** Position of the question asked now, in the order of the rubric or of the route. */
  asked: number;
  /** The questions chosen so far, where the rubric has a route, and why it ended; what is asked now is its last. */
  route: readonly RouteStep[];
  routeEnd: RouteReason | null;
  /** It is asked again because an attempt was cut. */
  again: boolean;
  repeated: number;
  /** Options chosen and not yet confirmed. */
  chosen: readonly string[];
  answers: readonly Answer[];
  segments: readonly Segment[];
  gaps: readonly Gap[];
  framing: readonly Framing[];
  help: boolean;
  /** How often help has been called so far. */
  helpCalls: number;
  ended: Scorecard["ended"] | undefined;
  score: SessionScore | null;
};

export type Decision = [Session, Effect[]];

/** What each event makes of a session. An event that does not fit the stage changes nothing. */
export type Handlers<T extends SessionEvent["type"]> = {
  [K in T]: (session: Session, event: SessionEventOf<K>) => Decision;
};

type Named<T> = { [K in keyof T as string extends K ? never : K]: T[K] };
/** A fact before the shell has stamped it with its time. */
export type Fact = { [K in SessionEvent["type"]]: Omit<Named<SessionEventOf<K>>, "at" | "time"> }[SessionEvent["type"]];

/** How long things may take before the session goes on without them. */
export const limits = {
  /** Where a question names none. */
  answer: minutes(3),
  /** The same for a program. */
  code: minutes(20),
  /** From the end of an answer to the recorder's word that it stopped. */
  recordingStopped: seconds(5),
  /** From the end of an answer to its analysis, on top of the answer's own length: a restart of inference with all models fits in. */
  analysis: minutes(2),
  /** From the end of an answer to the judge's report, on top of what its cases may take. */
  judging: minutes(2),
  score: minutes(2),
  feedback: minutes(3),
  farewell: minutes(1),
} as const;

/** How long an answer may last: what the question says, as many times as was agreed with the candidate. */
export function answerLimit(session: Session, { kind, answerLimitSeconds }: Question): Millis {
  const usual = kind === "code" ? limits.code : limits.answer;
  const limit = answerLimitSeconds === undefined ? usual : seconds(answerLimitSeconds);
  return limit * (session.order.accommodation?.answerLimitFactor ?? 1);
}

export const stateEventId = (sessionId: string, revision: number): string => `${sessionId}-state-${revision}`;
export const helpRequestId = (sessionId: string, call: number): string => `${sessionId}-help-${call}`;
export const scorecardEventId = (sessionId: string, revision: number): string => `${sessionId}-scorecard-${revision}`;

/** The questions in the order asked; on a route, those that have been chosen. */
export function questionsOf({ order: { rubric }, route }: Session): readonly Question[] {
  if (rubric.route === undefined) return rubric.questions;
  return route.flatMap((step) => rubric.questions.filter(({ id }) => id === step.question));
}
export const questionNow = (session: Session): Question | undefined => questionsOf(session)[session.asked];
export const answerNow = (session: Session): Answer | undefined => session.answers.find((one) => one.state === "open");
export const answerOf = (session: Session, answerId: string): Answer | undefined =>
  session.answers.find((one) => one.answerId === answerId);

/** Each attempt gets its own id; it follows from the journal, so that it is the same after every fold. */
export const nextAnswerId = (session: Session): string => `${session.sessionId}-a${session.answers.length + 1}`;

/** Answers that count, in the order asked. */
export const finalAnswers = (session: Session): Answer[] => session.answers.filter((one) => one.state !== "abandoned");

/** The consent asked for now, or undefined when each has been answered. */
export const consentNow = (session: Session): ConsentText | undefined =>
  session.order.policy.consents[session.consents.length];

/** Names what the candidate is asked to do now: a press is meant for one step and for no later one. */
export const stepOf = (session: Session): string =>
  [session.stage, session.consents.length, session.asked, session.answers.length].join("/");

/** Recording and scoring are what the interview is made of: whatever a policy says, it cannot go on without them. */
export const isRequired = (text: ConsentText): boolean =>
  text.required || text.purpose === "recording" || text.purpose === "scoring";

/** The first index that no known segment of the stream uses. */
export const nextIndex = (session: Session, stream: Stream): number =>
  session.segments.reduce((next, one) => (one.stream === stream ? Math.max(next, one.index + 1) : next), 0);

/** Enters a stage and adds the time spent in the one before to its sum. */
export function enter(session: Session, stage: Stage, at: Millis): Session {
  const spent = (session.stages[session.stage] ?? 0) + (at - session.since);
  return { ...session, stage, since: at, stages: { ...session.stages, [session.stage]: spent } };
}

export const withAnswer = (session: Session, answerId: string, change: Partial<Answer>): Session => ({
  ...session,
  answers: session.answers.map((one) => (one.answerId === answerId ? { ...one, ...change } : one)),
});

/** The first question of a route is asked of everyone: the order itself settles it. */
function routeBegun({ rubric }: Order): RouteStep[] {
  const first = rubric.route?.first[0];
  return first === undefined ? [] : [{ question: first, reason: plannedReason("first", first) }];
}

/** The session as its first event leaves it. */
export function opened(event: SessionEventOf<"opened">): Session {
  return {
    sessionId: event.sessionId,
    orderId: event.orderId,
    order: event.order,
    nonce: event.nonce,
    software: event.software,
    clockQuality: event.clockQuality,
    bootId: event.bootId,
    origin: event.origin,
    openedAt: event.time,
    lastTime: event.time,
    lastAt: event.at,
    stage: "notice",
    since: event.at,
    stages: {},
    language: event.order.language,
    consents: [],
    asked: 0,
    route: routeBegun(event.order),
    routeEnd: null,
    again: false,
    repeated: 0,
    chosen: [],
    answers: [],
    segments: [],
    gaps: [],
    framing: [],
    help: false,
    helpCalls: 0,
    ended: undefined,
    score: null,
  };
}
