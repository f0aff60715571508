import type { FaultCode } from "./fault.ts";
import type { Localized } from "./language.ts";

/** As much of a rubric as can be checked against itself, also while other fields of it are wrong. */
export type Outline = {
  scale?: readonly number[] | undefined;
  competencies: readonly { id: string; weight: number; anchors?: Readonly<Record<string, unknown>> | undefined }[];
  questions: readonly {
    id: string;
    competencies?: readonly string[] | undefined;
    options?: readonly { id: string }[] | undefined;
    correct?: readonly string[] | undefined;
  }[];
};

/** What is wrong at `path` of a rubric, and what helps. `fault`: the fault code that it has, where it has one of its own. */
export type RubricIssue = { path: (string | number)[]; message: string; fault?: FaultCode };

/** What is wrong at `path`, with its remedy. `fault`: the fault code that it has, where it has one of its own. */
export type Contradiction = {
  path: readonly (string | number)[];
  message: Localized & { en: string };
  fault?: "rubric.weights" | "rubric.reference";
};

/** Weights that do not sum to 100, ids that stand twice, names of what is not there. A weight that is no number is passed over with all weights. */
export function contradictions(outline: Outline): Contradiction[] {
  return [
    ...wrongSum(outline),
    ...twice(outline, "competencies"),
    ...twice(outline, "questions"),
    ...outline.questions.flatMap((_, at) => [...unknownCompetencies(outline, at), ...unknownOptions(outline, at)]),
  ];
}

function wrongSum({ competencies }: Outline): Contradiction[] {
  const sum = competencies.reduce((total, one) => total + one.weight, 0);
  if (Number.isNaN(sum) || Math.abs(sum - 100) <= 1e-6) return [];
  const shown = Number(sum.toFixed(6));
  return [
    {
      path: ["competencies"],
      fault: "rubric.weights",
      message: {
        "zh-CN": `权重之和是 ${shown}，请改为 100`,
        en: `the weights sum to ${shown}; make them sum to 100`,
      },
    },
  ];
}

function twice(outline: Outline, list: "competencies" | "questions"): Contradiction[] {
  const ids = outline[list].map((one) => one.id);
  return ids.flatMap((id, at): Contradiction[] =>
    id === "" || ids.indexOf(id) === at
      ? []
      : [
          {
            path: [list, at, "id"],
            message: {
              "zh-CN": `编号 ${JSON.stringify(id)} 出现了两次，请各用各的编号`,
              en: `the id ${JSON.stringify(id)} stands twice; give each its own`,
            },
          },
        ],
  );
}

function unknownCompetencies({ competencies, questions }: Outline, at: number): Contradiction[] {
  const known = new Set(competencies.map((one) => one.id));
  if (known.size === 0) return [];
  return (questions[at]?.competencies ?? [])
    .filter((id) => !known.has(id))
    .map((id) => ({
      path: ["questions", at, "competencies"],
      fault: "rubric.reference",
      message: {
        "zh-CN": `能力项 ${JSON.stringify(id)} 不存在；现有：${[...known].join("、")}`,
        en: `names the competency ${JSON.stringify(id)}, which the rubric does not have; it has ${[...known].join(", ")}`,
      },
    }));
}

function unknownOptions({ questions }: Outline, at: number): Contradiction[] {
  const { options, correct } = questions[at] ?? {};
  if (options === undefined) return [];
  const there = options.map((one) => one.id);
  return (correct ?? [])
    .filter((id) => !there.includes(id))
    .map((id) => ({
      path: ["questions", at, "correct"],
      message: {
        "zh-CN": `正确答案 ${id} 不在选项之中；现有：${there.join("、")}`,
        en: `names the option ${id}, which is not there; there are ${there.join(", ")}`,
      },
    }));
}

/**
 * Where a competency has anchors: each level of the scale that lacks one, and each anchor of a level that the scale does not
 * name. A condition on rubrics that are written; what a device is sent may still have anchors at some levels only.
 */
export function unanchored({ scale, competencies }: Outline): Contradiction[] {
  if (scale === undefined) return [];
  const levels = scale.map(String);
  return competencies.flatMap(({ id, anchors = {} }, at): Contradiction[] => {
    const given = Object.keys(anchors);
    if (given.length === 0) return [];
    const missing = levels.filter((level) => !given.includes(level));
    const strange = given.filter((level) => !levels.includes(level));
    return [
      ...missing.map((level) => ({
        path: ["competencies", at, "anchors", level],
        message: {
          "zh-CN": `能力项 ${JSON.stringify(id)} 的 ${level} 级没有说明；请写出这一级看得见的行为`,
          en: `the competency ${JSON.stringify(id)} says nothing about level ${level}; write which behaviour shows it`,
        },
      })),
      ...strange.map((level) => ({
        path: ["competencies", at, "anchors", level],
        message: {
          "zh-CN": `等级 ${level} 不在量表之中；量表有 ${levels.join("、")}`,
          en: `the scale has no level ${level}; it has ${levels.join(", ")}`,
        },
      })),
    ];
  });
}
