import type { Language } from "../../contracts/language.ts";
import type { Embedder } from "../../contracts/ports.ts";
import type { SpokenQuestion } from "../../contracts/rubric.ts";
import { type ConceptGroup, type ConceptHit, findConcepts, pointOf } from "./concepts.ts";
import { type Finding, found, type Share } from "./evidence.ts";
import * as markers from "./markers.ts";
import { cosine, ramp, vectorsOf } from "./meaning.ts";
import { differInNegation, opposesAny } from "./polarity.ts";
import { isListed, isStrungTogether } from "./stuffing.ts";
import { isGeneral, specificsIn, structureIn } from "./telling.ts";
import { type Clause, clauses, lengthOf, normalise } from "./text.ts";
import { contradiction, deflection, experience, generalTalk, longEnough, nearnessFor, similarity } from "./weights.ts";

/** What the rules for a question about the candidate's own work look at. `likeness`: the answer's to question and reference, -1 to 1. */
export type ExperienceCase = {
  clauses: readonly Clause[];
  groups: readonly ConceptGroup[];
  references: readonly string[];
  shares: readonly Share[];
  likeness: number;
  /** How much of the answer is its own and not the question's, 0 to 1 (relevance.ts). */
  own: number;
  language: Language;
  /** What the question says of a good answer's build and specifics, where it does. */
  stated: Pick<SpokenQuestion, "structure" | "specifics">;
};

/** Finds concepts, meaning, specifics, structure and length, and takes away for deflection and contradiction. Points 0 to 1. */
export async function weighExperience(given: ExperienceCase, embedder: Embedder): Promise<Finding[]> {
  const text = given.clauses.map((one) => one.text).join(given.language === "en" ? " " : "");
  const parts = partsFor(given);
  const talk = isGeneral(given.clauses, given.stated.structure) ? generalTalk : 1;
  const hits = findConcepts(given.clauses, given.groups);
  const sense =
    isStrungTogether(text, hits, given.groups) || isListed(text, given.references, given.language) ? 0 : given.own;
  const meant = await meaningOf(given, { scale: parts.semantic * talk * sense, embedder });
  const onTopic =
    sense * topicality(given, { hits, meant: parts.semantic === 0 ? 0 : pointsOf(meant) / parts.semantic });
  return [
    ...conceptsOf(given, { hits, scale: parts.concept * talk * sense }),
    ...meant,
    ...specificsIn(given.clauses, parts.specifics * onTopic, given.stated.specifics),
    ...structureIn(given.clauses, parts.structure * onTopic * talk, given.stated.structure),
    lengthFinding(given, { text, scale: parts.length * onTopic * talk }),
    ...deflections(given.clauses),
    ...opposed(given),
  ];
}

/**
 * How far specifics and structure may count, 0 to 1: by the answer's likeness to question and reference, by the share of
 * concepts it names, or, without concepts, by the share of the reference that it says in other words.
 */
function topicality(given: ExperienceCase, what: { hits: readonly ConceptHit[]; meant: number }): number {
  const near = nearnessFor({ concepts: given.groups.length > 0, reference: given.references.length > 0 });
  const like = ramp(given.likeness, near.offTopic[given.language], near.onTopic[given.language]);
  if (given.groups.length === 0) return Math.max(like * like, Math.min(1, what.meant * similarity.meantCounts));
  if (what.hits.length === 0) return like * like;
  return Math.max(like, Math.min(1, (what.hits.length / given.groups.length) * similarity.namedCounts));
}

const pointsOf = (findings: readonly Finding[]): number => findings.reduce((sum, one) => sum + one.points, 0);

type Parts = { concept: number; semantic: number; specifics: number; structure: number; length: number };

/** The parts of the score; those without concepts or without a reference share what is absent in proportion. */
function partsFor(given: ExperienceCase): Parts {
  const concept = given.groups.length > 0 ? experience.concept : 0;
  const semantic = given.references.length > 0 ? experience.semantic : 0;
  const told = experience.specifics + experience.structure + experience.length;
  const scale = 1 / (concept + semantic + told);
  return {
    concept: concept * scale,
    semantic: semantic * scale,
    specifics: experience.specifics * scale,
    structure: experience.structure * scale,
    length: experience.length * scale,
  };
}

