import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import type { Language } from "../../contracts/language.ts";
import { type Rubric, rubric as rubricSchema } from "../../contracts/rubric.ts";
import { unanchored } from "../../contracts/rubricChecks.ts";
import { strictly } from "../../contracts/strictly.ts";
import { scoreAnswer } from "../../inference/scoring/score.ts";
import { wordVectors } from "../../inference/scoring/wordVectors.ts";
import { projectRoot } from "../../runtime/paths.ts";
import { chooseFor } from "./choose.ts";
import { exportBank, importBank } from "./excel.ts";

const pathOf = (name: string): string => join(projectRoot, "test/fixtures/bank", `${name}.json`);
const sample = async (name: string): Promise<Rubric> =>
  strictly(rubricSchema).parse(JSON.parse(await readFile(pathOf(name), "utf8")));
const models = {
  sales: [30, 25, 20, 15, 10],
  "workshop-manager": [35, 25, 20, 15, 5],
  "software-developer": [50, 30, 20],
};

for (const [name, weights] of Object.entries(models))
  t.test(
    `${name}: a model of data alone, anchored at every level in both languages, through Excel and back`,
    async (t) => {
      const rubric = await sample(name);
      t.same(
        rubric.competencies.map(({ weight }) => weight),
        weights,
      );
      t.same(unanchored(rubric), []);
      for (const { id, anchors = {} } of rubric.competencies) {
        t.equal(Object.keys(anchors).length, 5, id);
        for (const text of Object.values(anchors)) t.ok(text["zh-CN"] && text.en);
      }
      for (const { id } of rubric.competencies)
        t.ok(
          rubric.questions.some(({ competencies }) => competencies?.includes(id)),
          `${id} is asked about`,
        );
      for (const { text } of rubric.questions) t.ok(text["zh-CN"] && text.en);
      const folder = t.testdir();
      const [book, out] = [join(folder, "book.xlsx"), join(folder, "out.json")];
      for (const language of ["zh-CN", "en"] as const) {
        await exportBank(pathOf(name), { out: book, language });
        await importBank(book, { out, language });
        t.same(JSON.parse(await readFile(out, "utf8")), rubric, language);
      }
    },
  );

const told: Record<Language, { strong: string; vague: string }> = {
  "zh-CN": {
    strong:
      "去年我是华东区的销售主管，有一家老客户突然减少订单。我的任务是在一个月内弄清原因。我先做了三次回访，从客户反馈里发现他们的潜在需求是缩短换线时间。我用报表里的数据证实了这一点，然后改了方案，给他们做了演示和试用。最后订单从每月40万升到65万。",
    vague: "一般来说要多和客户沟通，了解客户的需要很重要，我觉得服务好了客户自然会满意。",
  },
  en: {
    strong:
      "Last year I was the sales lead for the region and an old customer suddenly ordered less. My task was to find the cause within a month. I called back three times, and their feedback showed a hidden need: shorter changeovers. I proved it with figures from the report, then I changed the offer and gave them a trial. In the end orders rose from 40 to 65 a month.",
    vague:
      "In general you should talk to customers a lot. It is important to know what they want, and I think good service makes them happy.",
  },
};

for (const language of ["zh-CN", "en"] as const)
  t.test(
    `${language}: the sales model tells a story with figures from general talk, without code of its own`,
    async (t) => {
      const rubric = await sample("sales");
      const question = rubric.questions.find(({ id }) => id === "hidden-need");
      if (question === undefined) throw new Error("the sample has no hidden-need");
      const score = async (text: string): Promise<number> =>
        (
          await scoreAnswer(
            { answerId: "a", question, rubric, language, answer: { kind: "spoken", text } },
            wordVectors(),
          )
        ).score ?? Number.NaN;
      const [strong, vague] = [await score(told[language].strong), await score(told[language].vague)];
      t.ok(strong > 0.7, `strong ${strong}`);
      t.ok(vague < 0.3, `vague ${vague}`);
    },
  );

t.test("chooses for a CV, and writes a rubric of the chosen questions that can be ordered", async (t) => {
  const folder = t.testdir();
  const out = join(folder, "chosen.json");
  const options = { resume: pathOf("cv-sales"), count: 3, on: "2026-11-26", out };
  const chosen = await chooseFor(pathOf("sales"), options);
  const written = rubricSchema.parse(JSON.parse(await readFile(out, "utf8")));
  t.same(
    written.questions.map(({ id }) => id),
    chosen.questions.map(({ questionId }) => questionId),
  );
  t.ok(chosen.questions.some(({ skills }) => skills.includes("CRM")));
  const bad = join(folder, "cv.json");
  await writeFile(bad, JSON.stringify({ work: [{ startDate: "2020-05-01", endDate: "2019-01-01" }] }));
  await t.rejects(chooseFor(pathOf("sales"), { ...options, resume: bad }), {
    code: "config.invalid",
    field: "work[0].endDate",
  });
  await t.rejects(chooseFor(pathOf("sales"), { ...options, resume: join(folder, "none.json") }), {
    code: "file.missing",
  });
});
