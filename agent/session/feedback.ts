import { inLanguage, type Language, type Localized, languages } from "../../contracts/language.ts";
import type { CompetencyScore, SessionScore } from "../../contracts/scoring.ts";
import type { Session } from "./state.ts";

export const bands = ["strong", "some", "little", "none", "unheard"] as const;
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

/** The candidate's own words that spoke most for the competency. */
function quoteFor(score: SessionScore, competency: string): string | undefined {
  return score.answers
    .flatMap((answer) => answer.evidence)
    .filter((one) => one.competency === competency && one.weight > 0 && one.quote !== "")
    .sort((a, b) => b.weight - a.weight)[0]?.quote;
}

/** Without words to point to, nothing good is claimed. */
function sentence(session: Session, one: CompetencyScore, wording: Wording): Localized {
  const quote = session.score === null ? undefined : quoteFor(session.score, one.competency);
  const band = bandOf(one.score);
  const told: Band = quote === undefined && (band === "strong" || band === "some" || band === "little") ? "none" : band;
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
