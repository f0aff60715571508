import { z } from "zod";

export const languages = ["zh-CN", "en"] as const;
export const language = z.enum(languages);
export type Language = z.infer<typeof language>;

/** A text in one language at least. */
export const localized = z
  .object({ "zh-CN": z.string().min(1).optional(), en: z.string().min(1).optional() })
  .refine((text) => text["zh-CN"] !== undefined || text.en !== undefined, "a text in zh-CN or en is needed");
export type Localized = z.infer<typeof localized>;

/** The text in `wanted`, or in the other language where there is none. */
export function inLanguage(text: Localized, wanted: Language): string {
  return text[wanted] ?? text["zh-CN"] ?? text.en ?? "";
}
