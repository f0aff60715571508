import type { Language } from "../../contracts/language.ts";
import type { Embedder } from "../../contracts/ports.ts";
import { type Finding, found } from "./evidence.ts";
import { beyond, cosine, ramp, vectorsOf } from "./meaning.ts";
import { opposesAny, turnedWords } from "./polarity.ts";
import { type Clause, clauses, lengthOf } from "./text.ts";
import { wordingTokens } from "./tokens.ts";
import { givenAway, knowledge, wholeSimilarity } from "./weights.ts";

/** What the knowledge rules look at: unique clauses of the answer, what the question already says, one reference. */
export type KnowledgeCase = {
  clauses: readonly Clause[];
  questionTexts: readonly string[];
  reference: string;
  language: Language;
};

/**
 * Compares an answer with one reference: wording (share of the reference's content words that the answer has, words of
 * the question counting less), meaning (cosine of the whole), length against the reference, contradiction. Points on the
 * scale 0 to 1. Wording and length follow S. Mohler et al., "Learning to grade short answer questions", ACL 2011
 * (overlap with question words demoted), and M. A. Sultan et al., "Fast and easy short answer grading", NAACL 2016.
 */
export async function compareWithReference(given: KnowledgeCase, embedder: Embedder): Promise<Finding[]> {
  const weights = knowledge[given.language];
  const against = opposing(given);
  const wording = wordingOf(given);
  const text = given.clauses.map((one) => one.text).join(given.language === "en" ? " " : "");
  const alike = await likeness(given, text, embedder);
  const long =
    Math.min(1, lengthOf(text) / Math.max(1, lengthOf(given.reference))) * Math.min(1, (wording.share + alike) * 1.5);
  const best = wording.parts[0]?.clause ?? longest(given.clauses);
  const earned = [
    ...wording.parts.map((part) => part.finding),
    found(best, {
      rule: "semantic",
      points: weights.semantic * alike,
      zh: "整体意思与参考答案相近",
      en: "means much the same as the reference",
    }),
    found(longest(given.clauses), {
      rule: "length",
      points: weights.length * long,
      zh: "与参考答案相比的完整程度",
      en: "how complete it is beside the reference",
    }),
  ];
  return [...earned, ...contradictions(given, { against, earned })];
}

/** How much the answer means what the reference means, 0 to 1: as a whole, and beyond what the question already says. */
async function likeness(given: KnowledgeCase, text: string, embedder: Embedder): Promise<number> {
  const [answer, reference, ...asked] = await vectorsOf(
    [text, given.reference, ...given.questionTexts],
    given.language,
    embedder,
  );
  if (answer === undefined || reference === undefined) return 0;
  const { from, full, beyondQuestion } = wholeSimilarity;
  const whole = ramp(cosine(answer, reference), from, full);
  const added = ramp(cosine(beyond(answer, asked), beyond(reference, asked)), from, full);
  return (1 - beyondQuestion) * whole + beyondQuestion * added;
}

type Wording = { share: number; parts: { clause: Clause; finding: Finding }[] };

/** Which content words of the reference stand in which clause; each word counts once, at its first clause. */
function wordingOf(given: KnowledgeCase): Wording {
  const known = new Set(given.questionTexts.flatMap((text) => wordingTokens(text, given.language)));
  const all = new Set(wordingTokens(given.reference, given.language));
  const weight = (token: string) => (known.has(token) ? givenAway[given.language] : 1);
  const open = new Map([...all].map((token) => [token, weight(token)]));
  const total = [...open.values()].reduce((sum, one) => sum + one, 0);
  let share = 0;
  const parts: Wording["parts"] = [];
  for (const clause of given.clauses) {
    const said = new Set([
      ...wordingTokens(clause.text, given.language),
      ...turnedWords(clause.text, given.reference, given.language),
    ]);
    const here = [...open].filter(([token]) => said.has(token));
    if (here.length === 0 || total === 0) continue;
    for (const [token] of here) open.delete(token);
    const part = here.reduce((sum, [, one]) => sum + one, 0) / total;
    share += part;
    const points = knowledge[given.language].wording * part;
    parts.push({
      clause,
      finding: found(clause, {
        rule: "wording",
        points,
        zh: "用到了参考答案的要点",
        en: "uses what the reference names",
      }),
    });
  }
  return { share, parts: parts.sort((a, b) => b.finding.points - a.finding.points) };
}

/** Clauses that state the opposite of the reference or of one of its clauses. */
function opposing(given: KnowledgeCase): Clause[] {
  const parts = [given.reference, ...clauses(given.reference, given.language).map((one) => one.text)];
  return given.clauses.filter((clause) => opposesAny(clause.text, parts, given.language));
}

/** What they take away: of what was earned, the part of the answer that they make up times `contradiction`, shared out over them. */
function contradictions(
  given: KnowledgeCase,
  what: { against: readonly Clause[]; earned: readonly Finding[] },
): Finding[] {
  const total = given.clauses.reduce((sum, one) => sum + one.text.length, 0);
  const earned = what.earned.reduce((sum, one) => sum + one.points, 0);
  return what.against.map((clause) => {
    const points = -knowledge[given.language].contradiction * earned * (clause.text.length / total);
    return found(clause, {
      rule: "contradiction",
      points,
      zh: "与参考答案相反",
      en: "states the opposite of the reference",
    });
  });
}

const longest = (given: readonly Clause[]): Clause | null =>
  given.reduce<Clause | null>((best, one) => (best === null || one.text.length > best.text.length ? one : best), null);
