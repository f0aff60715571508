import type { SeveralFaces } from "../../contracts/observation.ts";
import type { Face } from "../../contracts/ports.ts";
import { type Millis, seconds } from "../../contracts/units.ts";
import { defineSignal } from "../signal.ts";
import { facesThatCount } from "./framing.ts";

/** A picture as it was looked at, its moment on the session's timeline. */
export type Looked = { at: Millis; faces: readonly Face[] };

/** Pictures further apart than this are of two stretches: nobody knows what was between. */
const apart = seconds(3);

/** When somebody else was in the picture, so that a person can look at the recording there. */
export const severalFaces = defineSignal({
  id: "severalFaces",
  summary: {
    en: "When more than one face was in the picture during an answer, with times",
    "zh-CN": "作答时画面中出现多张人脸的时段",
  },
  stream: "camera",
  why: {
    en: "A person can look at the recording there: it may be a helper, an interpreter or a passer-by. It decides nothing by itself.",
    "zh-CN": "便于人工查看该处录像：可能是协助者、翻译或路人。它本身不决定任何事。",
  },
  purpose: "quality",
  consent: "scoring",
  retentionClass: "transcriptDays",
  needs: ["framing"],
  models: ["face"],
  cost: {
    en: "Nothing beyond the look that framing takes at the live picture: the same faces are counted.",
    "zh-CN": "除取景提示已做的人脸检测外没有额外开销：数的是同一批人脸。",
  },
  compute: (looked: readonly Looked[]): SeveralFaces => {
    const stretches: SeveralFaces["stretches"] = [];
    let last: Looked | undefined;
    for (const one of looked) {
      const count = facesThatCount(one.faces).length;
      const open = stretches.at(-1);
      const goesOn = open !== undefined && open.end === last?.at && one.at - open.end <= apart;
      const at = Math.max(0, Math.round(one.at));
      if (count > 1 && goesOn) Object.assign(open, { end: at, most: Math.max(open.most, count) });
      else if (count > 1) stretches.push({ start: at, end: at, most: count });
      last = { ...one, at };
    }
    return { pictures: looked.length, stretches };
  },
});
