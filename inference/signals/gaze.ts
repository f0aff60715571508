import type { Gazing } from "../../contracts/observation.ts";
import { seconds } from "../../contracts/units.ts";
import { fewestPictures, median, type Read, thousandth } from "../reading.ts";
import { defineSignal } from "../signal.ts";

/** A face looks towards the screen within these many degrees; what is further apart than `apart` is of two stretches. */
export const gazeRules = { right: 30, down: 25, apart: seconds(3) } as const;

const whole = (angle: number): number => Math.round(angle * 10) / 10;

/** Where the face looks, from irises and the head's turn. */
export const gaze = defineSignal({
  id: "gaze",
  summary: {
    en: "Share of the pictures in which the face looks towards the screen, and the stretches in which it looks elsewhere; good to about 10 degrees",
    "zh-CN": "面向屏幕的画面占比，以及看向别处的时段；精度约 10 度",
  },
  stream: "camera",
  why: {
    en: "Only for training of speaking to a camera. People look away to think, and some cannot look at others: it says nothing of an answer's worth.",
    "zh-CN": "仅供镜头前表达训练。人在思考时会移开视线，有些人无法与人对视；不能说明回答的好坏。",
  },
  purpose: "apart",
  consent: "gaze",
  retentionClass: "transcriptDays",
  needs: ["framing"],
  models: ["face", "face-mesh"],
  cost: {
    en: "Up to 25 ms of one core for a picture; 4 MB.",
    "zh-CN": "每张画面最多占一个核心 25 毫秒；模型 4 MB。",
  },
  compute: (read: readonly Read[]): Gazing | null => {
    const seen = read.flatMap(({ at, reading }) =>
      reading?.head === undefined || reading.gaze === undefined
        ? []
        : [{ at: Math.max(0, Math.round(at)), head: reading.head, gaze: reading.gaze }],
    );
    if (seen.length < fewestPictures) return null;
    const away: Gazing["away"] = [];
    let before: { at: number; towards: boolean } | undefined;
    let towards = 0;
    for (const { at, gaze: look } of seen) {
      const ahead = Math.abs(look.right) <= gazeRules.right && Math.abs(look.down) <= gazeRules.down;
      if (ahead) towards++;
      const open = away.at(-1);
      const goesOn = before?.towards === false && at - before.at <= gazeRules.apart;
      if (!ahead && goesOn && open !== undefined) open.end = at;
      else if (!ahead) away.push({ start: at, end: at });
      before = { at, towards: ahead };
    }
    return {
      pictures: seen.length,
      towards: thousandth(towards / seen.length),
      yaw: whole(median(seen.map(({ head }) => head.yaw))),
      pitch: whole(median(seen.map(({ head }) => head.pitch))),
      away,
    };
  },
});
