import type { Language } from "./language.ts";

/** What inference needs of its engines. Each is loaded once, from files whose hash was checked. */

/** 16 kHz mono samples, -1 to 1. */
export type Pcm = Float32Array;
export const sampleRate = 16_000;

export interface VoiceActivity {
  /** Samples a window: 512 (32 ms). */
  readonly windowSamples: number;
  /** A stream with its own state; probabilities depend on the windows fed before. */
  stream(): VoiceActivityStream;
  close(): Promise<void>;
}
export interface VoiceActivityStream {
  /** Probability of speech, 0 to 1, of the next window (exactly `windowSamples` samples). */
  next(window: Pcm): Promise<number>;
}

export type RecognisedWord = {
  text: string /** Seconds from the first sample given. */;
  start: number;
  end: number;
  confidence: number;
};
export type Recognised = {
  language: Language;
  text: string;
  words: RecognisedWord[];
  /** Geometric mean of the token probabilities, 0 to 1. */
  confidence: number;
  noSpeech: number;
  /** False where the text is likely invented (noise, a loop that did not go away): `text` is then "" and `words` []. */
  trusted: boolean;
};
export interface Recogniser {
  readonly name: string;
  readonly languages: readonly Language[];
  /** At most 30 s of sound. `language` undefined: detected among `languages`. */
  recognise(pcm: Pcm, options: { language?: Language; signal?: AbortSignal }): Promise<Recognised>;
  close(): Promise<void>;
}

export interface Embedder {
  readonly dimensions: number;
  /** Unit vectors, centred for the language, in the order of `texts`. */
  embed(texts: readonly string[], language: Language): Promise<Float32Array[]>;
  close(): Promise<void>;
}

/** RGB, 3 bytes a pixel, row by row. */
export type Picture = { width: number; height: number; rgb: Uint8Array };
export type Face = { left: number; top: number; width: number; height: number; confidence: number };
export interface FaceFinder {
  /** What computes, for the log. */
  readonly backend: string;
  /** Faces with their boxes as fractions of the picture, largest first. */
  find(picture: Picture): Promise<Face[]>;
  close(): Promise<void>;
}

/**
 * What plug-ins read of the largest face and of the body; each only where its model was asked for. Angles in degrees: to
 * the person's own right and down are positive.
 */
export type Reading = {
  head?: { yaw: number; pitch: number; roll: number };
  /** Where the eyes look, the head's turn included. */
  gaze?: { right: number; down: number };
  /** Share of each expression, 0 to 1. */
  expression?: Record<string, number>;
  /** A living face, and no picture of one: 0 to 1. */
  liveness?: { live: number; real: number };
  /** Wrists that are in the picture, as fractions of it. */
  wrists?: { side: "left" | "right"; across: number; down: number }[];
};
export interface FaceReader extends FaceFinder {
  read(picture: Picture): Promise<{ faces: Face[]; reading: Reading }>;
}

/** Speech as it was made: mono samples, -1 to 1, at their own rate. */
export type Speech = { pcm: Pcm; sampleRate: number };
export interface Voice {
  /** Model with its hash, and voice: what was rendered under another name is rendered again. */
  readonly name: string;
  /** Numbers are read as words; a text that mixes Mandarin and English is read in both. */
  speak(text: string, language: Language, signal?: AbortSignal): Promise<Speech>;
  close(): Promise<void>;
}
