import type { Said } from "../../runtime/sheets/cells.ts";
import { type Column, column, type RowOf, said, sheet } from "../../runtime/sheets/columns.ts";
import * as forms from "../../runtime/sheets/forms.ts";
import { concepts } from "./concepts.ts";

const localId = forms.patterned(
  /^.{1,200}$/su,
  said("编号太长；请用 1 到 200 个字符", "is too long; use 1 to 200 characters"),
);
const opaqueId = forms.patterned(
  /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/u,
  said(
    "请用 1 到 64 个英文字母、数字、_ 或 -，以字母或数字开头",
    "use 1 to 64 of A-Z a-z 0-9 _ -, beginning with a letter or digit",
  ),
);

const rubricSheet = sheet({
  name: said("评分标准", "Rubric"),
  also: ["标准", "评分表", "模型"],
  columns: {
    id: column(opaqueId, said("编号", "ID"), {
      about: said("这套标准的编号，用英文；不填则用文件名", "id of the rubric, in ASCII; empty: the file's name"),
    }),
    version: column(forms.number({ least: 1, most: 1e9, whole: true }), said("版本", "Version"), {
      about: said("每次修改加一；不填为 1", "one more with each change; empty: 1"),
    }),
    scale: column(forms.levels, said("量表", "Scale"), {
      also: ["等级", "levels"],
      about: said("评分等级，从低到高：1 | 2 | 3 | 4 | 5", "levels from lowest to highest: 1 | 2 | 3 | 4 | 5"),
      width: 20,
    }),
  },
});

const competencySheet = sheet({
  name: said("能力项", "Competencies"),
  also: ["能力", "胜任力", "competency", "能力模型"],
  columns: {
    id: column(localId, said("编号", "ID"), {
      also: ["能力项编号", "competency", "competency id"],
      about: said("能力项的编号，题目用它来指明能力项", "id of the competency, by which questions name it"),
      required: true,
    }),
    weight: column(forms.number({ least: 0, most: 100, above: true }), said("权重", "Weight"), {
      also: ["权重%", "weight %", "占比", "percent"],
      about: said("占总分的百分比；各项之和为 100", "percent of the total; all of them sum to 100"),
      required: true,
    }),
    nameZh: column(forms.text, said("名称（中文）", "Name (zh)"), {
      also: ["名称", "中文名称", "name zh-cn"],
      about: said("中文名称", "name in Chinese"),
      width: 24,
    }),
    nameEn: column(forms.text, said("名称（英文）", "Name (en)"), {
      also: ["name", "英文名称"],
      about: said("英文名称；两种语言至少填一种", "name in English; one of the two languages at least"),
      width: 24,
    }),
  },
});

const anchorSheet = sheet({
  name: said("等级说明", "Anchors"),
  also: ["锚点", "行为锚点", "等级", "anchor"],
  columns: {
    competency: column(localId, said("能力项", "Competency"), {
      also: ["能力项编号", "competency id"],
      about: said("能力项的编号", "id of the competency"),
      required: true,
    }),
    level: column(forms.text, said("等级", "Level"), {
      also: ["分数", "分值"],
      about: said(
        "量表中的一个等级；有说明的能力项，每一级都要有",
        "a level of the scale; a competency with anchors has one at every level",
      ),
      required: true,
    }),
    textZh: column(forms.text, said("行为（中文）", "Behaviour (zh)"), {
      also: ["行为", "说明", "说明中文", "behavior zh", "text zh"],
      about: said("这一级看得见的行为", "the behaviour that shows this level, in Chinese"),
      width: 60,
    }),
    textEn: column(forms.text, said("行为（英文）", "Behaviour (en)"), {
      also: ["behaviour", "behavior", "behavior en", "说明英文", "text en"],
      about: said("同上，英文", "the same in English"),
      width: 60,
    }),
  },
});

const list = said("多个之间用 | 或顿号", "with | or commas between");
const withList = (zh: string, en: string): Said => said(`${zh}，${list["zh-CN"]}`, `${en}, ${list.en}`);

const optionColumn = (letter: string, zh: boolean): Column<string> =>
  column(
    forms.text,
    zh
      ? said(`选项${letter}（中文）`, `Option ${letter} (zh)`)
      : said(`选项${letter}（英文）`, `Option ${letter} (en)`),
    {
      also: zh ? [`选项${letter}`] : [`option ${letter}`],
      about: said(`选择题的选项 ${letter}`, `option ${letter} of a choice question`),
      width: 24,
    },
  );

