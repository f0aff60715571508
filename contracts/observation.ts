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

/** Sounds that fill a pause, as far as the recogniser wrote them down: there may have been more. */
export const fillers = z.looseObject({
  count: z.number().int().min(0),
  /** A minute of speech. */
  perMinute: z.number().min(0),
  found: z.array(z.looseObject({ text: z.string(), start: at, end: at })),
});
export type Fillers = z.infer<typeof fillers>;

/** From the end of the question to the first speech. */
export const responseLatency = z.looseObject({
  /** When the question had been asked: its prompt had been read out, or (`shown`) it stood on the screen. */
  askedMillis: at,
  by: z.enum(["readOut", "shown"]),
  /** Null where nobody spoke. */
  latencyMillis: z.number().min(0).nullable(),
});
export type ResponseLatency = z.infer<typeof responseLatency>;

/** When more than one face was in the picture during the answer. Moments are those of pictures, two a second at most. */
export const severalFaces = z.looseObject({
  /** Pictures that were looked at. */
  pictures: z.number().int().min(0),
  stretches: z.array(z.looseObject({ start: at, end: at, most: z.number().int().min(2) })),
});
export type SeveralFaces = z.infer<typeof severalFaces>;

const range = z.looseObject({ low: z.number(), median: z.number(), high: z.number() });
const share = z.number().min(0).max(1);
const pictures = z.number().int().min(0);

/** Pitch and loudness of what is voiced: 10th, 50th and 90th percentile. */
export const pitchRange = z.looseObject({
  voicedMillis: z.number().min(0),
  hertz: range,
  rangeSemitones: z.number().min(0),
  dbfs: range,
  rangeDecibels: z.number().min(0),
});
export type PitchRange = z.infer<typeof pitchRange>;

/** Mean share of each expression over the pictures with a face. */
export const expressions = z.looseObject({ pictures, shares: z.record(z.string(), share) });
export type Expressions = z.infer<typeof expressions>;

/** How often hands are in the picture and how much they move, in widths of the picture a second; how much the head turns, in degrees a second. */
export const gestures = z.looseObject({
  pictures,
  hands: share,
  handMotion: z.number().min(0).nullable(),
  headMotion: z.number().min(0).nullable(),
});
export type Gestures = z.infer<typeof gestures>;

/** Where the face looks: share of the pictures in which it looks towards the screen, and when it looked elsewhere. */
export const gazing = z.looseObject({
  pictures,
  towards: share,
  /** Median turn of the head in degrees: right and down are positive. */
  yaw: z.number(),
  pitch: z.number(),
  away: z.array(z.looseObject({ start: at, end: at })),
});
export type Gazing = z.infer<typeof gazing>;

/** How far the face is a living one before the camera and no picture of one: medians, 0 to 1. */
export const livenessFound = z.looseObject({ pictures, live: share, real: share });
export type LivenessFound = z.infer<typeof livenessFound>;

/** What plug-ins found, by their id: beside the scores and never part of one. Null where there was too little to tell. */
export const pluginObservations = z.looseObject({
  pitch: pitchRange.nullable().optional(),
  expression: expressions.nullable().optional(),
  gesture: gestures.nullable().optional(),
  gaze: gazing.nullable().optional(),
  liveness: livenessFound.nullable().optional(),
});
export type PluginObservations = z.infer<typeof pluginObservations>;

/** All that inference found in one answer's recording. */
export const answerObservations = z.looseObject({
  transcript: transcript.nullable(),
  pace: pace.nullable(),
  sound: soundQuality.nullable(),
  fillers: fillers.nullable().default(null),
  responseLatency: responseLatency.nullable().default(null),
  severalFaces: severalFaces.nullable().default(null),
  plugins: pluginObservations.default({}),
  /** Speech as voice activity found it, on the session's timeline. */
  speech: z.array(z.looseObject({ start: at, end: at })),
  /** Faults met while computing it ("model.missing", "media.unreadable", …). */
  faults: z.array(z.string()),
  /** sha256 of every model file that had a say, by model id. */
  models: z.record(z.string(), z.string()),
});
export type AnswerObservations = z.infer<typeof answerObservations>;
