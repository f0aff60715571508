import t from "tap";
import { languageOf, promptText, stalePrompt } from "./prompt.ts";
import { type Question, question, type Rubric, rubric } from "./rubric.ts";

const why: Question = { id: "why", kind: "spoken", text: { en: "Why?", "zh-CN": "为什么？" } };
const which: Question = {
  id: "which",
  kind: "choice",
  text: { en: "Which one holds?", "zh-CN": "哪一个对？" },
  options: [
    { id: "A", text: { en: "This", "zh-CN": "这个" } },
    { id: "B", text: { en: "That" } },
  ],
  correct: ["A"],
};
/** Stands in for a hash: what the prompt says, as hexadecimal digits of 64 places. */
const digest = (text: string): string => Buffer.from(text).toString("hex").padEnd(64, "0").slice(0, 64);
const audio = "T2dnUwAC";
const rubricOf = (questions: Question[]): Rubric => ({
  id: "sales",
  version: 1,
  competencies: [{ id: "talk", weight: 100, name: { en: "talk" } }],
  questions,
});

t.test("a prompt says the question, and the options of a choice by their letters", async (t) => {
  t.equal(promptText(why, "zh-CN"), "为什么？");
  t.equal(promptText(which, "en"), "Which one holds?\nA: This; B: That.");
  t.equal(promptText(which, "zh-CN"), "哪一个对？\nA: 这个；B: That。", "an option in the language it is written in");
  t.equal(promptText({ ...why, text: { en: "Why?" } }, "zh-CN"), undefined);
  t.equal(languageOf({ ...why, text: { en: "Why?" } }, "zh-CN"), "en");
});

t.test("finds the prompt that says what its question said before, and names where it stands", async (t) => {
  const made = { audio, textHash: digest("Why?"), by: "voice" } as const;
  t.equal(stalePrompt(rubricOf([{ ...why, prompts: { en: made } }]), digest), undefined);
  t.equal(
    stalePrompt(rubricOf([which, { ...why, text: { en: "Why not?" }, prompts: { en: made } }]), digest),
    "questions[1].prompts.en",
  );
  t.equal(
    stalePrompt(rubricOf([{ ...why, prompts: { "zh-CN": made } }]), digest),
    "questions[0].prompts.zh-CN",
    "a prompt that was put under the other language",
  );
});

t.test("refuses a prompt without its sound, its hash or its origin, by the field's name", async (t) => {
  const made = { audio, textHash: digest("Why?"), by: "voice", voice: "kokoro" };
  const asked = (en: object): unknown => ({ ...why, prompts: { en } });
  t.equal(question.safeParse(asked(made)).success, true);
  for (const [field, value] of Object.entries({ audio: "not base64!", textHash: "abc", by: "parrot" }))
    t.match(question.safeParse(asked({ ...made, [field]: value })).error?.issues, [{ path: ["prompts", "en", field] }]);
  t.equal(rubric.safeParse(rubricOf([why])).success, true, "prompts are optional");
});
