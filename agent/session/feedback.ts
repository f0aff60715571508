import { inLanguage, type Language, type Localized, languages } from "../../contracts/language.ts";
import type { CompetencyScore, Evidence, SessionScore } from "../../contracts/scoring.ts";
import type { Session } from "./state.ts";

export const bands = [
  "strong",
  "some",
  "little",
  "none",
  "unheard",
  "programRight",
  "programPartly",
  "programWrong",
] as const;
export type Band = (typeof bands)[number];

/** Sentences of the catalogue by language; `{competency}` and `{quote}` are filled in. */
export type Wording = Record<Language, Record<`feedback.${Band}`, string>>;

/** In words, never the number: a candidate learns what was heard, not how it was graded. */
function bandOf(score: number | null): Band {
  if (score === null) return "unheard";
  if (score >= 0.7) return "strong";
  if (score >= 0.4) return "some";
  return score > 0.1 ? "little" : "none";
}

/** Evidence of a program names a test case: those are no words of the candidate's, and a hidden one stays hidden. */
const isCase = ({ rule }: Evidence): boolean => rule === "case";

/** The candidate's own words that spoke most for the competency. */
function quoteFor(score: SessionScore, competency: string): string | undefined {
  return score.answers
    .flatMap((answer) => answer.evidence)
    .filter((one) => one.competency === competency && one.weight > 0 && one.quote !== "" && !isCase(one))
    .sort((a, b) => b.weight - a.weight)[0]?.quote;
}

/** What a program showed, where nothing was said for the competency. */
function programBand(score: number): Band {
  if (score >= 0.7) return "programRight";
  return score > 0.1 ? "programPartly" : "programWrong";
}

/** Without words or a program to point to, nothing good is claimed. */
function toldOf(session: Session, { competency, score }: CompetencyScore, quote: string | undefined): Band {
  const band = bandOf(score);
  if (quote !== undefined || score === null) return band;
  const evidence = session.score?.answers.flatMap((answer) => answer.evidence) ?? [];
  if (evidence.some((one) => one.competency === competency && isCase(one))) return programBand(score);
  return "none";
}

function sentence(session: Session, one: CompetencyScore, wording: Wording): Localized {
  const quote = session.score === null ? undefined : quoteFor(session.score, one.competency);
  const told = toldOf(session, one, quote);
  const name = session.order.rubric.competencies.find((known) => known.id === one.competency)?.name ?? {
    en: one.competency,
  };
  const texts = languages.map((language): [Language, string] => [
    language,
    wording[language][`feedback.${told}`]
      .replace("{competency}", () => inLanguage(name, language))
      .replace("{quote}", () => quote ?? ""),
  ]);
  return Object.fromEntries(texts);
}

/** One sentence a competency, in both languages, tied to the candidate's own words. Empty where there is no score. */
export const feedbackOf = (session: Session, wording: Wording): Localized[] =>
  session.score === null ? [] : session.score.competencies.map((one) => sentence(session, one, wording));