/** Each group found counts once, an equal part of its competency; a competency without groups of its own takes the mean of all. */
function conceptsOf(given: ExperienceCase, how: { hits: readonly ConceptHit[]; scale: number }): Finding[] {
  return given.shares.flatMap(({ competency }) => {
    const bound = (group: ConceptGroup) => group.competency === null || group.competency === competency;
    const own = given.groups.filter(bound);
    const counted = own.length > 0 ? own : given.groups;
    const hits = how.hits.filter((hit) => own.length === 0 || bound(hit.group));
    return hits.map((hit): Finding => {
      const points = how.scale / counted.length;
      return {
        competency,
        clause: hit.clause,
        points,
        point: pointOf(hit.group),
        ...namedBy(hit),
      };
    });
  });
}

/** The rule and the reason of a concept; one that was only heard says so, since a person may read it otherwise. */
function namedBy({ term, heard }: ConceptHit): Pick<Finding, "rule" | "explanation"> {
  if (heard === undefined)
    return { rule: "concept", explanation: { "zh-CN": `提到了要点「${term}」`, en: `names the point "${term}"` } };
  return {
    rule: "homophone",
    explanation: {
      "zh-CN": `提到了要点「${term}」，识别成了同音的「${heard}」`,
      en: `names the point "${term}", written as "${heard}", which sounds the same`,
    },
  };
}

/** Which parts of the reference the answer's clauses say in other words. */
async function meaningOf(given: ExperienceCase, how: { scale: number; embedder: Embedder }): Promise<Finding[]> {
  const wanted = given.references.map((reference) => clauses(reference, given.language).map((one) => one.text));
  const said = await vectorsOf(
    given.clauses.map((one) => one.text),
    given.language,
    how.embedder,
  );
  let best: Finding[] = [];
  let most = -1;
  for (const parts of wanted) {
    const vectors = await vectorsOf(parts, given.language, how.embedder);
    const findings = vectors.flatMap((vector, at): Finding[] => {
      const comparable = said
        .map((one, place) => ({ place, cosine: cosine(one, vector) }))
        .filter(({ place }) => !differInNegation(given.clauses[place]?.text ?? "", parts[at] ?? ""));
      const near = comparable.reduce((a, b) => (b.cosine > a.cosine ? b : a), { place: -1, cosine: 0 });
      const points = (how.scale * ramp(near.cosine, similarity.same, similarity.full)) / parts.length;
      const clause = given.clauses[near.place];
      if (points <= 0 || clause === undefined) return [];
      const part = (parts[at] ?? "").replace(/[，,。.；;]$/u, "");
      return [
        found(clause, {
          rule: "semantic",
          points,
          zh: `与参考答案「${part}」意思相近`,
          en: `means much the same as "${part}" of the reference`,
        }),
      ];
    });
    const sum = pointsOf(findings);
    if (sum > most) [best, most] = [findings, sum];
  }
  return best;
}

function lengthFinding(given: ExperienceCase, how: { text: string; scale: number }): Finding {
  const longest = given.clauses.reduce<Clause | null>(
    (best, one) => (best === null || one.text.length > best.text.length ? one : best),
    null,
  );
  const points = how.scale * Math.min(1, lengthOf(how.text) / longEnough[given.language]);
  return found(longest, { rule: "length", points, zh: "讲得足够完整", en: "told at some length" });
}

function deflections(given: readonly Clause[]): Finding[] {
  const away = given.filter((clause) => markers.deflecting.test(normalise(clause.text))).slice(0, deflection.count);
  return away.map((clause) =>
    found(clause, { rule: "deflection", points: -deflection.each, zh: "推开了问题", en: "turns the matter away" }),
  );
}

function opposed(given: ExperienceCase): Finding[] {
  const parts = given.references.flatMap((reference) => clauses(reference, given.language).map((one) => one.text));
  const against = given.clauses.filter((clause) => opposesAny(clause.text, parts, given.language));
  return against.slice(0, 2).map((clause) =>
    found(clause, {
      rule: "contradiction",
      points: -contradiction,
      zh: "与参考答案相反",
      en: "states the opposite of the reference",
    }),
  );
}
