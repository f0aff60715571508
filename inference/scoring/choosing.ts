import { inLanguage, type Localized } from "../../contracts/language.ts";
import type { Resume } from "../../contracts/resume.ts";
import type { Question, Rubric } from "../../contracts/rubric.ts";
import { Curriculum, type Mention, names } from "./curriculum.ts";
import { normalise } from "./text.ts";

type Said = Required<{ [L in keyof Localized]: string }>;

/** `today` as YYYY-MM-DD. `role`: the position to be filled, where it is known. */
export type ToChoose = { rubric: Rubric; resume: Resume; count: number; today: string; role?: string | undefined };

export type ChosenQuestion = { questionId: string; difficulty: number | null; skills: string[]; reasons: Said[] };
export type ChosenQuestions = {
  /** Years of work that the CV shows, and the difficulty that they call for. */
  years: number;
  level: number;
  /** In the rubric's order, in which they are asked. */
  questions: ChosenQuestion[];
  /** Competencies that no chosen question gives evidence for: `count` is too small, or the bank has none. */
  uncovered: string[];
};

/**
 * What speaks for a question (judged). `declared`: the CV lists the skill · `told`: it tells of it · `otherSkill` takes more
 * than a fitting role gives. `newlyCovered` decides between near equals only: that all is covered is seen to besides.
 */
const points = {
  declared: 3,
  told: 2,
  both: 4,
  role: 2,
  otherSkill: -4,
  otherRole: -2,
  difficulty: 1,
  newlyCovered: 0.5,
} as const;
/** Each further question about the same skill counts this much of the one before. */
const again = 0.5;

/** Years of work below which a difficulty of 1, 2, 3, 4 suits (judged; the scale is the bank's, 1 to 5). */
const yearsBelow = [1, 3, 5, 8] as const;
export const levelFor = (years: number): number => 1 + yearsBelow.filter((limit) => years >= limit).length;

/** What a CV has to do with a question. */
type Fit = {
  question: Question;
  at: number;
  mentions: Mention[];
  position: { role: string; position: string } | undefined;
  years: number;
  level: number;
  points: number;
};

function fitOf(
  question: Question,
  at: number,
  { curriculum, role }: { curriculum: Curriculum; role: string | undefined },
): Fit {
  const { tags, roles, difficulty } = question;
  const mentions = (tags ?? []).map((tag) => curriculum.mentionOf(tag)).filter((one) => one !== undefined);
  const wanted = role === undefined ? undefined : roles?.find((one) => names(normalise(role), one));
  const position =
    wanted === undefined || role === undefined
      ? roles === undefined || role !== undefined
        ? undefined
        : curriculum.positionFor(roles)
      : { role: wanted, position: role };
  const inSkill = Math.max(0, ...mentions.map((one) => one.years));
  const years = inSkill > 0 ? inSkill : curriculum.years;
  const level = levelFor(years);
  const near = difficulty === undefined ? 0.5 : 1 - Math.abs(difficulty - level) / 4;
  const forRole = roles === undefined ? 0 : position === undefined ? points.otherRole : points.role;
  const forSkill = tags === undefined || mentions.length > 0 ? 0 : points.otherSkill;
  return { question, at, mentions, position, years, level, points: near * points.difficulty + forRole + forSkill };
}

const worthOf = ({ declared, told }: Mention): number =>
  declared && told ? points.both : declared ? points.declared : points.told;

/** The best of its skills, less for each question about it that was chosen before. */
function skillPoints({ mentions }: Fit, asked: ReadonlyMap<string, number>): number {
  return Math.max(0, ...mentions.map((one) => worthOf(one) * again ** (asked.get(one.skill) ?? 0)));
}

/** Competencies by weight, and what each question covers of them. */
class Coverage {
  readonly #weights: ReadonlyMap<string, number>;
  readonly #open: Set<string>;

  constructor(rubric: Rubric) {
    this.#weights = new Map(rubric.competencies.map(({ id, weight }) => [id, weight]));
    this.#open = new Set(this.#weights.keys());
  }

