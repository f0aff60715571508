import type { Scorecard } from "../../contracts/scorecard.ts";
import { days, type Millis } from "../../contracts/units.ts";
import { timestamp } from "../../runtime/clock.ts";
import { gapsOf } from "./gaps.ts";
import { routeOf } from "./routing.ts";
import { finalAnswers, type Session } from "./state.ts";

/** What the device adds to what the session knows. */
export type CardAdditions = {
  deviceId: string;
  revision: number;
  quality: Scorecard["clock"]["quality"];
  wrappedKey: Record<string, unknown>;
  journal: Scorecard["journal"];
};

const later = (time: string, length: Millis): string => timestamp(Date.parse(time) + length);

const modelsOf = (session: Session): Record<string, string> =>
  Object.assign(
    {},
    ...session.answers.map((one) => one.result?.observations?.models ?? {}),
    session.score?.models ?? {},
  );

function answersOf(session: Session): Scorecard["answers"] {
  return finalAnswers(session).map((one) => ({
    answerId: one.answerId,
    questionId: one.questionId,
    kind: one.kind,
    fromMillis: one.fromMillis,
    toMillis: one.toMillis ?? one.fromMillis,
    ...(one.chosen === undefined ? {} : { chosen: [...one.chosen] }),
    ...(one.code === undefined ? {} : { code: { ...one.code, judgement: one.judgement ?? null } }),
    observations: one.result?.observations ?? null,
  }));
}

/** The scorecard of an ended session. Refused and withdrawn carry neither score nor answers nor recordings. */
export function scorecardOf(session: Session, additions: CardAdditions): Scorecard {
  const { order } = session;
  const complete = session.ended === "complete";
  const route = complete ? routeOf(session) : undefined;
  const { recordingDays, transcriptDays, scorecardDays, journalDays } = order.policy.retention;
  const until = (count: number): string => later(session.lastTime, days(count));
  return {
    version: 1,
    sessionId: session.sessionId,
    orderId: session.orderId,
    tenantId: order.tenantId,
    deviceId: additions.deviceId,
    revision: additions.revision,
    candidateRef: order.candidate.candidateRef,
    language: session.language,
    ended: session.ended ?? "withdrawn",
    consents: [...session.consents],
    expiresAt: {
      recording: until(recordingDays),
      transcript: until(transcriptDays),
      scorecard: until(scorecardDays),
      journal: until(journalDays),
    },
    score: complete ? session.score : null,
    answers: complete ? answersOf(session) : [],
    ...(route === undefined ? {} : { route }),
    framing: complete ? [...session.framing] : [],
    gaps: complete ? gapsOf(session) : [],
    stages: { ...session.stages },
    versions: {
      software: session.software,
      scorer: session.score?.scorerVersion ?? "",
      rubric: `${order.rubric.id}@${order.rubric.version}#${order.rubricHash}`,
      policy: `${order.policy.id}@${order.policy.version}#${order.policyHash}`,
      models: complete ? modelsOf(session) : {},
    },
    clock: {
      quality: additions.quality,
      startedAt: session.openedAt,
      endedAt: session.lastTime,
      elapsedMillis: session.lastAt,
    },
    media: complete ? [...session.segments] : [],
    wrappedKey: additions.wrappedKey,
    journal: additions.journal,
    external: [...order.candidate.external, ...order.role.external, ...order.external],
  };
}
