import type { AnswerObservations, Transcript } from "../../contracts/observation.ts";
import type { Millis } from "../../contracts/units.ts";
import type { FailedAnswer } from "./score.ts";
import type { SpokenAnswer } from "./spoken.ts";

/** Mean confidence over the words; undefined where none was heard. */
function confidenceOf({ utterances }: Transcript): number | undefined {
  const words = utterances.reduce((sum, one) => sum + Math.max(1, one.words.length), 0);
  const total = utterances.reduce((sum, one) => sum + one.confidence * Math.max(1, one.words.length), 0);
  return words === 0 ? undefined : total / words;
}

/**
 * What of the observations may reach a score: the words with their times, how sure the recogniser was, and whether the
 * microphone worked. Pace and pauses are left behind here: how a person speaks is no evidence for what they can do.
 */
export function answerHeard(
  { transcript, sound, faults }: AnswerObservations,
  { answerStartMillis }: { answerStartMillis: Millis },
): SpokenAnswer | FailedAnswer {
  if (transcript === null) return { kind: "failed", faults };
  const confidence = confidenceOf(transcript);
  return {
    kind: "spoken",
    text: transcript.text,
    words: transcript.utterances.flatMap((one) => one.words),
    answerStartMillis,
    sound,
    ...(confidence === undefined ? {} : { confidence }),
  };
}
