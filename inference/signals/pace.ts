import type { Pace } from "../../contracts/observation.ts";
import type { Millis } from "../../contracts/units.ts";
import { defineSignal } from "../signal.ts";

export type PaceInput = {
  /** Stretches of speech on the session's timeline, in order. */
  speech: readonly { start: Millis; end: Millis }[];
  /** Words heard; a Chinese character counts as one. */
  words: number;
  /** When the recording began. */
  from: Millis;
  /** Where the recording broke off and went on: what lies across is no pause of the candidate. */
  breaks: readonly Millis[];
};

/** Pace and pauses. Words a minute are of speech, not of the answer, so that thinking first costs nothing. */
export const pace = defineSignal({
  id: "pace",
  summary: { en: "How fast the answer came and how long the pauses were", "zh-CN": "语速与停顿" },
  stream: "mic",
  why: {
    en: "Tells a person how the answer went and how far to trust the transcript of hurried speech. It takes nothing from a score.",
    "zh-CN": "让人了解作答过程，以及语速过快时文本的可信程度；不影响分数。",
  },
  purpose: "quality",
  delivery: true,
  consent: "scoring",
  retentionClass: "transcriptDays",
  needs: ["voiceActivity", "transcript"],
  models: [],
  cost: {
    en: "Sums over what is known already; nothing to speak of.",
    "zh-CN": "只对已有结果求和，开销可忽略。",
  },
  compute: ({ speech, words, from, breaks }: PaceInput): Pace => {
    const speechMillis = speech.reduce((sum, one) => sum + one.end - one.start, 0);
    const first = speech[0];
    const gaps = speech.slice(1).map((one, at) => ({ start: speech[at]?.end ?? one.start, end: one.start }));
    return {
      speechMillis,
      latencyMillis: first === undefined ? null : Math.max(0, first.start - from),
      wordsPerMinute: speechMillis === 0 ? 0 : Math.round((words * 600_000) / speechMillis) / 10,
      pauses: gaps.filter((gap) => !breaks.some((at) => at > gap.start && at <= gap.end)),
    };
  },
});
