import { access, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import writeExcel from "write-excel-file/node";
import { type Rubric, rubric as rubricSchema } from "../../contracts/rubric.ts";
import { sha256 } from "../../runtime/canonical.ts";
import { projectRoot } from "../../runtime/paths.ts";
import { BadCells } from "../../runtime/sheets/badCells.ts";
import { CellFault, type Problem, type RawSheet, type Value } from "../../runtime/sheets/cells.ts";
import { readWorkbook, sheetsOf, workbookOf } from "../../runtime/sheets/workbook.ts";
import { exportBank, importBank, writeTemplate } from "./excel.ts";
import { fromSheets } from "./fromSheets.ts";
import { templateRubric } from "./template.ts";
import { toSheets } from "./toSheets.ts";

const parsed = async (file: string): Promise<unknown> => JSON.parse(await readFile(file, "utf8"));
const isThere = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );

/** Texts with every sign that separates something in a cell, with line breaks, and as a spreadsheet might misread them. */
const awkward: Rubric = rubricSchema.parse({
  id: "awkward",
  version: 7,
  scale: [0, 2.5, 10],
  competencies: [
    {
      id: "a|b, c、d:e\\n",
      weight: 33.3,
      name: { "zh-CN": "=1+1" },
      anchors: { "0": { en: '<none> & "x"' }, "2.5": { en: "two\nlines" }, "10": { "zh-CN": "十" } },
    },
    { id: "*", weight: 66.7, name: { en: "007" } },
  ],
  questions: [
    {
      id: "1",
      kind: "spoken",
      text: { en: "Why \\n, and how?\nTell us." },
      competencies: ["*", "a|b, c、d:e\\n"],
      roles: ["a；b", "1.50"],
      tags: ["C++", "C#", "R&D | x", " lead", "tab\there"],
      answerLimitSeconds: 0.5,
      reference: { en: ["first\nsecond line", "third \\ | line"] },
      concepts: {
        en: [
          ["bare", "list: with colon"],
          { terms: ["for all", "所有：的"] },
          { competency: "*", terms: ["star | bar"] },
          { competency: "a|b, c、d:e\\n", terms: ["x\ny"] },
        ],
        "zh-CN": [["*: 不是能力项"]],
      },
    },
  ],
});

t.test("a rubric comes back from a workbook as it was, in either language of headers", async (t) => {
  const folder = t.testdir();
  const samples = ["interview/backend-engineer", "interview/customer-service"].map((name) =>
    join(projectRoot, "test/fixtures", `${name}.json`),
  );
  const odd = join(folder, "odd.json");
  await writeFile(odd, JSON.stringify(awkward));
  for (const file of [odd, ...samples])
    for (const language of ["zh-CN", "en"] as const) {
      const [book, out] = [join(folder, "book.xlsx"), join(folder, "out.json")];
      const { rubric } = await exportBank(file, { out: book, language });
      await importBank(book, { out, language, gapsInAnchors: true });
      t.same(await parsed(out), rubric, `${file} ${language}`);
    }
});

t.test("a bank with a program is refused by its field, and nothing is written", async (t) => {
  const out = join(t.testdir(), "book.xlsx");
  const file = join(projectRoot, "test/fixtures/code/brackets.json");
  await t.rejects(exportBank(file, { out, language: "en" }), {
    code: "config.invalid",
    message: /keep this bank as JSON/,
  });
  await t.rejects(readFile(out), { code: "ENOENT" });
});

t.test("the template explains every column, and imports as it stands", async (t) => {
  const [book, out] = [join(t.testdir(), "book.xlsx"), join(t.testdirName, "out.json")];
  for (const language of ["zh-CN", "en"] as const) {
    await writeTemplate({ out: book, language });
    const { keptPrompts } = await importBank(book, { out, language });
    t.equal(keptPrompts, 0);
    t.same(await parsed(out), templateRubric);
    const sheets = await readWorkbook(book);
    const help = sheets.find(({ name }) => name === (language === "en" ? "Help" : "说明"));
    t.equal(help?.data.length, 1 + 3 + 4 + 4 + 24);
  }
});

/** The template's sheets in English, with these cells changed. */
function changed(changes: Record<string, Record<string, Value>>): RawSheet[] {
  return toSheets(templateRubric, "en").sheets.map(({ name, rows }) => {
    const data: Value[][] = rows.map((row) => [...row]);
    for (const [cell, value] of Object.entries(changes[name] ?? {})) {
      const [, letters = "A", digits = "1"] = /^([A-Z]+)(\d+)$/.exec(cell) ?? [];
      const column = [...letters].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1;
      const row = data[Number(digits) - 1] ?? [];
      while (row.length < column) row.push(null);
      row[column] = value;
      data[Number(digits) - 1] = row;
    }
    return { name, data };
  });
}
const problemsOf = (sheets: RawSheet[]): Problem[] => {
  const read = fromSheets(sheets);
  return "problems" in read ? read.problems : [];
};
const cellsOf = (sheets: RawSheet[]): string[] => problemsOf(sheets).map(({ cell }) => cell);

