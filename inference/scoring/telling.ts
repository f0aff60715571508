import type { Specific } from "../../contracts/route.ts";
import type { AnswerStructure } from "../../contracts/rubric.ts";
import { type Finding, found as finding } from "./evidence.ts";
import * as markers from "./markers.ts";
import { type Clause, normalise } from "./text.ts";
import { claimReasonExample, situationTaskActionResult, specifics, structure } from "./weights.ts";

const figure =
  /百分之[零一二三四五六七八九十百千点\d]+|[一二三四五六七八九十百千万]+分之[零一二三四五六七八九十百千]+|(?<![第\p{Script=Latin}\d])\d+(?:[.,]\d+)*\s*(?:%|\p{Script=Han}|[a-z]+)?|(?<!第)(?:[二两三四五六七八九十]|[一二两三四五六七八九十]+[十百千万亿][一二三四五六七八九十百千万亿零]*)(?:多|几)?(?:个|%|毫秒|秒|分钟|小时|天|周|个?月|年|次|人|台|单|元|块|倍|成|万|亿|笔|批|件|位|名|家|条|遍|点|期|轮|层|套|通|百分点)|半(?:年|个月|天|小时)|\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|(?:a |one )?hundred|(?:a |one )?thousand|million|half a|twice|double[d]?|percent)\b/gu;

