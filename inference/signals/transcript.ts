import type { Language } from "../../contracts/language.ts";
import type { Transcript, Utterance } from "../../contracts/observation.ts";
import { defineSignal } from "../signal.ts";

const hanOrMark = /[\p{Script=Han}\u3000-\u303f\uff00-\uffef]/u;
const mark = /[\p{P}\p{S}]$/u;

/** The language most of the speech is in; the first one wins a tie. */
function languageOf(utterances: readonly Utterance[], otherwise: Language): Language {
  const spoken = new Map<Language, number>();
  for (const one of utterances) spoken.set(one.language, (spoken.get(one.language) ?? 0) + one.end - one.start);
  let best: [Language, number] | undefined;
  for (const entry of spoken) if (best === undefined || entry[1] > best[1]) best = entry;
  return best?.[0] ?? otherwise;
}

/** Chinese joins without blanks, with a comma for the pause where the recogniser set no mark; all else with a blank. */
function join(texts: readonly string[]): string {
  let whole = "";
  for (const text of texts.map((one) => one.trim()).filter((one) => one !== "")) {
    const chinese = hanOrMark.test(whole.slice(-1)) && hanOrMark.test(text.slice(0, 1));
    const between = whole === "" ? "" : chinese ? (mark.test(whole) ? "" : "，") : " ";
    whole += between + text;
  }
  return whole;
}

/** Joins utterances in order. No utterance is a transcript too: text "" says that nothing was said. */
export const transcript = defineSignal({
  id: "transcript",
  summary: {
    en: "What was said, word by word with times and confidences",
    "zh-CN": "说了什么：逐词文本、时间和置信度",
  },
  stream: "mic",
  why: {
    en: "The answer's words are the evidence that the rubric is applied to; times and confidences let a person check each quote.",
    "zh-CN": "评分标准依据的证据就是回答的原话；时间与置信度便于人工核对每一处引用。",
  },
  purpose: "evidence",
  consent: "scoring",
  retentionClass: "transcriptDays",
  needs: ["voiceActivity"],
  models: ["whisper-base"],
  cost: {
    en: "About 0.07 s of two cores for each second of speech; 460 MB with the model.",
    "zh-CN": "每秒语音约占两个核心 0.07 秒；连同模型占 460 MB。",
  },
  compute: (utterances: readonly Utterance[], otherwise: Language): Transcript => ({
    language: languageOf(utterances, otherwise),
    text: join(utterances.map((one) => one.text)),
    utterances: [...utterances],
  }),
});
