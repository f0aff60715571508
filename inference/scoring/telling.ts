import { type Finding, found as finding } from "./evidence.ts";
import * as markers from "./markers.ts";
import { type Clause, normalise } from "./text.ts";
import { specifics, structure } from "./weights.ts";

const figure =
  /百分之[零一二三四五六七八九十百千点\d]+|[一二三四五六七八九十百千万]+分之[零一二三四五六七八九十百千]+|(?<![第\p{Script=Latin}\d])\d+(?:[.,]\d+)*\s*(?:%|\p{Script=Han}|[a-z]+)?|(?<!第)(?:[二两三四五六七八九十]|[一二两三四五六七八九十]+[十百千万亿][一二三四五六七八九十百千万亿零]*)(?:多|几)?(?:个|%|毫秒|秒|分钟|小时|天|周|个?月|年|次|人|台|单|元|块|倍|成|万|亿|笔|批|件|位|名|家|条|遍|点|期|轮|层|套|通|百分点)|半(?:年|个月|天|小时)|\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|(?:a |one )?hundred|(?:a |one )?thousand|million|half a|twice|double[d]?|percent)\b/gu;

const named =
  /(?<=\p{Script=Han}\s*)[A-Za-z][A-Za-z0-9+#.-]{1,}|(?<=[a-z,]\s)(?:[A-Z]{2,}[A-Za-z0-9]*|[A-Z][a-z]+[A-Z]\w*|[A-Z][a-z]{2,}(?:SQL|DB|MQ)?)(?=[\s,.;])/gu;

/** Days, months and "I": capitalised in English, and named nowhere as a tool. */
const capitalisedAnyway =
  /^(?:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|January|February|March|April|May|June|July|August|September|October|November|December|English|Chinese|China|The|When|Then|Last|First)$/;

type Cue = { found: RegExp | ((clause: Clause) => boolean); points: number; point: string; zh: string; en: string };

/** Figures, own role, a change from here to there and named things: what cannot be said without having been there. */
export function specificsIn(clauses: readonly Clause[], scale: number): Finding[] {
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
      finding(clause, { rule: "specifics", points, point: "figures", zh: "给出了具体的数字", en: "gives figures" }),
    );
  }
  const cues: Cue[] = [
    { found: markers.role, points: specifics.role, point: "role", zh: "说明了自己的角色", en: "names the own role" },
    {
      found: markers.change,
      points: specifics.change,
      point: "change",
      zh: "说明了前后的变化",
      en: "tells what changed, before and after",
    },
    {
      found: namesThing,
      points: specifics.named,
      point: "tools",
      zh: "提到了具体的工具或名称",
      en: "names a tool or product",
    },
  ];
  return [...findings, ...firstOfEach(clauses, cues, { rule: "specifics", scale })];
}

const namesThing = (clause: Clause): boolean =>
  (clause.text.match(named) ?? []).some((name) => !capitalisedAnyway.test(name));

/** Situation, own actions and result (the order in which a thing that happened is told). */
export function structureIn(clauses: readonly Clause[], scale: number): Finding[] {
  const cues: Cue[] = [
    {
      found: markers.situation,
      points: structure.situation,
      point: "situation",
      zh: "交代了一次具体的情境",
      en: "sets out one situation",
    },
    { found: markers.result, points: structure.result, point: "result", zh: "说明了结果", en: "says what came of it" },
  ];
  const findings: Finding[] = [];
  let told = 0;
  for (const { clause, acts } of actsIn(clauses)) {
    const gained = stepOf(told + acts) - stepOf(told);
    told += acts;
    const sure = markers.hypothetical.test(normalise(clause.text)) ? structure.hypothetical : 1;
    const points = scale * structure.action * sure * gained;
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
  return [...firstOfEach(clauses, cues, { rule: "structure", scale }), ...findings];
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

/** Whether the answer tells of no instance and stays, in more than half of its clauses, in habits, duties and evasions. */
export function isGeneral(clauses: readonly Clause[]): boolean {
  const folded = clauses.map((one) => normalise(one.text));
  const vague = folded.filter((text) => markers.general.test(text) || markers.deflecting.test(text));
  return vague.length * 2 > folded.length && !folded.some((text) => markers.situation.test(text));
}
