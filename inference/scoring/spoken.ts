import type { Language } from "../../contracts/language.ts";
import type { SoundQuality, Word } from "../../contracts/observation.ts";
import type { Embedder } from "../../contracts/ports.ts";
import type { Rubric, SpokenQuestion } from "../../contracts/rubric.ts";
import type { Evidence, Interval } from "../../contracts/scoring.ts";
import { conceptGroups, findConcepts } from "./concepts.ts";
import { type Finding, found, type Share, settle, sharesOf, sumOf, timing } from "./evidence.ts";
import { weighExperience } from "./experience.ts";
import { compareWithReference } from "./knowledge.ts";
import { nearest } from "./length.ts";
import { margin, unsureHearing } from "./margin.ts";
import * as markers from "./markers.ts";
import { cosine, vectorsOf } from "./meaning.ts";
import { ownShare, sift } from "./relevance.ts";
import { isListed } from "./stuffing.ts";
import { type Clause, clauses, lengthOf, normalise } from "./text.ts";
import { halfWidth, leastConfidence, longEnough, nearnessFor, similarity } from "./weights.ts";

/** What was heard of one spoken answer. Word times and `answerStartMillis` are milliseconds on the session's timeline. */
export type SpokenAnswer = {
  kind: "spoken";
  text: string;
  words?: readonly Word[];
  answerStartMillis?: number;
  /** Mean probability of the recogniser's words, 0 to 1. */
  confidence?: number;
  sound?: SoundQuality | null;
  recogniserFailed?: boolean;
};

export type SpokenCase = { question: SpokenQuestion; rubric: Rubric; language: Language; answer: SpokenAnswer };
export type Weighed = { score: number; interval: Interval; evidence: Evidence[]; needsPerson: boolean };

/** What is known of an answer before it is weighed. */
type Heard = SpokenCase & {
  shares: Share[];
  kept: readonly Clause[];
  own: number;
  questionTexts: readonly string[];
  references: readonly string[];
};
/** `enough`: words (zh: characters) from which on the answer is long enough to be judged; absent where that is not the question. */
type Judged = { findings: Finding[]; halfWidth: number; enough?: number };

/** Whether device or recogniser failed, so that nothing can be said about the candidate. */
export const isUnheard = (answer: SpokenAnswer): boolean =>
  answer.recogniserFailed === true || answer.sound?.usable === false;

/**
 * Weighs a spoken answer that was heard: silence, refusal and off-topic give the lowest level, anything else what its
 * evidence sums to. Throws what the embedder throws.
 */
export async function weighSpoken(given: SpokenCase, embedder: Embedder): Promise<Weighed> {
  const { question, language, answer } = given;
  const shares = sharesOf(question, given.rubric);
  const when = timing(answer.text, answer.words, answer.answerStartMillis ?? 0);
  const questionTexts = questionTextsOf(question);
  const references = referencesOf(question, language);
  const terms = conceptGroups(question, language).flatMap((group) => group.terms);
  const said = nearest(clauses(answer.text, language), [...questionTexts, ...references, ...terms], language);
  const sifted = sift(said.clauses, questionTexts, language);
  const own = ownShare(said.clauses, questionTexts, language);
  const heard: Heard = { ...given, shares, kept: sifted.kept, own, questionTexts, references };
  const judged = lowest(answer.text, sifted) ?? (await judge(heard, embedder));
  const evidence = settle(judged.findings, shares, when);
  const unsure = answer.confidence !== undefined && answer.confidence < leastConfidence && lengthOf(answer.text) > 0;
  const score = sumOf(evidence);
  return {
    score,
    interval: around(score, widthOf(judged, answer)),
    evidence,
    // Whoever answers in keywords can mean more than a list says: it earns nothing by itself, and a person looks.
    needsPerson:
      unsure || said.leftOut || sifted.instructions.length > 0 || isListed(answer.text, references, language),
  };
}

/** Silence, refusal and off-topic are settled by what was said, however short; only the hearing of it may be doubted. */
function widthOf({ findings, halfWidth: base, enough }: Judged, { text, confidence }: SpokenAnswer): number {
  const length = lengthOf(text);
  const heard = length === 0 ? undefined : confidence;
  return enough === undefined
    ? base + unsureHearing(heard)
    : margin({ base, findings, confidence: heard, length, enough });
}

/** `score` ± `half`, held to 0 to 1 and rounded to four decimals. */
export function around(score: number, half: number): Interval {
  const held = (value: number) => Math.round(Math.min(1, Math.max(0, value)) * 10_000) / 10_000;
  return [held(score - half), held(score + half)];
}

/** Silence, refusal, or nothing but the question and instructions: evidence for the lowest level. */
function lowest(text: string, sifted: ReturnType<typeof sift>): Judged | undefined {
  const whole: Clause = { text: text.trim(), start: 0, end: text.length };
  const zero = (clause: Clause | null, said: { rule: string; zh: string; en: string }): Judged => ({
    findings: [found(clause, { ...said, points: 0 })],
    halfWidth: halfWidth.settled,
  });
  if (lengthOf(text) === 0) return zero(null, { rule: "silence", zh: "没有作答", en: "nothing was said" });
  if (markers.refusal.test(normalise(text)))
    return zero(whole, { rule: "refusal", zh: "没有回答问题", en: "declined to answer" });
  if (sifted.kept.length > 0) return undefined;
  const [instruction] = sifted.instructions;
  if (instruction !== undefined)
    return zero(instruction, {
      rule: "instruction",
      zh: "对评分系统说的话不计分",
      en: "words meant for the scoring system earn nothing",
    });
  return zero(sifted.echoed[0] ?? whole, { rule: "echo", zh: "只是重复了题目", en: "only repeats the question" });
}

