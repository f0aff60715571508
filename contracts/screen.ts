import { z } from "zod";
import { codeLanguage, writtenCode } from "./judge.ts";
import { language, localized } from "./language.ts";

/** Which page of the catalogue. */
export const pageName = z.enum([
  "starting",
  "waiting",
  "codeRefused",
  "notice",
  "consent",
  "check",
  "question",
  "answering",
  "routing",
  "analysing",
  "feedback",
  "refused",
  "withdrawn",
  "fault",
  "service",
]);
export type PageName = z.infer<typeof pageName>;

/** How the device is, for whoever looks after it. Names no person. */
export const serviceFacts = z.looseObject({
  software: z.string(),
  deviceId: z.string(),
  parts: z.array(
    z.looseObject({
      name: z.string(),
      state: z.enum(["starting", "working", "resting", "degraded", "gone"]),
      fault: z.string().optional(),
    }),
  ),
  /** How often each was met since the agent started. */
  faults: z.array(z.looseObject({ code: z.string(), times: z.int().min(0) })),
});
export type ServiceFacts = z.infer<typeof serviceFacts>;

/** What the page shows. The agent sends the whole view on each change (server-sent events); the page keeps nothing. */
export const view = z.looseObject({
  show: pageName,
  language,
  /** Counts up with every view of this start of the agent. */
  sequence: z.number().int().min(0),
  candidateName: z.string().optional(),
  notice: localized.optional(),
  alternative: localized.optional(),
  consent: z
    .looseObject({ purpose: z.string(), text: localized, required: z.boolean(), number: z.number(), of: z.number() })
    .optional(),
  check: z
    .looseObject({
      microphone: z.enum(["waiting", "good", "tooQuiet", "failed"]),
      camera: z.enum(["waiting", "good", "noFace", "failed"]),
      /** dBFS */
      level: z.number().optional(),
    })
    .optional(),
  question: z
    .looseObject({
      questionId: z.string(),
      number: z.number(),
      of: z.number(),
      kind: z.enum(["spoken", "choice", "code"]),
      text: localized,
      options: z.array(z.looseObject({ id: z.string(), text: localized })).optional(),
      chosen: z.array(z.string()).optional(),
      /** Of a code question: the languages offered with their texts to begin with, and the cases that are no secret. */
      code: z
        .looseObject({
          languages: z.array(z.looseObject({ language: codeLanguage, starter: z.string() })),
          examples: z.array(z.looseObject({ name: z.string(), input: z.string(), expected: z.string() })),
          /** What was written before this start of the page: it is taken up once, later the page knows better. */
          written: writtenCode.optional(),
        })
        .optional(),
      answerLimitSeconds: z.number().optional(),
      /** How long the answer has run when this view was made; the page counts on from there. */
      answeredSeconds: z.number().optional(),
      /** After an interruption the question is asked again. */
      again: z.boolean().optional(),
      /** How often the question was asked for again: the page reads it out each time. */
      repeated: z.number().int().optional(),
    })
    .optional(),
  /** True while the microphone process itself says that it keeps what it hears. */
  recording: z.boolean().default(false),
  /** dBFS while recording */
  level: z.number().optional(),
  /** framing advice of contracts/observation.ts, "none" when all is well */
  advice: z.string().optional(),
  feedback: z.array(localized).optional(),
  /** A fault code; the catalogue has its words. */
  fault: z.string().optional(),
  help: z.boolean().optional(),
  service: serviceFacts.optional(),
});
export type View = z.infer<typeof view>;

/** The physical buttons; the page offers the same. */
export const buttonName = z.enum(["start", "repeat", "help", "A", "B", "C", "D"]);
export type ButtonName = z.infer<typeof buttonName>;

/** What the page may ask: the same as the buttons, to keep a program, and to withdraw. */
export const screenRequest = z.discriminatedUnion("do", [
  z.strictObject({ do: z.literal("press"), button: buttonName }),
  z.strictObject({ do: z.literal("language"), language }),
  /** The program as it stands, told while it is written and before `start` is pressed. */
  z.strictObject({ do: z.literal("write"), questionId: z.string(), ...writtenCode.shape }),
  z.strictObject({ do: z.literal("withdraw") }),
]);
export type ScreenRequest = z.infer<typeof screenRequest>;

/** What the agent says of its page: how long ago it last gave a sign of life; null: not since the agent started. */
export const pageLife = z.looseObject({ sinceMillis: z.number().min(0).nullable() });
export type PageLife = z.infer<typeof pageLife>;
