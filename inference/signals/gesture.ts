import type { Gestures } from "../../contracts/observation.ts";
import { seconds } from "../../contracts/units.ts";
import { fewestPictures, type Read, thousandth } from "../reading.ts";
import { defineSignal } from "../signal.ts";

/** Pictures further apart than this tell nothing of a motion between them. */
const apart = seconds(3);

/** The mean speed between neighbouring pictures, `path` saying how far it was; null where no two neighbours had it. */
function speed(read: readonly Read[], path: (before: Read, after: Read) => number | undefined): number | null {
  let [way, millis] = [0, 0];
  for (const [at, after] of read.entries()) {
    const before = read[at - 1];
    const took = before === undefined ? 0 : after.at - before.at;
    if (before === undefined || took <= 0 || took > apart) continue;
    const went = path(before, after);
    if (went === undefined) continue;
    way += went;
    millis += took;
  }
  return millis === 0 ? null : thousandth((way * 1000) / millis);
}

/** The mean way of the wrists that both pictures show. */
function wristsWay({ reading: from }: Read, { reading: to }: Read): number | undefined {
  const ways = (to?.wrists ?? []).flatMap((wrist) => {
    const before = from?.wrists?.find(({ side }) => side === wrist.side);
    return before === undefined ? [] : [Math.hypot(wrist.across - before.across, wrist.down - before.down)];
  });
  return ways.length === 0 ? undefined : ways.reduce((sum, one) => sum + one, 0) / ways.length;
}

function headWay({ reading: from }: Read, { reading: to }: Read): number | undefined {
  if (from?.head === undefined || to?.head === undefined) return undefined;
  return Math.hypot(to.head.yaw - from.head.yaw, to.head.pitch - from.head.pitch);
}

/** How much hands and head move. */
export const gesture = defineSignal({
  id: "gesture",
  summary: {
    en: "How often hands are in the picture, and how much hands and head move; no meaning is read from it",
    "zh-CN": "手出现在画面中的比例，以及手和头部动作的多少；不解读含义",
  },
  stream: "camera",
  why: {
    en: "Only for training of speaking before others. Gestures differ by culture and by body: they say nothing of an answer's worth.",
    "zh-CN": "仅供当众表达训练。手势因文化和身体条件而异，不能说明回答的好坏。",
  },
  purpose: "apart",
  consent: "gesture",
  retentionClass: "transcriptDays",
  needs: ["framing"],
  models: ["face", "face-mesh", "body-pose"],
  cost: {
    en: "Up to 45 ms of one core for a picture; 9 MB.",
    "zh-CN": "每张画面最多占一个核心 45 毫秒；模型 9 MB。",
  },
  compute: (read: readonly Read[]): Gestures | null => {
    const seen = read.filter(({ reading }) => reading?.wrists !== undefined);
    if (seen.length < fewestPictures) return null;
    const withHands = seen.filter(({ reading }) => (reading?.wrists?.length ?? 0) > 0).length;
    return {
      pictures: seen.length,
      hands: thousandth(withHands / seen.length),
      handMotion: speed(seen, wristsWay),
      headMotion: speed(seen, headWay),
    };
  },
});
