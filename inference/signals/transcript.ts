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
  purpose: "evidence",
  consent: "scoring",
  retentionClass: "transcriptDays",
  needs: ["voiceActivity"],
  models: ["whisper-base"],
  compute: (utterances: readonly Utterance[], otherwise: Language): Transcript => ({
    language: languageOf(utterances, otherwise),
    text: join(utterances.map((one) => one.text)),
    utterances: [...utterances],
  }),
});
