import t from "tap";
import { languageOf, promptText, stalePrompt } from "./prompt.ts";
import { rubric } from "./rubric.ts";

const hash = (text: string): string => Buffer.from(text).toString("hex").padEnd(64, "0").slice(0, 64);
const choice = {
  id: "q2",
  kind: "choice",
  text: { en: "Which?", "zh-CN": "哪个？" },
  options: [
    { id: "A", text: { en: "this", "zh-CN": "这个" } },
    { id: "B", text: { en: "that" } },
  ],
  correct: ["A"],
};
const bank = (prompts?: object) =>
  rubric.parse({
    id: "sales",
    version: 1,
    competencies: [{ id: "talk", weight: 100, name: { en: "talk" } }],
    questions: [
      { id: "q1", kind: "spoken", text: { en: "Why?" }, ...(prompts === undefined ? {} : { prompts }) },
      choice,
    ],
  });
const made = (text: string) => ({ audio: "T2dn", textHash: hash(text), by: "voice" });

t.test("says a question with its options, in each language that it is written in", async (t) => {
  const [spoken, chosen] = bank().questions;
  if (spoken === undefined || chosen === undefined) throw new Error("the bank has two questions");
  t.equal(promptText(spoken, "en"), "Why?");
  t.equal(promptText(spoken, "zh-CN"), undefined);
  t.equal(promptText(chosen, "en"), "Which?\nA: this; B: that.");
  t.equal(promptText(chosen, "zh-CN"), "哪个？\nA: 这个；B: that。", "an option without a translation as it is");
  t.equal(languageOf(spoken, "zh-CN"), "en");
  t.equal(languageOf(chosen, "zh-CN"), "zh-CN");
});

t.test("finds a prompt that says something else than its question, and one of a language without text", async (t) => {
  t.equal(stalePrompt(bank({ en: made("Why?") }), hash), undefined);
  t.equal(stalePrompt(bank({ en: made("Why not?") }), hash), "questions[0].prompts.en");
  t.equal(stalePrompt(bank({ "zh-CN": made("Why?") }), hash), "questions[0].prompts.zh-CN");
});

t.test("refuses sound that is not base64url and a hash that is none", async (t) => {
  t.throws(() => bank({ en: { ...made("Why?"), audio: "a+b/c==" } }));
  t.throws(() => bank({ en: { ...made("Why?"), textHash: "abc" } }));
});
