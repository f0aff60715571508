import type { Language } from "../../../contracts/language.ts";
import { run } from "../../../runtime/subprocess.ts";
import { pinyinOf } from "./mandarin.ts";
import { spellEnglish } from "./numbers/english.ts";
import { spellMandarin } from "./numbers/mandarin.ts";

/**
 * A text read by espeak-ng, as a WAV file: the last resort, robotic in English and hard to understand in Mandarin. Its own
 * Mandarin (`-v cmn` in 1.51) reads Han as English, so it is given pinyin.
 * @throws Fault process.missing without espeak-ng
 */
export function espeak(text: string, language: Language, signal: AbortSignal): Promise<Uint8Array> {
  const [voice, input] =
    language === "zh-CN" ? ["cmn-latn-pinyin", pinyinOf(spellMandarin(text))] : ["en-us", spellEnglish(text)];
  return run("espeak-ng", ["-v", voice, "-s", "150", "--stdin", "--stdout"], { input, signal });
}
