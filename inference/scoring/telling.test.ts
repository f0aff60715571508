import t from "tap";
import type { Language } from "../../contracts/language.ts";
import type { Embedder } from "../../contracts/ports.ts";
import { type Rubric, rubric } from "../../contracts/rubric.ts";
import type { Finding } from "./evidence.ts";
import { scoreAnswer } from "./score.ts";
import { isGeneral, specificsIn, structureIn } from "./telling.ts";
import { clauses } from "./text.ts";

const total = (findings: readonly Finding[]): number =>
  Math.round(findings.reduce((sum, one) => sum + one.points, 0) * 1000) / 1000;
const said = (findings: readonly Finding[]): string[] => findings.map((one) => one.explanation.en ?? "");

const story: Record<Language, string> = {
  "zh-CN":
    "去年我是仓库的班长，有一次系统停了。我的任务是在两小时内恢复发货。我先叫大家改用纸单，然后我逐条核对了库存，我还联系了供应商。最后当天发出了百分之九十五的订单。",
  en: "Last year I was the team lead in a warehouse and the system stopped. My task was to ship again within two hours. I switched the team to paper, then I checked the stock and I called the supplier. In the end 95 percent of the orders left that day.",
};
const opinion: Record<Language, string> = {
  "zh-CN": "我认为应该先保老客户。因为他们带来一半以上的订单。比如我们的一家老客户，三年没有换过供应商。",
  en: "I think the old customers come first. Because they bring more than half of the orders. For example, one of them has stayed for three years.",
};

for (const language of ["zh-CN", "en"] as const) {
  const told = clauses(story[language], language);
  const argued = clauses(opinion[language], language);

  t.test(`${language}: a stated structure is what is looked for`, async (t) => {
    t.ok(said(structureIn(told, 1, "situation-task-action-result")).includes("says what had to be done"));
    t.notOk(said(structureIn(told, 1)).includes("says what had to be done"), "unstated, the task earns nothing");
    t.equal(total(structureIn(told, 1, "situation-task-action-result")), 1);
    t.strictSame(said(structureIn(argued, 1, "claim-reason-example")), [
      "takes a position",
      "gives a reason",
      "gives an example",
    ]);
    t.equal(total(structureIn(argued, 1, "claim-reason-example")), 1);
    t.ok(total(structureIn(argued, 1, "situation-task-action-result")) < 0.5, "an opinion is no story");
    t.ok(total(structureIn(argued.slice(0, 1), 1, "claim-reason-example")) < 0.3, "a claim alone is not argued");
  });

  t.test(`${language}: stated specifics alone count, and make up the whole`, async (t) => {
    t.strictSame(said(specificsIn(told, 1, ["role"])), ["names the own role"]);
    t.equal(total(specificsIn(told, 1, ["role"])), 1);
    t.equal(total(specificsIn(told, 1, ["tools"])), 0, "no tool was named");
    const both = said(specificsIn(told, 1, ["numbers", "role"]));
    t.ok(both.includes("gives figures") && both.includes("names the own role"));
    t.ok(total(specificsIn(told, 1, ["numbers", "role"])) > total(specificsIn(told, 1)));
  });

  t.test(`${language}: an opinion with a reason is no general talk where a claim was asked for`, async (t) => {
    const bare = clauses(language === "en" ? "I think it is important." : "我觉得这个很重要。", language);
    t.equal(isGeneral(bare, "claim-reason-example"), true);
    t.equal(isGeneral(bare), true);
    const reasoned = clauses(
      language === "en"
        ? "I think it is important. I believe so because it saves time."
        : "我觉得很重要。我认为因为它省时间。",
      language,
    );
    t.equal(isGeneral(reasoned, "claim-reason-example"), false);
    t.equal(isGeneral(reasoned), true);
  });
}

const sameForAll: Embedder = {
  dimensions: 2,
  embed: async (texts) => texts.map(() => Float32Array.of(1, 0)),
  close: async () => undefined,
};
const asking = (stated: object): Rubric =>
  rubric.parse({
    id: "one",
    version: 1,
    competencies: [{ id: "work", weight: 100, name: { en: "work" } }],
    questions: [
      {
        id: "q",
        kind: "spoken",
        text: { en: "What is a good rota?" },
        reference: { en: ["A rota that is known two weeks ahead."] },
        ...stated,
      },
    ],
  });

t.test(
  "a question that states a structure is weighed by it, also where it asks for knowledge by its words",
  async (t) => {
    const rules = async (stated: object): Promise<Set<string>> => {
      const one = asking(stated);
      const [question] = one.questions;
      if (question === undefined) throw new Error("no question");
      const answer = { kind: "spoken", text: opinion.en } as const;
      const { evidence } = await scoreAnswer(
        { answerId: "a", question, rubric: one, language: "en", answer },
        sameForAll,
      );
      return new Set(evidence.map(({ rule }) => rule));
    };
    t.notOk((await rules({})).has("structure"));
    t.ok((await rules({ structure: "claim-reason-example" })).has("structure"));
    t.ok((await rules({ specifics: ["numbers"] })).has("specifics"));
  },
);
