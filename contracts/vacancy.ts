import { z } from "zod";
import { deviceId } from "./ids.ts";
import { language } from "./language.ts";
import { role } from "./order.ts";
import { policy } from "./policy.ts";
import { rubric } from "./rubric.ts";
import { strictly } from "./strictly.ts";

/**
 * What all orders of one vacancy share, kept at the centre: a row of an upload and an application in an HR system name
 * the candidate only. `role.external` says by which requisition an HR system knows it.
 */
export const vacancy = strictly(
  z.object({
    role,
    language: language.default("zh-CN"),
    rubric,
    policy,
    /** Where its interviews take place, unless a row names another device. */
    deviceId: deviceId.optional(),
    /** How long a candidate may come, from the day the order is taken, unless a row says until when. */
    validDays: z.number().positive().max(365).default(14),
    branch: z.string().default("/"),
  }),
);
export type Vacancy = z.infer<typeof vacancy>;
