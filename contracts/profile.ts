import { z } from "zod";
import { language } from "./language.ts";

/** A recogniser goes by the name of its model in the lock file. The last three run on sherpa-onnx, where their model was fetched. */
export const recogniserNames = [
  "whisper-base",
  "whisper-tiny-en",
  "sense-voice",
  "paraformer-zh",
  "zipformer-ctc-zh",
] as const;
export const recogniserName = z.enum(recogniserNames);
export type RecogniserName = z.infer<typeof recogniserName>;

/** What each recogniser understands; a test compares it with the models' own tokens. */
export const recogniserLanguages: Readonly<Record<RecogniserName, readonly z.infer<typeof language>[]>> = {
  "whisper-base": ["zh-CN", "en"],
  "whisper-tiny-en": ["en"],
  "sense-voice": ["zh-CN", "en"],
  "paraformer-zh": ["zh-CN", "en"],
  "zipformer-ctc-zh": ["zh-CN"],
};

/** `board-profile.json`: what `candor board bench` picked for this very board. Written by hand it is read as strictly. */
export const boardProfile = z.strictObject({
  version: z.literal(1).default(1),
  /** The board it was measured on: another one refuses it. */
  board: z.string().min(1),
  measuredAt: z.iso.datetime(),
  recogniser: recogniserName,
  /** What runs the recogniser. */
  provider: z.string().min(1).default("cpu"),
  /** Languages that the recogniser keeps up with while they are spoken; any other is transcribed after the answer. */
  live: z.array(language),
  picture: z.strictObject({
    width: z.int().positive(),
    height: z.int().positive(),
    framesPerSecond: z.int().positive(),
  }),
  /** Why it was picked, a sentence a decision. */
  reasons: z.array(z.string()).default([]),
});
export type BoardProfile = z.infer<typeof boardProfile>;
