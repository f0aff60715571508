import { z } from "zod";

/** The families of models that are run, and under which key of sherpa-onnx' `modelConfig` the model's path stands. */
export const sherpaFamilies = ["senseVoice", "paraformer", "zipformerCtc"] as const;
export const sherpaFamily = z.enum(sherpaFamilies);
export type SherpaFamily = z.infer<typeof sherpaFamily>;

/** What the child is asked. `open` comes first and once. */
export const sherpaQuestion = z.discriminatedUnion("ask", [
  z.object({
    ask: z.literal("open"),
    family: sherpaFamily,
    model: z.string().min(1),
    tokens: z.string().min(1),
    threads: z.number().int().positive(),
  }),
  z.object({ ask: z.literal("hear"), number: z.number().int(), pcm: z.instanceof(Float32Array) }),
]);
export type SherpaQuestion = z.infer<typeof sherpaQuestion>;

/** What sherpa-onnx gives for one stretch of sound: offline-stream.h, OfflineRecognitionResult::AsJsonString. */
export const sherpaHeard = z.object({
  text: z.string(),
  /** `<|zh|>` and so on with SenseVoice, else empty. */
  lang: z.string().default(""),
  tokens: z.array(z.string()).default([]),
  /** Seconds at which each token begins; empty where the model tells none. */
  timestamps: z.array(z.number()).default([]),
  /** Empty for CTC and Paraformer. */
  ys_log_probs: z.array(z.number()).default([]),
});
export type SherpaHeard = z.infer<typeof sherpaHeard>;

/** What the child answers. A crash is no answer: the process is gone. */
export const sherpaAnswer = z.discriminatedUnion("say", [
  z.object({ say: z.literal("ready") }),
  z.object({ say: z.literal("heard"), number: z.number().int(), heard: sherpaHeard }),
  z.object({
    say: z.literal("fault"),
    number: z.number().int().optional(),
    code: z.enum(["process.missing", "inference.lost"]),
    message: z.string(),
  }),
]);
export type SherpaAnswer = z.infer<typeof sherpaAnswer>;
