import { z } from "zod";
import { language } from "./language.ts";

/** A moment on the session's timeline, whole milliseconds since the session began. */
const at = z.number().min(0);

/** One word with its time (milliseconds on the session's timeline) and the recogniser's confidence, 0 to 1. */
export const word = z.looseObject({ text: z.string(), start: at, end: at, confidence: z.number().min(0).max(1) });
export type Word = z.infer<typeof word>;

/** A stretch of speech between two pauses, with the words heard in it. */
export const utterance = z.looseObject({
  start: at,
  end: at,
  language,
  text: z.string(),
  /** Geometric mean of the token probabilities, 0 to 1. */
  confidence: z.number().min(0).max(1),
  words: z.array(word),
});
export type Utterance = z.infer<typeof utterance>;

/** What was heard in one answer, computed from the recorded sound only. */
export const transcript = z.looseObject({
  language,
  text: z.string(),
  utterances: z.array(utterance),
});
export type Transcript = z.infer<typeof transcript>;

/** Pace and pauses of one answer. */
export const pace = z.looseObject({
  speechMillis: z.number().min(0),
  /** From the start of recording to the first speech; null where none was heard. */
  latencyMillis: z.number().min(0).nullable(),
  /** Words a minute of speech; a Chinese character counts as one word. */
  wordsPerMinute: z.number().min(0),
  pauses: z.array(z.looseObject({ start: at, end: at })),
});
export type Pace = z.infer<typeof pace>;

/** How the face stood in the picture; it prompts the candidate and never reaches a score. */
export const framing = z.looseObject({
  at,
  faces: z.number().int().min(0),
  /** Where the main face is, as fractions of the picture; null without a face. */
  box: z.looseObject({ left: z.number(), top: z.number(), width: z.number(), height: z.number() }).nullable(),
  /** What to tell the candidate. */
  advice: z.enum(["none", "noFace", "severalFaces", "moveCloser", "moveBack", "moveToCentre"]),
});
export type Framing = z.infer<typeof framing>;

/** How good the recorded sound is: levels in dBFS over the whole answer. */
export const soundQuality = z.looseObject({
  rmsDbfs: z.number().nullable(),
  noiseFloorDbfs: z.number().nullable(),
  /** Share of samples at full scale, 0 to 1. */
  clipped: z.number().min(0).max(1),
  /** False where the recording is digital silence or missing: then the device failed, not the candidate. */
  usable: z.boolean(),
});
export type SoundQuality = z.infer<typeof soundQuality>;

/** All that inference found in one answer's recording. */
export const answerObservations = z.looseObject({
  transcript: transcript.nullable(),
  pace: pace.nullable(),
  sound: soundQuality.nullable(),
  /** Speech as voice activity found it, on the session's timeline. */
  speech: z.array(z.looseObject({ start: at, end: at })),
  /** Faults met while computing it ("model.missing", "media.unreadable", …). */
  faults: z.array(z.string()),
  /** sha256 of every model file that had a say, by model id. */
  models: z.record(z.string(), z.string()),
});
export type AnswerObservations = z.infer<typeof answerObservations>;