async function judge(heard: Heard, embedder: Embedder): Promise<Judged> {
  const { question, language, kept, references } = heard;
  const groups = conceptGroups(question, language);
  const named = findConcepts(kept, groups).length;
  const near = nearnessFor({ concepts: groups.length > 0, reference: references.length > 0 });
  const away =
    named === 0 ? near.offTopic[language] : named === 1 && groups.length > 1 ? similarity.offTopicDespiteConcept : -1;
  const asksExperience =
    groups.length > 0 ||
    references.length === 0 ||
    question.structure !== undefined ||
    question.specifics !== undefined ||
    heard.questionTexts.some((text) => markers.asksForExperience.test(normalise(text)));
  if (asksExperience) {
    const likeness = await likenessOf(heard, embedder);
    if (likeness < away) return offTopic(kept);
    const findings = await weighExperience(
      { clauses: kept, groups, references, shares: heard.shares, likeness, own: heard.own, language, stated: question },
      embedder,
    );
    const base = groups.length > 0 ? halfWidth.experience : halfWidth.withoutReference;
    return { findings, halfWidth: base, enough: longEnough[language] };
  }
  const text = kept.map((one) => one.text).join(language === "en" ? " " : "");
  if (isListed(text, references, language)) return strungTogether(kept);
  const { questionTexts } = heard;
  let best: Finding[] = [];
  for (const reference of references) {
    const findings = await compareWithReference({ clauses: kept, questionTexts, reference, language }, embedder);
    if (best.length === 0 || pointsOf(findings) > pointsOf(best)) best = findings;
  }
  return best.every((one) => one.points === 0)
    ? offTopic(kept)
    : { findings: best, halfWidth: halfWidth.knowledge[language], enough: shortestOf(references, language) };
}

/** Knowledge may be told as shortly as the shortest reference tells it. */
const shortestOf = (references: readonly string[], language: Language): number =>
  Math.min(longEnough[language], ...references.map(lengthOf));

const pointsOf = (findings: readonly Finding[]): number => findings.reduce((sum, one) => sum + one.points, 0);

function strungTogether(kept: readonly Clause[]): Judged {
  const [first = null] = kept;
  const said = { zh: "只罗列了词语，没有说明什么", en: "strings terms together and states nothing" };
  return { findings: [found(first, { rule: "stuffing", points: 0, ...said })], halfWidth: halfWidth.settled };
}

function offTopic(kept: readonly Clause[]): Judged {
  const [first = null] = kept;
  return {
    findings: [
      found(first, {
        rule: "offTopic",
        points: 0,
        zh: "所答与题目无关",
        en: "speaks of something else than was asked",
      }),
    ],
    halfWidth: halfWidth.settled,
  };
}

/**
 * How near the answer comes to the question or to a reference, -1 to 1: as a whole, or by its nearest clause, which counts
 * a little less (a story is far from the question as a whole and has to be near it somewhere).
 */
async function likenessOf(heard: Heard, embedder: Embedder): Promise<number> {
  const { language, kept } = heard;
  const asked = [...heard.questionTexts, ...heard.references];
  const parts = asked.flatMap((text) => clauses(text, language).map((one) => one.text));
  const [answer, ...whole] = await vectorsOf(
    [kept.map((one) => one.text).join(language === "en" ? " " : ""), ...asked],
    language,
    embedder,
  );
  const wanted = await vectorsOf(parts, language, embedder);
  const said = await vectorsOf(
    kept.map((one) => one.text),
    language,
    embedder,
  );
  if (answer === undefined) return -1;
  const near = said.flatMap((one) => wanted.map((other) => cosine(one, other) * similarity.clauseCounts));
  return Math.max(-1, ...whole.map((one) => cosine(answer, one)), ...near);
}

/**
 * Embeds ahead of time what scoring an answer will compare: question and reference, and the text heard so far, so that
 * little is left to do when the answer ends. Changes no score. Throws what the embedder throws.
 */
export async function prepareSpoken(
  given: { question: SpokenQuestion; language: Language; text?: string },
  embedder: Embedder,
): Promise<void> {
  const { question, language, text = "" } = given;
  const asked = askedTexts(question, language);
  const parts = [...asked, text].flatMap((one) => clauses(one, language).map((clause) => clause.text));
  await vectorsOf([...asked, ...parts], language, embedder);
}

/** The question in every language it has, and the reference answers in the answer's language or else the other. */
const askedTexts = (question: SpokenQuestion, language: Language): string[] => [
  ...questionTextsOf(question),
  ...referencesOf(question, language),
];
const questionTextsOf = (question: SpokenQuestion): string[] =>
  Object.values(question.text).filter((one) => one !== undefined);
const referencesOf = (question: SpokenQuestion, language: Language): readonly string[] =>
  question.reference?.[language] ?? question.reference?.[language === "en" ? "zh-CN" : "en"] ?? [];
