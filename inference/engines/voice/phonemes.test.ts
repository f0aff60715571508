import t from "tap";
import { pieces } from "../voice.ts";
import { toKokoro, withoutAbbreviations } from "./english.ts";
import { mandarinPhonemes, readSyllables, withSandhi } from "./mandarin.ts";
import { phonemesOf } from "./phonemes.ts";
import { runsOf, sentences } from "./script.ts";

// No model is needed here: what is said is decided before it is spoken. English goes through the installed espeak-ng.
const syllables = await readSyllables();

t.test("Mandarin is read by its pinyin, with tones as arrows and by the word it stands in", async (t) => {
  const table = { 系统: "ɕi↘ tʰʊ↓ŋ", 女儿: "ny↓ ɚ↗", 行长: "xa↗ŋ ꭧa↓ŋ", 银行: "i↗n xa↗ŋ" };
  for (const [text, said] of Object.entries(table)) t.equal(mandarinPhonemes(text, syllables), said, text);
  t.equal(mandarinPhonemes("重新 算重量", syllables), "ꭧʰʊ↗ŋ ɕi→n swa↘n ꭧʊ↘ŋ lja↘ŋ");
  t.equal(mandarinPhonemes("Redis", syllables), "", "what is no Mandarin is left out");
});

t.test("the third tone before another third in a word is said as the second", async (t) => {
  t.same(withSandhi(["liao3", "jie3"]), ["liao2", "jie3"]);
  t.same(withSandhi(["wo3", "men0"]), ["wo3", "men0"]);
  t.equal(mandarinPhonemes("了解", syllables), "ljau↗ ʨje↓");
});

t.test("espeak-ng's alphabet is put into Kokoro's signs, the longer sounds first", async (t) => {
  t.equal(toKokoro("tˈɛl ʌs ɐbˌaʊt ðə sˈɪstəm\n juː ɹˌiːdɪzˈaɪnd\n"), "tˈɛl ʌs əbˌWt ðə sˈɪstəm ju ɹˌidɪzˈInd");
  t.equal(toKokoro("dʒˈeɪ_ tʃˈɔɪs"), "ʤˈA ʧˈYs");
});

t.test("abbreviations are written out, for their points end no sentence", async (t) => {
  t.equal(
    withoutAbbreviations("caches, e.g. Redis vs. disk, i.e. slow"),
    "caches, for example Redis versus disk, that is slow",
  );
  t.equal(withoutAbbreviations("queues etc. and then Dr. Who"), "queues et cetera and then Dr Who");
  t.equal(withoutAbbreviations("queues etc."), "queues et cetera.");
});

t.test("cuts a text into sentences, and not within a version or a name", async (t) => {
  t.same(sentences("用 Node.js 3.5 吗？为什么！ 好"), ["用 Node.js 3.5 吗？", "为什么！", "好"]);
  t.same(sentences("Which?\nA: this; B: that."), ["Which?", "A: this;", "B: that."]);
  t.same(sentences(" … \n "), []);
});

t.test("cuts a sentence where the script changes", async (t) => {
  t.same(runsOf("“用 Redis 做 cache”", "zh-CN"), [
    { language: "zh-CN", text: "“用 " },
    { language: "en", text: "Redis " },
    { language: "zh-CN", text: "做 " },
    { language: "en", text: "cache”" },
  ]);
  t.same(runsOf("Plain.", "en"), [{ language: "en", text: "Plain." }]);
});

t.test("a mixed sentence is read in both languages, its numbers in that of the question", async (t) => {
  t.same(await phonemesOf("用 Redis，命中率99.5%。", "zh-CN", syllables), [
    "jʊ↘ŋ ɹᵻdˈiz, mi↘ŋ ꭧʊ↘ŋ ly↘ pai↓ fə→n ꭧɨ→ ʨjou↓ ʂɨ↗ ʨjou↓ tjɛ↓n u↓.",
  ]);
  const [node] = await phonemesOf("Node.js at 3.5%?", "en", syllables);
  t.match(node, /^n\S+ d\S+t \S+ .*pəɹsˈɛnt\?$/, "no pause within the name, one tune at the end");
  t.same(await phonemesOf("……", "zh-CN", syllables), []);
});

t.test("what is too long for the network is cut behind a mark, else behind a word", async (t) => {
  t.same(pieces("short", 10), ["short"]);
  t.same(pieces("aaaa bbb, cc dd", 12), ["aaaa bbb,", "cc dd"]);
  t.same(pieces("aaaa bbbb cccc", 10), ["aaaa bbbb", "cccc"]);
  t.same(pieces("a".repeat(25), 10), ["a".repeat(10), "a".repeat(10), "a".repeat(5)]);
});
