import type { Language } from "../../contracts/language.ts";

/**
 * Every number the scorer uses, with where it comes from. A change here changes scores: raise `scorerVersion` with it.
 *
 * "fit" is a least-squares fit against grades given by people, leaving one question out: 585 Chinese answers to 100
 * questions (LE set of aleversn/SAS-Datasets, Apache-2.0, Lai et al. 2024) and 3,941 English answers to 47 questions
 * (Beetle set of SemEval-2013 task 7, Dzikovska et al.). Only rounded numbers were kept, near the fit of both sets, since
 * they have to serve other subjects. "judged" is a reasoned choice, held by the order tests on known answers.
 */
export const scorerVersion = "3";

type ByLanguage = Record<Language, number>;

/** From which likeness on an answer is not off the topic, and from which on it is wholly on it. */
export type Nearness = { offTopic: ByLanguage; onTopic: ByLanguage };

/** Cosines of the centred sentence vectors. */
export const similarity = {
  /** Paraphrases lie near 0.5, unrelated texts near 0.0; above this two clauses speak of one thing (measured on 36 rows of hand-written pairs, zh, en and mixed). */
  same: 0.28,
  /** From here on a clause counts as saying the same in full. */
  full: 0.6,
  /** An answer whose likeness to question and reference stays below this speaks of something else (judged; English cosines lie higher). */
  offTopic: { en: 0.25, "zh-CN": 0.15 },
  /** Specifics and structure count in full from this likeness on (judged). */
  onTopic: { en: 0.42, "zh-CN": 0.38 },
  /** Below this the answer is off the topic even where one concept was named, by accident (judged). */
  offTopicDespiteConcept: 0.12,
  /** Both, where the question has a reference and no concepts that could show what the story is about (judged). */
  referenceOnly: { offTopic: { en: 0.2, "zh-CN": 0.12 }, onTopic: { en: 0.33, "zh-CN": 0.28 } },
  /** Both, where the question has neither concepts nor a reference, so that only its own words can be compared (judged). */
  open: { offTopic: { en: 0.12, "zh-CN": 0.08 }, onTopic: { en: 0.3, "zh-CN": 0.2 } },
  /** What the nearest clause's cosine counts of a whole answer's (judged). */
  clauseCounts: 0.65,
  /** An answer is wholly on the topic when it names half of the concepts, or says half of the reference (judged). */
  namedCounts: 2,
  meantCounts: 2,
} as const;

/**
 * A question with a reference answer and without concepts asks for knowledge. The parts are rounded from the fit (left-out
 * questions: r 0.49 en, 0.90 zh); the Chinese ones are drawn towards the English, because the answers of the Chinese set
 * are almost literal. Length counts less than the fit of English alone would give it, since it lifts long answers that
 * contradict. `contradiction` is the share of what was earned that a clause stating the opposite takes off: 1 instead of
 * 0.7 lowers r to 0.47 (the rule errs in half of its English cases), less leaves a denied reference too high (judged).
 */
export const knowledge: Record<Language, { wording: number; semantic: number; length: number; contradiction: number }> =
  {
    en: { wording: 0.5, semantic: 0.3, length: 0.2, contradiction: 0.7 },
    "zh-CN": { wording: 0.6, semantic: 0.3, length: 0.1, contradiction: 0.7 },
  };
/** A word of the reference that the question already gives away counts this much of a new one (fit: best of 0, 0.1, 0.2, 0.35, 0.5, 1). */
export const givenAway: Record<Language, number> = { en: 0.2, "zh-CN": 0.05 };
/**
 * Cosine of answer and reference at which the semantic part begins and is full (fit). `beyondQuestion`: the share that is
 * compared after what both have in common with the question is taken out, the rest as they are (fit: the more the better
 * in both sets; some is left for references that hardly go beyond the question).
 */
export const wholeSimilarity = { from: 0.1, full: 0.75, beyondQuestion: 0.8 } as const;

/** Which of the thresholds a question calls for, by what there is to compare with. */
export function nearnessFor(has: { concepts: boolean; reference: boolean }): Nearness {
  if (has.concepts) return similarity;
  return has.reference ? similarity.referenceOnly : similarity.open;
}

/** A question about the candidate's own work: parts of the score (judged; what is absent is shared out over the rest). */
export const experience = { concept: 0.45, semantic: 0.15, specifics: 0.15, structure: 0.2, length: 0.05 } as const;

/** Parts of "specifics", of 1 (judged). */
export const specifics = { figure: 0.25, figures: 2, role: 0.25, change: 0.15, named: 0.1 } as const;

/** Parts of "structure", of 1: situation, action, result (judged). `actions` is what one, two and three own actions give. */
export const structure = {
  situation: 0.25,
  result: 0.25,
  action: 0.5,
  actions: [0, 0.5, 0.8, 1],
  hypothetical: 0.8,
} as const;

/** Parts of a structure that a question states, of 1 (judged). Own actions give `action` by the steps of `structure`. */
export const situationTaskActionResult = { situation: 0.2, task: 0.15, action: 0.4, result: 0.25 } as const;
export const claimReasonExample = { claim: 0.25, reason: 0.4, example: 0.35 } as const;

/** What general talk ("in general you should …") without an instance leaves of concepts, meaning and structure (judged). */
export const generalTalk = 0.4;
/** What each clause that turns the question away ("no means no") takes off, and how many count (judged). */
export const deflection = { each: 0.06, count: 2 } as const;
/** What a clause that states the opposite of the reference takes off in a question about own work (judged). */
export const contradiction = 0.15;

/** Terms strung together: share of the text that is terms from which on they count for nothing, and how many terms it takes (judged). */
export const stuffing = { none: 0.5, leastTerms: 3 } as const;

/**
 * A list of names instead of sentences: the longest piece in words, how many pieces, the share of the text that they make
 * up, and the share of a reference that shows that a list was asked for (judged).
 */
export const listed = { words: 4, pieces: 5, share: 0.6, askedShare: 0.3 } as const;

/** Share of an answer's content words that the question has not, below which it counts for nothing, and from which in full (judged). */
export const readBack = { from: 0.2, full: 0.5 } as const;

/** Words (zh: characters) from which an answer about own work is long enough (judged). */
export const longEnough: Record<Language, number> = { en: 70, "zh-CN": 90 };

/** Half widths of the interval. `knowledge` holds 80 % of the people's grades of the two sets above; the others are judged. */
export const halfWidth = {
  knowledge: { en: 0.5, "zh-CN": 0.26 },
  experience: 0.12,
  withoutReference: 0.25,
  uncertain: 0.15,
  settled: 0.05,
} as const;

/** How sessions that took different routes are compared (docs/decisions; all judged, held by simulated candidates). */
export const route = {
  /** How much harder one step of stated difficulty makes a question, on the logit scale. */
  logitsPerStep: 0.5,
  /** Evening out difficulties reads no ability out of a mean above this: it would be a guess. */
  ceiling: 0.98,
  /** What a point told after a follow-up is worth of one told unasked. */
  prompted: 0.5,
} as const;

/** Below this mean word probability of the recogniser a person has to listen; the score itself stays. */
export const leastConfidence = 0.6;

/** Share of the rubric's weight that has to have a score before a total is given. */
export const leastCoverage = 0.8;