const named =
  /(?<=\p{Script=Han}\s*)[A-Za-z][A-Za-z0-9+#.-]{1,}|(?<=[a-z,]\s)(?:[A-Z]{2,}[A-Za-z0-9]*|[A-Z][a-z]+[A-Z]\w*|[A-Z][a-z]{2,}(?:SQL|DB|MQ)?)(?=[\s,.;])/gu;

/** Days, months and "I": capitalised in English, and named nowhere as a tool. */
const capitalisedAnyway =
  /^(?:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|January|February|March|April|May|June|July|August|September|October|November|December|English|Chinese|China|The|When|Then|Last|First)$/;

type Cue = { found: RegExp | ((clause: Clause) => boolean); points: number; point: string; zh: string; en: string };

/**
 * Figures, own role, a change from here to there and named things: what cannot be said without having been there. Where
 * the question states which are wanted, these alone count, and make up the whole.
 */
export function specificsIn(clauses: readonly Clause[], scale: number, wanted?: readonly Specific[]): Finding[] {
  const wants = (kind: Specific): boolean => wanted === undefined || wanted.includes(kind);
  const most =
    (wants("numbers") ? specifics.figure * specifics.figures + specifics.change : 0) +
    (wants("role") ? specifics.role : 0) +
    (wants("tools") ? specifics.named : 0);
  const share = wanted === undefined ? scale : scale / most;
  const change = { zh: "说明了前后的变化", en: "tells what changed, before and after" };
  const cues: (Cue & { kind: Specific })[] = [
    {
      kind: "role",
      found: markers.role,
      points: specifics.role,
      point: "role",
      zh: "说明了自己的角色",
      en: "names the own role",
    },
    { kind: "numbers", found: markers.change, points: specifics.change, point: "change", ...change },
    {
      kind: "tools",
      found: namesThing,
      points: specifics.named,
      point: "tools",
      zh: "提到了具体的工具或名称",
      en: "names a tool or product",
    },
  ];
  return [
    ...(wants("numbers") ? figuresIn(clauses, share) : []),
    ...firstOfEach(
      clauses,
      cues.filter(({ kind }) => wants(kind)),
      { rule: "specifics", scale: share },
    ),
  ];
}

function figuresIn(clauses: readonly Clause[], scale: number): Finding[] {
  const findings: Finding[] = [];
  const figures = new Set<string>();
  for (const clause of clauses) {
    const here = [...normalise(clause.text).matchAll(figure)]
      .map((match) => match[0].trim())
      .filter((one) => !figures.has(one));
    const room = specifics.figures - figures.size;
    if (here.length === 0 || room <= 0) continue;
    for (const one of here) figures.add(one);
    const points = scale * specifics.figure * Math.min(room, here.length);
    findings.push(
      finding(clause, { rule: "specifics", points, point: "numbers", zh: "给出了具体的数字", en: "gives figures" }),
    );
  }
  return findings;
}

const namesThing = (clause: Clause): boolean =>
  (clause.text.match(named) ?? []).some((name) => !capitalisedAnyway.test(name));

const situationCue = {
  found: markers.situation,
  point: "situation",
  zh: "交代了一次具体的情境",
  en: "sets out one situation",
};
const resultCue = { found: markers.result, point: "result", zh: "说明了结果", en: "says what came of it" };

/**
 * Situation, own actions and result (the order in which a thing that happened is told), or the structure that the question
 * states.
 */
export function structureIn(clauses: readonly Clause[], scale: number, stated?: AnswerStructure): Finding[] {
  const how = { rule: "structure", scale };
  if (stated === "claim-reason-example") return firstOfEach(clauses, argumentCues, how);
  const parts = stated === undefined ? { ...structure, task: 0 } : situationTaskActionResult;
  const cues: Cue[] = [
    { ...situationCue, points: parts.situation },
    { ...resultCue, points: parts.result },
    {
      found: markers.task,
      points: parts.task,
      point: "task",
      zh: "说明了任务或目标",
      en: "says what had to be done",
    },
  ];
  const told = cues.filter((cue) => cue.points > 0);
  return [...firstOfEach(clauses, told, how), ...actionFindings(clauses, scale * parts.action)];
}

const argumentCues: readonly Cue[] = [
  { found: markers.claim, points: claimReasonExample.claim, point: "claim", zh: "亮明了观点", en: "takes a position" },
  { found: markers.reason, points: claimReasonExample.reason, point: "reason", zh: "给出了理由", en: "gives a reason" },
  {
    found: (clause) => givesExample(normalise(clause.text)),
    points: claimReasonExample.example,
    point: "example",
    zh: "举了例子",
    en: "gives an example",
  },
];

const givesExample = (folded: string): boolean => markers.example.test(folded) || markers.situation.test(folded);

function actionFindings(clauses: readonly Clause[], scale: number): Finding[] {
  const findings: Finding[] = [];
  let told = 0;
  for (const { clause, acts } of actsIn(clauses)) {
    const gained = stepOf(told + acts) - stepOf(told);
    told += acts;
    const sure = markers.hypothetical.test(normalise(clause.text)) ? structure.hypothetical : 1;
    const points = scale * sure * gained;
    if (points > 0)
      findings.push(
        finding(clause, {
          rule: "structure",
          points,
          point: "action",
          zh: "说明了自己的行动",
          en: "tells of an own action",
        }),
      );
  }
  return findings;
}

/** What so many own actions give, 0 to 1. */
const stepOf = (acts: number): number => structure.actions[Math.min(acts, structure.actions.length - 1)] ?? 0;

/** Clauses in which the candidate acts, once or twice; in Chinese the subject may be left out after such a clause. */
function actsIn(clauses: readonly Clause[]): { clause: Clause; acts: number }[] {
  const found: { clause: Clause; acts: number }[] = [];
  let last = -2;
  for (const [at, clause] of clauses.entries()) {
    const folded = normalise(clause.text);
    const named = (folded.match(new RegExp(markers.firstPerson.source, "gu")) ?? []).length;
    const acts = named > 0 ? Math.min(2, named) : last === at - 1 && markers.goesOn.test(folded) ? 1 : 0;
    if (acts > 0) last = at;
    if (acts === 0 || markers.inactive.test(folded) || markers.deflecting.test(folded)) continue;
    found.push({ clause, acts });
  }
  return found;
}

function firstOfEach(
  clauses: readonly Clause[],
  cues: readonly Cue[],
  how: { rule: string; scale: number },
): Finding[] {
  return cues.flatMap((cue) => {
    const clause = clauses.find((one) =>
      typeof cue.found === "function" ? cue.found(one) : cue.found.test(normalise(one.text)),
    );
    return clause === undefined ? [] : [finding(clause, { ...cue, rule: how.rule, points: cue.points * how.scale })];
  });
}

/**
 * Whether the answer tells of no instance and stays, in more than half of its clauses, in habits, duties and evasions. Where
 * the question asks for a claim, an opinion that is given a reason or an example is what was asked for.
 */
export function isGeneral(clauses: readonly Clause[], stated?: AnswerStructure): boolean {
  const folded = clauses.map((one) => normalise(one.text));
  const argued = (text: string): boolean => markers.reason.test(text) || givesExample(text);
  if (stated === "claim-reason-example" && folded.some(argued)) return false;
  const vague = folded.filter((text) => markers.general.test(text) || markers.deflecting.test(text));
  return vague.length * 2 > folded.length && !folded.some((text) => markers.situation.test(text));
}
