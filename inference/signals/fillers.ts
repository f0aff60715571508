import type { Fillers, Utterance } from "../../contracts/observation.ts";
import type { Millis } from "../../contracts/units.ts";
import { defineSignal } from "../signal.ts";

/**
 * Sounds that mean nothing but a pause. Words that fill a pause at times and mean something at others (那个, 就是, like, you
 * know) are left alone: telling the two apart would be guessing.
 */
const filler = /^(?:嗯+|呃+|唔+|额|呣|um+|uh+|uhm+|er+|erm+|hmm*|mm+|mhm)$/iu;
const marks = /[\p{P}\p{S}\s]/gu;

export type FillersInput = { utterances: readonly Utterance[]; speechMillis: Millis };

/** Pauses that were filled with a sound. */
export const fillers = defineSignal({
  id: "fillers",
  summary: {
    en: "Sounds that fill a pause (um, 嗯), as far as the recogniser writes them down: at least so many",
    "zh-CN": "填补停顿的语气词（嗯、呃、um），以识别到的为准，实际可能更多",
  },
  stream: "mic",
  why: {
    en: "Tells a person how the answer went, for feedback on speaking. Fillers are ordinary and take nothing from a score.",
    "zh-CN": "让人了解作答过程，供表达反馈之用。语气词很正常，不影响分数。",
  },
  purpose: "quality",
  delivery: true,
  consent: "scoring",
  retentionClass: "transcriptDays",
  needs: ["transcript"],
  models: [],
  cost: { en: "One look at each word; nothing to speak of.", "zh-CN": "每个词看一次，开销可忽略。" },
  compute: ({ utterances, speechMillis }: FillersInput): Fillers => {
    const words = utterances.flatMap((one) => one.words);
    const found = words.flatMap(({ text, start, end }) => {
      const bare = text.replace(marks, "");
      return filler.test(bare) ? [{ text: bare, start, end }] : [];
    });
    return {
      count: found.length,
      perMinute: speechMillis === 0 ? 0 : Math.round((found.length * 600_000) / speechMillis) / 10,
      found,
    };
  },
});
