import type { LivenessFound } from "../../contracts/observation.ts";
import { fewestPictures, median, type Read, thousandth } from "../reading.ts";
import { defineSignal } from "../signal.ts";

/** Whether a person sits there and no picture of one. */
export const liveness = defineSignal({
  id: "liveness",
  summary: {
    en: "How far the face is a living one and no picture or screen (medians over the answer, 0 to 1); a hint, no proof",
    "zh-CN": "画面中是真人而非照片或屏幕的程度（作答期间中位数，0 到 1），仅为线索，不是证明",
  },
  stream: "camera",
  why: {
    en: "A person may look at the recording where it is low. Light and camera lower it too, so it decides nothing by itself.",
    "zh-CN": "数值低时可由人查看录像。光线与摄像头也会影响，因此它本身不决定任何事。",
  },
  purpose: "apart",
  consent: "liveness",
  retentionClass: "transcriptDays",
  needs: ["framing"],
  models: ["face", "face-liveness"],
  cost: { en: "About 20 ms of one core for a picture; 2 MB.", "zh-CN": "每张画面约占一个核心 20 毫秒；模型 2 MB。" },
  compute: (read: readonly Read[]): LivenessFound | null => {
    const seen = read.flatMap(({ reading }) => reading?.liveness ?? []);
    if (seen.length < fewestPictures) return null;
    return {
      pictures: seen.length,
      live: thousandth(median(seen.map((one) => one.live))),
      real: thousandth(median(seen.map((one) => one.real))),
    };
  },
});
