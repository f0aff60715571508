import type { Language } from "../../contracts/language.ts";
import type { Concept, SpokenQuestion } from "../../contracts/rubric.ts";
import { soundingLike } from "./homophones.ts";
import { negatedAt } from "./polarity.ts";
import { type Clause, normalise } from "./text.ts";
import { stem } from "./tokens.ts";

/** One idea to look for; `competency` null: it belongs to every competency of the question. */
export type ConceptGroup = { competency: string | null; terms: readonly string[] };
/** A group found: in which clause, by which term, and how it was written where only its sound is the term's. */
export type ConceptHit = { group: ConceptGroup; clause: Clause; term: string; heard?: string };

/** The name of a concept in evidence: by its first term. */
export const pointOf = ({ terms }: ConceptGroup): string => `concept:${terms[0] ?? ""}`;

const asGroup = (concept: Concept): ConceptGroup =>
  Array.isArray(concept)
    ? { competency: null, terms: concept }
    : { competency: concept.competency ?? null, terms: concept.terms };

/**
 * The concept groups of a question for an answer in `language`. Where both languages list the same groups (same count,
 * same competencies in order), the terms of both are looked for, since people mix languages; otherwise those of the
 * answer's language, or of the other one where there are none.
 */
export function conceptGroups(question: SpokenQuestion, language: Language): ConceptGroup[] {
  const own = question.concepts?.[language]?.map(asGroup) ?? [];
  const other = question.concepts?.[language === "en" ? "zh-CN" : "en"]?.map(asGroup) ?? [];
  if (own.length === 0) return other;
  const alike = own.length === other.length && own.every((group, at) => group.competency === other[at]?.competency);
  return alike ? own.map((group, at) => ({ ...group, terms: [...group.terms, ...(other[at]?.terms ?? [])] })) : own;
}

/**
 * Figures as words, so that "12%" meets "百分之" and "percent", and "80 ms" meets "毫秒" and "milliseconds". A number is
 * looked for from its first digit on only: a long run of digits would take quadratic time otherwise.
 */
function spelled(folded: string): string {
  return folded
    .replace(/(?<!\d)(\d+(?:\.\d+)?)\s*%/g, " 百分之$1 percent ")
    .replace(/(\d)\s*ms\b/g, "$1毫秒 milliseconds ");
}

/** Where a term stands in a clause without being negated there ("没有做压测", "did not run load tests"); -1 where nowhere. */
export function findTerm(clause: string, term: string): number {
  const folded = spelled(normalise(clause));
  const wanted = normalise(term);
  const places = /\p{Script=Han}/u.test(wanted) ? substringPlaces(folded, wanted) : phrasePlaces(folded, wanted);
  return places.find((at) => !negatedAt(folded, at)) ?? -1;
}

/** How a clause writes a term that it has only by its sound, and does not deny; a term that is there as it is has none. */
export function findSound(clause: string, term: string): string | undefined {
  const folded = normalise(clause);
  if (folded.includes(normalise(term))) return undefined;
  return soundingLike(folded, term).find(({ at }) => !negatedAt(folded, at))?.heard;
}

function substringPlaces(folded: string, wanted: string): number[] {
  const found: number[] = [];
  for (let at = folded.indexOf(wanted); at >= 0; at = folded.indexOf(wanted, at + 1)) found.push(at);
  const bare = folded.replace(/(?<=\p{Script=Han})\s+(?=\p{Script=Han})/gu, "");
  return found.length > 0 || bare === folded ? found : substringPlaces(bare, wanted);
}

function phrasePlaces(folded: string, wanted: string): number[] {
  const spoken = [...folded.matchAll(/[\p{Script=Latin}\p{N}][\p{Script=Latin}\p{N}'+#]*/gu)].map((match) => ({
    word: stem(match[0]),
    raw: match[0],
    at: match.index,
  }));
  const phrase = (wanted.match(/[\p{Script=Latin}\p{N}][\p{Script=Latin}\p{N}'+#]*/gu) ?? []).map(stem);
  const joined = stem(wanted.replace(/[\s-]/g, ""));
  const found: number[] = [];
  for (const [at, first] of spoken.entries()) {
    const next = spoken[at + 1];
    const whole = phrase.length > 0 && phrase.every((word, step) => spoken[at + step]?.word === word);
    const split = next !== undefined && stem(first.raw + next.raw) === joined;
    if (whole || split || (phrase.length > 1 && first.word === joined)) found.push(first.at);
  }
  return found;
}

/** The groups that the clauses name, each once, at its first place. */
export function findConcepts(clauses: readonly Clause[], groups: readonly ConceptGroup[]): ConceptHit[] {
  const hits: ConceptHit[] = [];
  for (const group of groups) {
    const hit = firstHit(clauses, group);
    if (hit !== undefined) hits.push(hit);
  }
  return hits;
}

function firstHit(clauses: readonly Clause[], group: ConceptGroup): ConceptHit | undefined {
  for (const clause of clauses)
    for (const term of group.terms) if (findTerm(clause.text, term) >= 0) return { group, clause, term };
  for (const clause of clauses)
    for (const term of group.terms) {
      const heard = findSound(clause.text, term);
      if (heard !== undefined) return { group, clause, term, heard };
    }
  return undefined;
}
