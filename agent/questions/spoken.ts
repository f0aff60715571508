import type { Segment, Stream } from "../../contracts/capture.ts";
import type { SessionEventOf } from "../../contracts/journal.ts";
import { afterAnswer } from "../session/answering.ts";
import { readOut } from "../session/asking.ts";
import type { Effect } from "../session/effect.ts";
import {
  type Answer,
  answerLimit,
  answerNow,
  answerOf,
  type Decision,
  enter,
  limits,
  nextAnswerId,
  nextIndex,
  questionNow,
  type Session,
  withAnswer,
} from "../session/state.ts";
import { defineQuestionType } from "./type.ts";

const streams: readonly Stream[] = ["mic", "camera"];

export const nextIndexes = (session: Session): Record<Stream, number> => ({
  mic: nextIndex(session, "mic"),
  camera: nextIndex(session, "camera"),
});

const byIndex = (a: Segment, b: Segment): number => a.index - b.index;
const soundOf = (session: Session, answerId: string): Segment[] =>
  session.segments.filter((one) => one.stream === "mic" && one.answerId === answerId).sort(byIndex);

/** Inference has the answer's length to catch up, and the limit on top. */
const analysisWake = (answer: Answer, toMillis: number): Effect => ({
  do: "wake",
  name: "analysis",
  answerId: answer.answerId,
  after: limits.analysis + (toMillis - answer.fromMillis),
});

/** The sound is whole: inference may finish. Pictures that are still being sealed are not waited for. */
function stopped(
  session: Session,
  { answerId, stream, atMillis, lost, at }: SessionEventOf<"recordingStopped">,
): Decision {
  const answer = answerOf(session, answerId);
  // While the answer is open a recorder that stopped (it was restarted) is told to go on: its word counts at the end.
  if (answer === undefined || answer.state === "open" || answer.stopped.includes(stream)) return [session, []];
  const next = withAnswer(session, answerId, { stopped: [...answer.stopped, stream] });
  const rest: Effect[] = session.stage === "analysing" ? [{ do: "rest", streams: [stream] }] : [];
  if (stream !== "mic" || answer.state !== "ended") return [next, rest];
  // A recorder that was not recording any more knows no moment.
  const known = !lost && atMillis > answer.fromMillis;
  const toMillis = known ? atMillis : (answer.toMillis ?? at);
  return [
    withAnswer(next, answerId, { toMillis }),
    [{ do: "endAnalysis", answerId, toMillis }, analysisWake(answer, toMillis), ...rest, ...readOut(next)],
  ];
}

function begun(session: Session, { answerId, questionId, at }: SessionEventOf<"answerBegun">): Decision {
  const question = questionNow(session);
  if (session.stage !== "question" || question?.id !== questionId) return [session, []];
  const answer: Answer = {
    answerId,
    questionId,
    kind: "spoken",
    language: session.language,
    fromMillis: at,
    shownMillis: session.since,
    toMillis: undefined,
    chosen: undefined,
    state: "open",
    stopped: [],
    result: undefined,
  };
  const { shownMillis, language } = answer;
  return [
    { ...enter(session, "answering", at), answers: [...session.answers, answer] },
    [
      { do: "hush" },
      { do: "record", streams, answerId, next: nextIndexes(session) },
      { do: "beginAnalysis", answerId, questionId, fromMillis: at, shownMillis, language },
      { do: "wake", name: "answerLimit", answerId, after: answerLimit(session, question) },
    ],
  ];
}

function ended(session: Session, { answerId, at }: SessionEventOf<"answerEnded">): Decision {
  if (session.stage !== "answering" || answerNow(session)?.answerId !== answerId) return [session, []];
  const [next, effects] = afterAnswer(withAnswer(session, answerId, { state: "ended", toMillis: at }), at);
  const wake: Effect = { do: "wake", name: "recordingStopped", answerId, after: limits.recordingStopped };
  return [next, [{ do: "stopRecording", answerId }, wake, ...effects]];
}

export const spoken = defineQuestionType({
  kind: "spoken",
  summary: "An answer in the candidate's own words: start begins to record, start again (or the limit) ends it",

  press: (session, question, { button }) => {
    if (button !== "start") return undefined;
    const open = answerNow(session);
    if (open !== undefined) return { type: "answerEnded", answerId: open.answerId, by: "button" };
    return { type: "answerBegun", answerId: nextAnswerId(session), questionId: question.id };
  },

  events: {
    answerBegun: begun,
    answerEnded: ended,
    recordingStopped: stopped,

    segmentKept: (session, { segment }) => {
      const known = session.segments.some((one) => one.stream === segment.stream && one.index === segment.index);
      const answer = answerOf(session, segment.answerId);
      if (known || answer === undefined) return [session, []];
      const wanted = segment.stream === "mic" && answer.state !== "abandoned" && answer.result === undefined;
      return [{ ...session, segments: [...session.segments, segment] }, wanted ? [{ do: "passSegment", segment }] : []];
    },

    gapFound: (session, { gap }) => [{ ...session, gaps: [...session.gaps, gap] }, []],
  },

  analysis: (session, answer): Effect[] => {
    const { answerId, questionId, fromMillis, shownMillis, language } = answer;
    const effects: Effect[] = [
      { do: "beginAnalysis", answerId, questionId, fromMillis, shownMillis, language },
      ...soundOf(session, answerId).map((segment): Effect => ({ do: "passSegment", segment })),
    ];
    if (answer.state !== "ended") return effects;
    const toMillis = answer.toMillis ?? session.lastAt;
    if (!answer.stopped.includes("mic"))
      return [...effects, { do: "wake", name: "recordingStopped", answerId, after: limits.recordingStopped }];
    return [...effects, { do: "endAnalysis", answerId, toMillis }, analysisWake(answer, toMillis)];
  },
});

/** What has the recorders take up an answer that is being given, after one of them came back. */
export const takeUp = (session: Session, answer: Answer): Effect[] => [
  { do: "watch", streams },
  { do: "record", streams, answerId: answer.answerId, next: nextIndexes(session) },
];
