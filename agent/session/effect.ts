import type { Segment, Stream } from "../../contracts/capture.ts";
import type { HelpEvent, SessionState } from "../../contracts/envelope.ts";
import type { Judgement, WrittenCode } from "../../contracts/judge.ts";
import type { Language } from "../../contracts/language.ts";
import type { AnswerScore } from "../../contracts/scoring.ts";
import type { Millis } from "../../contracts/units.ts";

/** What a timer is for; when it rings, `expired` (expiry.ts) says what has become fact by then. */
export type WakeName =
  | "answerLimit"
  | "codeLimit"
  | "recordingStopped"
  | "judging"
  | "analysis"
  | "route"
  | "score"
  | "closing";

/**
 * What a decision wants done. Each can be done again without harm: after a crash, and when a peer comes back, the
 * effects that `standing` names are done again.
 */
export type Effect =
  /** Hardware open, nothing kept. */
  | { do: "watch"; streams: readonly Stream[] }
  | { do: "rest"; streams: readonly Stream[] }
  | { do: "record"; streams: readonly Stream[]; answerId: string; next: Record<Stream, number> }
  | { do: "stopRecording"; answerId: string }
  | { do: "look"; on: boolean }
  | { do: "openAnalysis" }
  | {
      do: "beginAnalysis";
      answerId: string;
      questionId: string;
      fromMillis: Millis;
      /** Since when the question has been on the screen. */
      shownMillis: Millis;
      language: Language;
    }
  | { do: "passSegment"; segment: Segment }
  | { do: "endAnalysis"; answerId: string; toMillis: Millis }
  | { do: "analyseChoice"; answerId: string; questionId: string; chosen: readonly string[] }
  | { do: "choose"; position: number; asked: readonly string[]; answers: readonly AnswerScore[] }
  /** Has the judge run the program of an answer on the cases of its question. */
  | { do: "judgeCode"; answerId: string; questionId: string; code: WrittenCode }
  | { do: "stopJudging"; answerId: string }
  | { do: "analyseCode"; answerId: string; questionId: string; source: string; judgement: Judgement | null }
  /** Forgets what stood on the page. */
  | { do: "dropDraft" }
  | { do: "joinScores"; answers: readonly AnswerScore[] }
  | { do: "closeAnalysis" }
  | { do: "sendState"; eventId: string; state: SessionState["state"]; revision: number }
  | { do: "sendHelp"; eventId: string; requestId: string; state: HelpEvent["state"] }
  | { do: "sendScorecard"; eventId: string; revision: number }
  | { do: "markOrder"; state: "inInterview" | "done" }
  /** Recordings and the key to them are destroyed. */
  | { do: "wipeContent" }
  /** Reads the question out; ends what is being read. Goes on by itself. */
  | { do: "speak"; questionId: string; language: Language; ducked: boolean }
  /** Lower, or as before, from now on. */
  | { do: "duck"; on: boolean }
  /** Done when the speaker and the room are silent: what is recorded next holds nothing of a prompt. */
  | { do: "hush" }
  | { do: "wake"; name: WakeName; answerId?: string; after: Millis }
  /** The device forgets its copy of the session's keys. */
  | { do: "close" };

export type EffectName = Effect["do"];
export type EffectOf<N extends EffectName> = Extract<Effect, { do: N }>;

/** Which effects a peer needs to hear again after it came back. */
export const captureEffects = ["watch", "record"] as const satisfies readonly EffectName[];
export const judgeEffects = ["judgeCode"] as const satisfies readonly EffectName[];
export const analysisEffects = [
  "look",
  "openAnalysis",
  "beginAnalysis",
  "passSegment",
  "endAnalysis",
  "analyseChoice",
  "choose",
  "analyseCode",
  "joinScores",
] as const satisfies readonly EffectName[];
