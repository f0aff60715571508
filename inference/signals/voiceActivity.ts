import { defineSignal } from "../signal.ts";
import { type Gathering, SpeechFinder } from "../speech.ts";

/** From probabilities a window to stretches of speech and pieces to recognise. */
export const voiceActivity = defineSignal({
  id: "voiceActivity",
  summary: { en: "When somebody speaks, and where the pauses are", "zh-CN": "何时有人说话、停顿在哪里" },
  stream: "mic",
  purpose: "evidence",
  consent: "scoring",
  retentionClass: "transcriptDays",
  needs: [],
  models: ["silero-vad"],
  compute: (from: number, window: number, gathering?: Gathering) => new SpeechFinder(from, window, gathering),
});
