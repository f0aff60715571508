import type { Framing } from "../../contracts/observation.ts";
import type { Face } from "../../contracts/ports.ts";
import type { Millis } from "../../contracts/units.ts";
import { defineSignal } from "../signal.ts";

/**
 * When to say something, as fractions of the picture: a face narrower than `narrow` is far, one wider than `wide` is near,
 * and its centre should lie within `aside` of the middle. A second face counts from `second` of the first one's height.
 */
export const framingRules = { confidence: 0.6, narrow: 0.1, wide: 0.55, aside: 0.25, second: 0.4 } as const;

function adviceFor(main: Face | undefined, count: number): Framing["advice"] {
  if (main === undefined) return "noFace";
  if (count > 1) return "severalFaces";
  if (main.width < framingRules.narrow) return "moveCloser";
  if (main.width > framingRules.wide) return "moveBack";
  const across = Math.abs(main.left + main.width / 2 - 0.5);
  const down = Math.abs(main.top + main.height / 2 - 0.5);
  return across > framingRules.aside || down > framingRules.aside ? "moveToCentre" : "none";
}

/** Faces that are sure and not far behind the main one, largest first. */
export function facesThatCount(faces: readonly Face[]): Face[] {
  const sure = faces
    .filter((face) => face.confidence >= framingRules.confidence)
    .sort((a, b) => b.width * b.height - a.width * a.height);
  const [main] = sure;
  return main === undefined ? [] : sure.filter((face) => face.height >= main.height * framingRules.second);
}

const rounded = (fraction: number): number => Math.round(fraction * 1000) / 1000;

/** How the face stands in the picture. It prompts the candidate; the scorer cannot import it. Each change of it stands in the scorecard. */
export const framing = defineSignal({
  id: "framing",
  summary: {
    en: "Whether a face is in the picture, to prompt the candidate; never scored",
    "zh-CN": "画面中是否有人脸，仅用于提示应聘者，不计分",
  },
  stream: "camera",
  why: {
    en: "The candidate is told in time to move into the picture; nothing is held against who is not seen.",
    "zh-CN": "及时提示应聘者回到画面中；看不到人脸不会扣分。",
  },
  purpose: "prompt",
  consent: "recording",
  retentionClass: "scorecardDays",
  needs: [],
  models: ["face"],
  cost: {
    en: "35 to 60 ms of one core for a picture, at most two pictures a second; 300 MB in a thread of its own.",
    "zh-CN": "每张画面占一个核心 35–60 毫秒，每秒最多两张；独立线程占 300 MB。",
  },
  compute: (faces: readonly Face[], at: Millis): Framing => {
    const counted = facesThatCount(faces);
    const main = counted[0];
    return {
      at: Math.max(0, Math.round(at)),
      faces: counted.length,
      box:
        main === undefined
          ? null
          : {
              left: rounded(main.left),
              top: rounded(main.top),
              width: rounded(main.width),
              height: rounded(main.height),
            },
      advice: adviceFor(main, counted.length),
    };
  },
});
