import type { Resume } from "../../contracts/resume.ts";
import { normalise } from "./text.ts";

/** Where a CV speaks of a skill: in its list of skills, or in what it tells of work and projects. */
export type Mention = { skill: string; declared: boolean; told: boolean; years: number };

type Month = number;
type Span = { from: Month; to: Month };
type Dated = { startDate?: string | undefined; endDate?: string | undefined };

/** The month of a date, as a count; of a year alone its middle. */
function monthOf(date: string): Month {
  const [year, month] = date.split("-").map(Number);
  return (year ?? 0) * 12 + (month === undefined ? 6 : month - 1);
}

/** Without an end it lasts until `today`; undefined without a beginning, and for what has not begun. */
function spanOf({ startDate, endDate }: Dated, today: string): Span | undefined {
  if (startDate === undefined || startDate === "") return undefined;
  const until = endDate === undefined || endDate === "" ? today : endDate;
  const now = monthOf(today.slice(0, 7));
  const from = monthOf(startDate);
  // The month in which it ended counts, unless only years are known.
  const to = monthOf(until.slice(0, 7)) + (until.length > 4 ? 1 : 0);
  return from > now ? undefined : { from, to: Math.min(Math.max(to, from + 1), now + 1) };
}

/** Years that the spans cover together, to a tenth: what ran side by side counts once. */
function yearsOf(spans: readonly (Span | undefined)[]): number {
  const sorted = spans.filter((span) => span !== undefined).sort((a, b) => a.from - b.from);
  let months = 0;
  let end = Number.NEGATIVE_INFINITY;
  for (const { from, to } of sorted) {
    months += Math.max(0, to - Math.max(from, end));
    end = Math.max(end, to);
  }
  return Math.round((months / 12) * 10) / 10;
}

const joined = (...parts: (string | readonly string[] | undefined)[]): string =>
  normalise(parts.flat().filter(Boolean).join("\n"));
const inSpecial = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\/-]/gu, "\\$&");

/** One or two Latin letters ("C", "Go", "R"): in a sentence they are as often something else. */
const isShort = (skill: string): boolean => /^[a-z]{1,2}$/u.test(normalise(skill).trim());

/**
 * Whether a text (normalised) names a skill as a word of its own: "Java" is not in "JavaScript", nor "C" in "C++" or
 * "Objective-C"; "Python" is in "Python3". Chinese has no blanks between words: there the characters alone count.
 */
export function names(folded: string, skill: string): boolean {
  const wanted = normalise(skill).trim();
  if (wanted === "") return false;
  const [before, after] = isShort(skill)
    ? ["(?<![a-z\\d&.#+-])", "(?![a-z\\d&.#+-])"]
    : ["(?<![a-z\\d])", "(?![a-z+#])"];
  const ends = /[a-z\d]$/u.test(wanted) ? after : "";
  return new RegExp(`${/^[a-z\d]/u.test(wanted) ? before : ""}${inSpecial(wanted)}${ends}`, "u").test(folded);
}

/** A CV, read for skills, roles and years up to `today` (YYYY-MM-DD). */
export class Curriculum {
  readonly years: number;
  /** What the CV calls its owner, newest first as it is written. */
  readonly positions: readonly string[];
  readonly #declared: string;
  readonly #told: readonly { text: string; span: Span | undefined }[];

  constructor(resume: Resume, today: string) {
    const { basics, work = [], projects = [], skills = [], certificates = [] } = resume;
    this.years = yearsOf(work.map((one) => spanOf(one, today)));
    this.positions = [basics?.label, ...work.map(({ position }) => position)].filter(
      (one) => one !== undefined && one !== "",
    ) as string[];
    this.#declared = joined(
      ...skills.flatMap(({ name, keywords }) => [name, keywords]),
      ...certificates.map(({ name }) => name),
    );
    this.#told = [
      { text: joined(basics?.label, basics?.summary), span: undefined },
      ...work.map((one) => ({
        text: joined(one.position, one.description, one.summary, one.highlights),
        span: spanOf(one, today),
      })),
      ...projects.map((one) => ({
        text: joined(one.name, one.description, one.highlights, one.keywords, one.roles),
        span: spanOf(one, today),
      })),
    ];
  }

  /** What it says of a skill; undefined where it says nothing. `years`: of the work that names it, 0 where undated. */
  mentionOf(skill: string): Mention | undefined {
    const declared = names(this.#declared, skill);
    const telling = isShort(skill) ? [] : this.#told.filter(({ text }) => names(text, skill));
    if (!declared && telling.length === 0) return undefined;
    return { skill, declared, told: telling.length > 0, years: yearsOf(telling.map(({ span }) => span)) };
  }

  /** The position in which the CV names one of the roles, and the role. */
  positionFor(roles: readonly string[]): { role: string; position: string } | undefined {
    for (const position of this.positions) {
      const role = roles.find((one) => names(normalise(position), one));
      if (role !== undefined) return { role, position };
    }
    return undefined;
  }
}