t.test("what is unchanged has no problem", async (t) => t.same(problemsOf(changed({})), []));

t.test("every bad cell is named at once, with its remedy in both languages, and nothing is written", async (t) => {
  const sheets = changed({
    Competencies: { B2: 50, A4: "analysis", B4: 5, C4: "又一项" },
    Anchors: { B3: 9, C4: null, D4: null, A7: "speed" },
    Questions: { B2: "essay", F2: 7, H2: "communication | haste", C3: null, D3: null, T3: "E", U3: "因为" },
  });
  const found = problemsOf(sheets);
  t.same(
    found.map(({ cell }) => cell),
    [
      "Competencies!B2:B4",
      "Competencies!A4",
      "Anchors!B3",
      "Anchors!C4",
      "Anchors!A4",
      "Anchors!A6",
      "Anchors!A7",
      "Questions!B2",
      "Questions!F2",
      "Questions!H2",
      "Questions!T3",
      "Questions!C3",
      "Questions!U3",
    ],
  );
  for (const { message } of found) t.ok(message.en.length > 10 && /\p{Script=Han}/u.test(message["zh-CN"]));
  const at = (cell: string): string => found.find((one) => one.cell === cell)?.message.en ?? "";
  t.match(at("Questions!F2"), /is 7; give a whole number from 1 up to 5/);
  t.match(at("Competencies!B2:B4"), /sum to 95; make them sum to 100/);
  const folder = t.testdir();
  const [book, out] = [join(folder, "bad.xlsx"), join(folder, "out.json")];
  await writeFile(
    book,
    await workbookOf(
      sheets.map(({ name, data }) => ({ name, rows: data as (string | number | null)[][], widths: [] })),
    ),
  );
  const refused = await importBank(book, { out, language: "zh-CN" }).catch((error: unknown) => error);
  t.ok(refused instanceof BadCells);
  t.equal((refused as BadCells).problems.length, found.length);
  t.match((refused as BadCells).message, /有 13 处需要修改(.|\n)*Questions!F2: 7 不合适/);
  t.equal(await isThere(out), false);
});

t.test("headers, sheets and words are understood as people write them", async (t) => {
  const sheets: RawSheet[] = [
    { name: "能力 ", data: [[], ["编号", "权重（%）", "中文名称"], ["talk", 0.3, "沟通"], ["stress", "70%", "抗压"]] },
    {
      name: "题库",
      data: [
        ["题号", "类型", "题目", "答案", "选项A", "选项B", "难度", "岗位", "技能标签", null],
        [101, "选择题", "哪个？", "a", "甲", "乙", "3", "销售、客服", "CRM，Excel", null],
        [null, " ", null, null, null, null, null, null, null, null],
        [102, "口述", "为什么？", null, null, null, null, null, null, null],
      ],
    },
    { name: "备注", data: [["随便写"]] },
    { name: "Sheet2", data: [] },
  ];
  t.same(cellsOf(sheets).slice(1), ["'能力 '!B3:B4"], "0.3 and 70 are no weights of one kind");
  const [first, ...rest] = sheets as [RawSheet, ...RawSheet[]];
  const shares = { ...first, data: first.data.map((row) => row.map((cell) => (cell === "70%" ? 0.7 : cell))) };
  const read = fromSheets([shares, ...rest], { id: "bank" });
  t.match("rubric" in read ? read.rubric : read.problems, {
    id: "bank",
    version: 1,
    competencies: [{ id: "talk", weight: 30, name: { "zh-CN": "沟通" } }, { weight: 70 }],
    questions: [
      { id: "101", kind: "choice", correct: ["A"], difficulty: 3, roles: ["销售", "客服"], tags: ["CRM", "Excel"] },
      { id: "102", kind: "spoken", text: { "zh-CN": "为什么？" } },
    ],
  });
  t.same(cellsOf([shares, ...rest]), ["Rubric!A1"], "without an id and a file's name there is none");
});