  get open(): string[] {
    return [...this.#open];
  }

  newIn({ competencies }: Question, open: ReadonlySet<string> = this.#open): string[] {
    return [...open].filter((id) => competencies === undefined || competencies.includes(id));
  }

  weightOf(ids: readonly string[]): number {
    return ids.reduce((sum, id) => sum + (this.#weights.get(id) ?? 0), 0);
  }

  cover(question: Question): void {
    for (const id of this.newIn(question)) this.#open.delete(id);
  }

  /** How many of `rest` it takes, after `first`, to cover what can be covered: the one that covers most goes first. */
  neededAfter(first: Question | undefined, rest: readonly Question[]): number {
    const open = new Set(this.#open);
    if (first !== undefined) for (const id of this.newIn(first, open)) open.delete(id);
    for (let needed = 0; ; needed += 1) {
      const best = rest.reduce<string[]>((most, one) => {
        const own = this.newIn(one, open);
        return this.weightOf(own) > this.weightOf(most) ? own : most;
      }, []);
      if (best.length === 0) return needed;
      for (const id of best) open.delete(id);
    }
  }
}

/** One skill of the CV at least is asked about, also where the count is too small to cover every competency besides. */
function aboutSkills(fits: readonly Fit[]): readonly Fit[] {
  const about = fits.filter(({ mentions }) => mentions.length > 0);
  return about.length === 0 ? fits : about;
}

/** Those that leave room to cover every competency; all of them where there is no room for that. */
function thatLeaveRoom(
  fits: readonly Fit[],
  { left, questions, coverage }: { left: number; questions: readonly Question[]; coverage: Coverage },
): readonly Fit[] {
  if (coverage.neededAfter(undefined, questions) < left) return fits;
  const leaving = fits.filter(({ question }) => coverage.neededAfter(question, questions) <= left - 1);
  return leaving.length === 0 ? fits : leaving;
}

/**
 * Chooses questions for a CV: about skills that it names, for its roles, of a difficulty that suits its years, each
 * competency covered where `count` allows it. The same input gives the same choice; equal questions go in the rubric's
 * order. Nothing else of the CV is looked at.
 */
export function chooseQuestions({ rubric, resume, count, today, role }: ToChoose): ChosenQuestions {
  const curriculum = new Curriculum(resume, today);
  const coverage = new Coverage(rubric);
  const asked = new Map<string, number>();
  const chosen: (ChosenQuestion & { at: number })[] = [];
  let fits = rubric.questions.map((question, at) => fitOf(question, at, { curriculum, role }));
  while (chosen.length < count && fits.length > 0) {
    const worth = (fit: Fit): number =>
      fit.points +
      skillPoints(fit, asked) +
      (points.newlyCovered * coverage.weightOf(coverage.newIn(fit.question))) / 100;
    const room = { left: count - chosen.length, questions: fits.map(({ question }) => question), coverage };
    const best = thatLeaveRoom(chosen.length === 0 ? aboutSkills(fits) : fits, room).reduce((most, one) =>
      worth(one) > worth(most) + 1e-9 ? one : most,
    );
    const { question, at, mentions } = best;
    chosen.push({
      at,
      questionId: question.id,
      difficulty: question.difficulty ?? null,
      skills: mentions.map(({ skill }) => skill),
      reasons: reasonsFor(best, coverage.newIn(question), rubric),
    });
    coverage.cover(question);
    for (const { skill } of mentions) asked.set(skill, (asked.get(skill) ?? 0) + 1);
    fits = fits.filter((one) => one !== best);
  }
  return {
    years: curriculum.years,
    level: levelFor(curriculum.years),
    questions: chosen.sort((a, b) => a.at - b.at).map(({ at: _, ...one }) => one),
    uncovered: coverage.open,
  };
}

function reasonsFor(fit: Fit, covered: readonly string[], rubric: Rubric): Said[] {
  const { question, mentions, position } = fit;
  const reasons = mentions.map(ofSkill);
  if (position !== undefined)
    reasons.push({
      "zh-CN": `适用于岗位“${position.role}”（${position.position}）`,
      en: `is meant for the role "${position.role}" (${position.position})`,
    });
  if (question.difficulty !== undefined) reasons.push(ofDifficulty(question.difficulty, fit));
  const newly = rubric.competencies.filter(({ id }) => covered.includes(id)).map(({ name }) => name);
  if (newly.length > 0)
    reasons.push({
      "zh-CN": `考查尚无题目的能力项：${newly.map((name) => inLanguage(name, "zh-CN")).join("、")}`,
      en: `covers what no other chosen question does yet: ${newly.map((name) => inLanguage(name, "en")).join(", ")}`,
    });
  if (question.tags === undefined && question.roles === undefined)
    reasons.push({ "zh-CN": "适用于所有简历", en: "is meant for every CV" });
  return reasons;
}

function ofSkill({ skill, declared, told, years }: Mention): Said {
  const zh = declared ? (told ? "技能和经历" : "技能") : "经历";
  const en = declared ? (told ? "lists and tells of" : "lists") : "tells of";
  return {
    "zh-CN": `简历的${zh}中有“${skill}”${years > 0 ? `，相关工作约 ${years} 年` : ""}`,
    en: `the CV ${en} ${skill}${years > 0 ? `, in about ${years} years of work` : ""}`,
  };
}

function ofDifficulty(difficulty: number, { level, years }: Fit): Said {
  const apart = difficulty - level;
  if (Math.abs(apart) <= 1)
    return {
      "zh-CN": `难度 ${difficulty}，与约 ${years} 年的经验相称`,
      en: `difficulty ${difficulty} suits about ${years} years of work`,
    };
  return {
    "zh-CN": `难度 ${difficulty}，${apart > 0 ? "高" : "低"}于约 ${years} 年经验通常的 ${level}`,
    en: `difficulty ${difficulty} is ${apart > 0 ? "above" : "below"} the ${level} that about ${years} years of work call for`,
  };
}
