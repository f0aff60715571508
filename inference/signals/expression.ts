import type { Expressions } from "../../contracts/observation.ts";
import { fewestPictures, type Read, thousandth } from "../reading.ts";
import { defineSignal } from "../signal.ts";

/** Shares of expressions, as a weak recogniser sees them. */
export const expression = defineSignal({
  id: "expression",
  summary: {
    en: "Mean share of seven expressions of the face (neutral, happy, …) during an answer; the recogniser is weak, neutral faces scatter",
    "zh-CN": "作答期间七种表情（平静、高兴等）的平均占比；识别较弱，平静的脸常被误判",
  },
  stream: "camera",
  why: {
    en: "Only for training, where the candidate asks to see the own effect. A face does not show what somebody feels or can do; in the EU it is banned.",
    "zh-CN": "仅供应聘者主动要求的表达训练。面部不能说明感受或能力；在欧盟禁止使用。",
  },
  purpose: "apart",
  consent: "expression",
  retentionClass: "transcriptDays",
  needs: ["framing"],
  models: ["face", "face-expression"],
  cost: { en: "About 10 ms of one core for a picture; 1 MB.", "zh-CN": "每张画面约占一个核心 10 毫秒；模型 1 MB。" },
  compute: (read: readonly Read[]): Expressions | null => {
    const seen = read.flatMap(({ reading }) => (reading?.expression === undefined ? [] : [reading.expression]));
    if (seen.length < fewestPictures) return null;
    const names = [...new Set(seen.flatMap((one) => Object.keys(one)))].sort();
    const mean = (name: string): number => seen.reduce((sum, one) => sum + (one[name] ?? 0), 0) / seen.length;
    return { pictures: seen.length, shares: Object.fromEntries(names.map((name) => [name, thousandth(mean(name))])) };
  },
});