t.test("nothing is lost silently: unknown sheets and headers, missing and doubled ones", async (t) => {
  t.same(cellsOf([...changed({}), { name: "Question (2)", data: [["x"]] }]), ["'Question (2)'!A1"]);
  t.same(cellsOf([...changed({}), { name: "题库", data: [["编号"], ["q"]] }]), ["题库!A1"]);
  t.same(cellsOf(changed({ Questions: { F1: "Dificulty" } })), ["Questions!F1"]);
  t.same(cellsOf(changed({ Questions: { Y3: "a note beside the table" } })), ["Questions!Y1"]);
  t.same(cellsOf(changed({ Competencies: { C1: "Weight" } })), ["Competencies!C1"]);
  t.same(cellsOf(changed({ Competencies: { B1: null, B2: null, B3: null } })), ["Competencies!A1"]);
  t.same(cellsOf(changed({}).filter(({ name }) => name !== "Questions")), ["Questions!A1"]);
  t.same(cellsOf(changed({ Questions: { A2: new Date(0) } })), ["Questions!A2"]);
  t.same(cellsOf(changed({ Questions: { W2: "analysis:" } })), ["Questions!W2"]);
  t.same(cellsOf(changed({ Rubric: { A2: "名字" } })), ["Rubric!A2"]);
});

t.test("what a workbook cannot hold unchanged is refused, and a field that no rubric has", async (t) => {
  const folder = t.testdir();
  const [file, out] = [join(folder, "bank.json"), join(folder, "bank.xlsx")];
  const [first, ...rest] = templateRubric.questions;
  const exporting = async (question: object, also: object = {}): Promise<unknown> => {
    await writeFile(
      file,
      JSON.stringify({ ...templateRubric, ...also, questions: [{ ...first, ...question }, ...rest] }),
    );
    return exportBank(file, { out, language: "en" });
  };
  await t.rejects(exporting({ text: { en: " blank before" } }), {
    message: /questions\[0\]\.text\.en: a workbook cannot/,
  });
  await t.rejects(exporting({ text: { en: "bell \u0007" } }), { message: /questions\[0\]\.text\.en/ });
  await t.rejects(exporting({ text: { en: "x".repeat(40_000) } }), { message: /Questions!D2: has 40000 characters/ });
  await t.rejects(exporting({}, { owner: "sales" }), { message: /owner: is not a field/ });
  t.equal(await isThere(out), false);
});

t.test("prompts stay beside the workbook and are taken over where a question says what it said", async (t) => {
  const folder = t.testdir();
  const [file, book, out] = [join(folder, "bank.json"), join(folder, "bank.xlsx"), join(folder, "out.json")];
  const said = (text: string): object => ({ audio: "T2dnUwAC", textHash: sha256(text), by: "recording" });
  const [first, ...rest] = templateRubric.questions;
  const prompts = { en: said(first?.text.en ?? ""), "zh-CN": said("以前的题目") };
  const spoken = { ...templateRubric, questions: [{ ...first, prompts }, ...rest] };
  await writeFile(file, JSON.stringify(spoken));
  t.equal((await exportBank(file, { out: book, language: "en" })).leftOutPrompts, 2);
  t.equal((await importBank(book, { out, prompts: file, language: "en" })).keptPrompts, 1);
  t.same(await parsed(out), { ...spoken, questions: [{ ...first, prompts: { en: prompts.en } }, ...rest] });
});

t.test(
  "reads what spreadsheet programs store, and names a cell whose formula failed or was never computed",
  async (t) => {
    const sheets = await readWorkbook(join(projectRoot, "test/fixtures/bank/shared-strings.xlsx"));
    t.match(problemsOf(sheets), [
      { cell: "Rubric!A1" },
      { cell: "题目!D2", message: { en: /is #DIV\/0! and has no value/ } },
    ]);
    const mended = sheets.map(({ name, data }) => ({
      name,
      data: data.map((row) => row.map((cell) => (cell instanceof CellFault ? 3 : cell))),
    }));
    t.match(fromSheets(mended, { id: "bank" }), {
      rubric: {
        competencies: [
          { id: "talk", weight: 30 },
          { id: "stress", weight: 70 },
        ],
        questions: [{ id: "101", text: { "zh-CN": "为什么？" }, difficulty: 3 }],
      },
    });
    const formula = await writeExcel([
      { sheet: "A & B", data: [["x"], [null, { value: "A1+1", type: "Formula" as const }]] },
    ]).toBuffer();
    t.match(await sheetsOf(formula, "formula"), [{ name: "A & B", data: [["x"], [null, { shown: "=A1+1" }]] }]);
  },
);

t.test("a file that is not there or no workbook is said to be so", async (t) => {
  const folder = t.testdir({ "list.xls": "id,kind" });
  const options = { out: join(folder, "out.json"), language: "en" as const };
  await t.rejects(importBank(join(folder, "none.xlsx"), options), { code: "file.missing" });
  await t.rejects(importBank(join(folder, "list.xls"), options), {
    code: "file.unreadable",
    message: /save it as \.xlsx/,
  });
});
