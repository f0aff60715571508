import { defineSignal } from "../signal.ts";
import { type Gathering, SpeechFinder } from "../speech.ts";

/** From probabilities a window to stretches of speech and pieces to recognise. */
export const voiceActivity = defineSignal({
  id: "voiceActivity",
  summary: { en: "When somebody speaks, and where the pauses are", "zh-CN": "何时有人说话、停顿在哪里" },
  stream: "mic",
  why: {
    en: "Only what is speech goes to the recogniser, and a pause ends a piece of it; silence is no evidence of anything but silence.",
    "zh-CN": "只有语音才送去识别，停顿用来切分；沉默只说明没有说话。",
  },
  purpose: "evidence",
  consent: "scoring",
  retentionClass: "transcriptDays",
  needs: [],
  models: ["silero-vad"],
  cost: {
    en: "A small recurrent network, 0.1 ms for each 32 ms of sound; 2 MB.",
    "zh-CN": "小型循环网络，每 32 毫秒声音约 0.1 毫秒；占 2 MB。",
  },
  compute: (from: number, window: number, gathering?: Gathering) => new SpeechFinder(from, window, gathering),
});
