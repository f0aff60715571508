import { z } from "zod";

/** Year, month and day, or less of it; empty and absent mean the same. */
const date = z
  .string()
  .regex(
    /^(?:[12]\d{3}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?)?$/,
    "a date as 2023-04-01, 2023-04 or 2023",
  )
  .optional();
const text = z.string().optional();
const texts = z.array(z.string()).optional();

const span = { startDate: date, endDate: date };
const inOrder = ({ startDate = "", endDate = "" }: { startDate?: string | undefined; endDate?: string | undefined }) =>
  startDate === "" || endDate === "" || startDate.slice(0, endDate.length) <= endDate;
const order = { path: ["endDate"], message: "lies before startDate; correct one of them" };

/**
 * A CV as JSON Resume 1.0.0 has it (jsonresume.org/schema): the fields that questions are chosen by, the others are let
 * pass. Name, age, address, photograph and schools are left alone on purpose: nothing is chosen by them.
 */
export const resume = z.looseObject({
  basics: z.looseObject({ label: text, summary: text }).optional(),
  work: z
    .array(
      z
        .looseObject({ position: text, description: text, summary: text, highlights: texts, ...span })
        .refine(inOrder, order),
    )
    .optional(),
  projects: z
    .array(
      z
        .looseObject({ name: text, description: text, highlights: texts, keywords: texts, roles: texts, ...span })
        .refine(inOrder, order),
    )
    .optional(),
  skills: z.array(z.looseObject({ name: text, level: text, keywords: texts })).optional(),
  certificates: z.array(z.looseObject({ name: text })).optional(),
});
export type Resume = z.infer<typeof resume>;
