import type { ResponseLatency } from "../../contracts/observation.ts";
import type { Millis } from "../../contracts/units.ts";
import { defineSignal } from "../signal.ts";

export type LatencyInput = {
  /** When the question had been asked, on the session's timeline. */
  asked: { atMillis: Millis; by: ResponseLatency["by"] };
  /** Stretches of speech, in order. */
  speech: readonly { start: Millis; end: Millis }[];
};

/** How long the candidate thought: from the end of the question, not from the press that began the recording. */
export const responseLatency = defineSignal({
  id: "responseLatency",
  summary: {
    en: "Time from the end of the question to the first speech of the answer",
    "zh-CN": "从问题结束到开始作答的时间",
  },
  stream: "mic",
  why: {
    en: "Tells a person how the answer went, and shows a question that nobody understands. Thinking first is good: it takes nothing from a score.",
    "zh-CN": "让人了解作答过程，也能发现难以理解的问题。先想再答是好事，不影响分数。",
  },
  purpose: "quality",
  delivery: true,
  consent: "scoring",
  retentionClass: "transcriptDays",
  needs: ["voiceActivity"],
  models: [],
  cost: { en: "One subtraction.", "zh-CN": "一次减法。" },
  compute: ({ asked, speech }: LatencyInput): ResponseLatency => {
    const askedMillis = Math.round(asked.atMillis);
    const first = speech[0];
    return {
      askedMillis,
      by: asked.by,
      latencyMillis: first === undefined ? null : Math.max(0, first.start - askedMillis),
    };
  },
});
