import { readFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { type Resume, resume as resumeSchema } from "../../contracts/resume.ts";
import { type Rubric, rubric as rubricSchema } from "../../contracts/rubric.ts";
import { projectRoot } from "../../runtime/paths.ts";
import { type ChosenQuestions, chooseQuestions, levelFor } from "./choosing.ts";
import { Curriculum, names } from "./curriculum.ts";
import { normalise } from "./text.ts";

const fixture = (name: string): unknown =>
  JSON.parse(readFileSync(join(projectRoot, "test/fixtures/bank", `${name}.json`), "utf8"));
const developer = rubricSchema.parse(fixture("software-developer"));
const today = "2026-11-26";
const cv = (value: unknown): Resume => resumeSchema.parse(value);
const python = cv(fixture("cv-python"));
const idsOf = ({ questions }: ChosenQuestions): string[] => questions.map(({ questionId }) => questionId);
const choose = (resume: Resume, count: number, rubric: Rubric = developer): ChosenQuestions =>
  chooseQuestions({ rubric, resume, count, today });

t.test("Python in the CV brings the programming question in Python, and says why in both languages", async (t) => {
  const chosen = choose(python, 1);
  t.same(idsOf(chosen), ["python-program"]);
  const reasons = chosen.questions[0]?.reasons ?? [];
  t.ok(reasons.some((one) => one.en === "the CV lists and tells of Python, in about 3.7 years of work"));
  t.ok(reasons.some((one) => one["zh-CN"] === "简历的技能和经历中有“Python”，相关工作约 3.7 年"));
  t.same(choose(cv({ skills: [{ name: "Java" }] }), 1).questions[0]?.questionId, "java-memory");
  t.same(choose(cv({ skills: [{ name: "JavaScript" }] }), 1).questions[0]?.skills, [], "JavaScript is not Java");
});

t.test("asks nobody about a skill that the CV does not have while there is another question", async (t) => {
  const chosen = idsOf(choose(python, 5));
  for (const other of ["java-memory", "embedded-c"]) t.notOk(chosen.includes(other), other);
  t.ok(idsOf(choose(python, 8)).includes("embedded-c"), "the whole bank is the whole bank");
});

t.test("asks about a skill of the CV also where that leaves a competency open", async (t) => {
  const two = choose(cv({ skills: [{ name: "Python" }] }), 2);
  t.ok(idsOf(two).includes("python-program") || idsOf(two).includes("python-default"), idsOf(two).join());
  t.equal(two.uncovered.length, 1);
  const both = choose(python, 2);
  t.same(both.uncovered, [], "where one of the skills leaves room for all, it is that one");
  t.ok(both.questions.some(({ skills }) => skills.length > 0));
});

t.test("the same input gives the same choice, and the rubric's order decides between equals", async (t) => {
  t.same(choose(python, 4), choose(python, 4));
  const twins = rubricSchema.parse({
    id: "twins",
    version: 1,
    competencies: [{ id: "work", weight: 100, name: { en: "work" } }],
    questions: ["b", "a", "c"].map((id) => ({ id, kind: "spoken", text: { en: id } })),
  });
  t.same(idsOf(choose(python, 2, twins)), ["b", "a"]);
  t.match(choose(python, 1, twins).questions[0]?.reasons.at(-1), { en: "is meant for every CV" });
});

t.test("covers every competency where the count allows it, and names those it leaves open", async (t) => {
  const three = choose(cv({ skills: [{ keywords: ["Python", "Java", "C"] }] }), 3);
  t.same(three.uncovered, []);
  t.ok(
    three.questions.some(({ skills }) => skills.length > 0),
    "and still asks about a skill",
  );
  t.same(choose(python, 1).uncovered, ["design", "teamwork"]);
  t.same(choose(python, 3).uncovered, []);
});

t.test("years of work set the difficulty; those with the skill go before all of them", async (t) => {
  t.same([0, 0.9, 1, 2.9, 3, 4.9, 5, 7.9, 8, 30].map(levelFor), [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]);
  const bank = rubricSchema.parse({
    ...developer,
    questions: [1, 2, 3, 4, 5].map((difficulty) => ({
      id: `d${difficulty}`,
      kind: "spoken",
      text: { en: "?" },
      difficulty,
      tags: ["Go"],
    })),
  });
  const worked = (startDate: string, endDate: string): Resume =>
    cv({ skills: [{ name: "Go" }], work: [{ startDate, endDate, position: "x" }] });
  t.same(idsOf(choose(worked("2020-01", "2020-06"), 1, bank)), ["d1"]);
  t.same(idsOf(choose(worked("2010-01", "2020-06"), 1, bank)), ["d5"]);
});

t.test("a role that is to be filled goes before what the CV calls its owner", async (t) => {
  const bank = rubricSchema.parse({
    ...developer,
    questions: ["sales", "developer"].map((role) => ({ id: role, kind: "spoken", text: { en: "?" }, roles: [role] })),
  });
  const resume = cv({ basics: { label: "Sales manager" } });
  t.same(idsOf(choose(resume, 1, bank)), ["sales"]);
  t.same(idsOf(chooseQuestions({ rubric: bank, resume, count: 1, today, role: "Senior developer" })), ["developer"]);
});

t.test("years that run side by side count once; what goes on lasts until today", async (t) => {
  const years = (...work: object[]): number => new Curriculum(cv({ work }), today).years;
  t.equal(years({ startDate: "2020-01", endDate: "2020-12" }), 1);
  t.equal(years({ startDate: "2020-01", endDate: "2020-12" }, { startDate: "2020-07", endDate: "2021-06" }), 1.5);
  t.equal(years({ startDate: "2019", endDate: "2021" }), 2);
  t.equal(years({ startDate: "2025-12-01" }), 1);
  t.equal(years({ startDate: "2025-12-01", endDate: "" }), 1);
  t.equal(years({ startDate: "2027-01" }, { endDate: "2020-01" }, {}), 0);
});

t.test("a skill is a word of its own", async (t) => {
  const found = (text: string, skill: string): boolean => names(normalise(text), skill);
  for (const [text, skill] of [
    ["熟悉Python开发", "python"],
    ["Python3, Go", "Python"],
    ["C / C++", "C++"],
    ["C / C++", "C"],
    ["C#、.NET", "C#"],
    ["數據分析", "数据分析"],
    ["Go", "go"],
  ] as const)
    t.ok(found(text, skill), `${text}: ${skill}`);
  for (const [text, skill] of [
    ["JavaScript", "Java"],
    ["C++, C#", "C"],
    ["Objective-C", "C"],
    ["R&D", "R"],
    ["MySQL", "SQL"],
    ["Django", "Go"],
    ["", "Go"],
    ["Go", " "],
  ] as const)
    t.notOk(found(text, skill), `${text}: ${skill}`);
  const told = new Curriculum(cv({ work: [{ summary: "We go to market; wrote Rust" }] }), today);
  t.equal(told.mentionOf("Go"), undefined, "two letters in a sentence are no skill");
  t.match(told.mentionOf("Rust"), { declared: false, told: true, years: 0 });
});

t.test("name, age, school and place change nothing", async (t) => {
  const other = { ...python, basics: { ...python.basics, name: "Other", location: { city: "X" }, image: "y" } };
  const { education: _, ...without } = other as Resume & { education?: unknown };
  t.same(choose(cv(without), 5), choose(python, 5));
});

t.test("a CV whose dates cannot be is refused at its field", async (t) => {
  const issues = (value: object): unknown =>
    resumeSchema.safeParse(value).error?.issues.map(({ path }) => path.join("."));
  t.same(issues({ work: [{ startDate: "2020-05", endDate: "2020-04" }] }), ["work.0.endDate"]);
  t.same(issues({ projects: [{ startDate: "May 2020" }] }), ["projects.0.startDate"]);
  t.equal(issues({ work: [{ startDate: "2020-05", endDate: "2020" }] }), undefined);
});