const questionSheet = sheet({
  name: said("题目", "Questions"),
  also: ["题库", "问题", "question", "question bank"],
  columns: {
    id: column(localId, said("编号", "ID"), {
      also: ["题号", "question id"],
      about: said("题目的编号，不可重复", "id of the question, each once"),
      required: true,
    }),
    kind: column(
      forms.oneOf({
        spoken: ["口述", "口头", "口答", "问答", "问答题", "简答题"],
        choice: ["选择", "选择题", "单选题", "多选题"],
      }),
      said("题型", "Kind"),
      {
        also: ["类型", "type"],
        about: said("spoken（口述）或 choice（选择）", "spoken or choice"),
        required: true,
      },
    ),
    textZh: column(forms.text, said("题干（中文）", "Text (zh)"), {
      also: ["题干", "题目", "题目中文", "question zh"],
      about: said("问题，中文", "the question in Chinese"),
      width: 50,
    }),
    textEn: column(forms.text, said("题干（英文）", "Text (en)"), {
      also: ["text", "question", "question en", "题目英文"],
      about: said("问题，英文；两种语言至少填一种", "the question in English; one of the two languages at least"),
      width: 50,
    }),
    roles: column(forms.words, said("岗位", "Role"), {
      also: ["职位", "角色", "roles"],
      about: withList("适用的岗位；不填则适用于所有岗位", "roles it is meant for; empty: all"),
      width: 20,
    }),
    difficulty: column(forms.number({ least: 1, most: 5, whole: true }), said("难度", "Difficulty"), {
      about: said("1（入门）到 5（资深）", "1 (beginners) to 5 (seniors)"),
    }),
    tags: column(forms.words, said("技能", "Skills"), {
      also: ["标签", "技能标签", "tags", "skill"],
      about: withList("考查的技能，用来与简历匹配", "skills it is about, to be matched with CVs"),
      width: 24,
    }),
    competencies: column(forms.words, said("能力项", "Competencies"), {
      also: ["能力项编号", "competency"],
      about: withList("考查的能力项编号；不填则全部", "ids of the competencies it counts towards; empty: all"),
      width: 24,
    }),
    structure: column(
      forms.oneOf({
        "situation-task-action-result": ["情境-任务-行动-结果", "STAR"],
        "claim-reason-example": ["观点-理由-例子", "观点-理由-举例"],
      }),
      said("结构", "Structure"),
      {
        also: ["回答结构"],
        about: said(
          "好的回答应有的结构：STAR（情境-任务-行动-结果）或 观点-理由-例子",
          "how a good answer is built: situation-task-action-result (STAR) or claim-reason-example",
        ),
        width: 26,
      },
    ),
    specifics: column(
      forms.manyOf({ numbers: ["数字", "数据"], tools: ["工具", "工具名称"], role: ["角色", "本人角色"] }),
      said("具体内容", "Specifics"),
      {
        also: ["细节"],
        about: withList(
          "好的回答应说出：numbers（数字）、tools（工具）、role（本人角色）",
          "what a good answer names: numbers, tools, role",
        ),
        width: 18,
      },
    ),
    limit: column(forms.number({ least: 0, most: 3600, above: true }), said("限时（秒）", "Limit (s)"), {
      also: ["限时", "时限", "limit", "answer limit", "limit seconds", "answer limit seconds"],
      about: said("回答的时限，秒", "longest answer in seconds"),
    }),
    optionAZh: optionColumn("A", true),
    optionAEn: optionColumn("A", false),
    optionBZh: optionColumn("B", true),
    optionBEn: optionColumn("B", false),
    optionCZh: optionColumn("C", true),
    optionCEn: optionColumn("C", false),
    optionDZh: optionColumn("D", true),
    optionDEn: optionColumn("D", false),
    correct: column(
      forms.manyOf({ A: ["选项A"], B: ["选项B"], C: ["选项C"], D: ["选项D"] }),
      said("正确答案", "Correct"),
      { also: ["答案", "answer"], about: withList("选择题的正确选项", "right options of a choice question") },
    ),
    referencesZh: column(forms.lines, said("参考答案（中文）", "References (zh)"), {
      also: ["参考答案", "reference zh"],
      about: said("口述题的参考答案，每行一个", "answers an expert would give in Chinese, one a line"),
      width: 50,
    }),
    referencesEn: column(forms.lines, said("参考答案（英文）", "References (en)"), {
      also: ["references", "reference", "reference en"],
      about: said("同上，英文", "the same in English"),
      width: 50,
    }),
    conceptsZh: column(concepts, said("要点（中文）", "Concepts (zh)"), {
      also: ["要点", "关键词", "关键词中文", "keywords zh"],
      about: said(
        "口述题的要点，每行一个：能力项编号: 说法 | 说法",
        "ideas in Chinese, one a line: competency: term | term",
      ),
      width: 40,
    }),
    conceptsEn: column(concepts, said("要点（英文）", "Concepts (en)"), {
      also: ["concepts", "keywords", "keywords en", "关键词英文"],
      about: said("同上，英文", "the same in English"),
      width: 40,
    }),
  },
});

export const sheetKinds = {
  rubric: rubricSheet,
  competencies: competencySheet,
  anchors: anchorSheet,
  questions: questionSheet,
};
export type QuestionRow = RowOf<typeof questionSheet.columns>;

/** A sheet for people, which nothing is read from. */
export const helpSheet = { name: said("说明", "Help"), also: ["notes", "备注", "readme"] };
