import { z } from "zod";
import { deletionReceipt } from "../../../contracts/deletion.ts";
import { deviceId, opaqueId } from "../../../contracts/ids.ts";
import { language } from "../../../contracts/language.ts";
import { orderState } from "../../../contracts/order.ts";
import { interval } from "../../../contracts/scoring.ts";
import { role, scope } from "../access.ts";
import { accountView } from "../accounts.ts";

/** What goes in and out of the API, for its handlers and for the document that is made of them. */

const time = z.iso.datetime();
const maybeTime = time.nullable();

export const checkInQuery = z.strictObject({ format: z.enum(["json", "png", "svg"]).default("json") });
export const deliveryQuery = z.strictObject({
  state: z.enum(["waiting", "done", "dead", "superseded"]).default("dead"),
});
export const auditQuery = z.strictObject({ subject: z.string().optional(), action: z.string().optional() });

/** `offset` is of times in the file that name none. */
export const uploadQuery = z.strictObject({
  dryRun: z.enum(["true", "false"]).default("false"),
  language: language.default("zh-CN"),
  offset: z
    .string()
    .regex(/^[+-]\d{2}:\d{2}$/, "an offset from UTC such as +08:00")
    .default("+08:00"),
});
export const templateQuery = z.strictObject({
  format: z.enum(["xlsx", "csv"]).default("xlsx"),
  language: language.default("zh-CN"),
});
const moment = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));
export const slotQuery = z.strictObject({ from: moment.optional(), until: moment.optional() });
export const bookingBody = z.strictObject({ startsAt: moment });
const helpState = z.enum(["open", "withdrawn", "taken", "closed"]);
export const helpQuery = z.strictObject({ state: helpState.optional() });
const helpOutcome = z.enum(["solved", "unsolved"]);
/** Who takes it: a reference that the HR system knows the person by, not a name. */
export const takeHelpBody = z.strictObject({ by: opaqueId.default("operator") });
export const closeHelpBody = z.strictObject({ outcome: helpOutcome });

export const checkInCode = z.object({ text: z.string(), expiresAt: time });

export const orderSummary = z.object({ orderId: opaqueId, revision: z.int(), state: orderState });
const orderRow = z.object({
  ...orderSummary.shape,
  deviceId: opaqueId,
  branch: z.string(),
  sessionId: opaqueId.nullable(),
  fault: z.string().nullable(),
  issuedAt: maybeTime,
  deliveredAt: maybeTime,
  startedAt: maybeTime,
  endedAt: maybeTime,
  cancelledAt: maybeTime,
  expiresAt: maybeTime,
});
export const orderList = z.object({ orders: z.array(orderRow) });
export const orderView = z.object({
  ...orderRow.shape,
  statuses: z.array(
    z.object({
      revision: z.int(),
      status: z.string(),
      label: z.object({ "zh-CN": z.string(), en: z.string() }),
      sessionId: opaqueId.nullable(),
      at: time,
    }),
  ),
});
export const uploadedOrders = z.object({
  dryRun: z.boolean(),
  new: z.int(),
  superseded: z.int(),
  same: z.int(),
  orders: z.array(
    z.object({
      application: z.string(),
      orderId: opaqueId,
      revision: z.int(),
      outcome: z.enum(["new", "same", "supersede"]),
    }),
  ),
});
export const vacancySet = z.object({ vacancyId: opaqueId });
export const vacancyList = z.object({
  vacancies: z.array(
    z.object({
      vacancyId: opaqueId,
      role: z.looseObject({}),
      branch: z.string(),
      deviceId: deviceId.nullable(),
      language,
      validDays: z.number(),
      rubric: z.object({ id: z.string(), version: z.union([z.string(), z.number()]) }),
    }),
  ),
});
export const hoursSet = z.object({ deviceId });
export const slotList = z.object({
  slots: z.array(z.object({ startsAt: time, endsAt: time, free: z.boolean() })),
});
export const bookingView = z.object({
  bookingId: opaqueId,
  deviceId,
  revision: z.int(),
  startsAt: time,
  endsAt: time,
});
export const bookingCancelled = z.object({ orderId: opaqueId, revision: z.int() });
export const helpView = z.object({
  requestId: opaqueId,
  deviceId,
  sessionId: opaqueId,
  orderId: opaqueId,
  branch: z.string(),
  state: helpState,
  alerts: z.int(),
  takenBy: z.string().nullable(),
  outcome: helpOutcome.nullable(),
  calledAt: time,
  withdrawnAt: maybeTime,
  takenAt: maybeTime,
  closedAt: maybeTime,
  nextAlertAt: maybeTime,
});
export const helpList = z.object({ help: z.array(helpView) });
export const sourceList = z.object({
  sources: z.array(
    z.object({
      name: z.string(),
      adapter: z.string(),
      branch: z.string(),
      watermark: z.string().nullable(),
      fault: z.string().nullable(),
      message: z.string().nullable(),
      pulledAt: maybeTime,
      problems: z.array(z.object({ applicationId: z.string(), fault: z.string(), message: z.string(), at: time })),
    }),
  ),
});
export const pulled = z.record(z.string(), z.int());

export const scorecardView = z.object({
  sessionId: opaqueId,
  orderId: opaqueId,
  deviceId: opaqueId,
  revision: z.int(),
  receivedAt: time,
  expiresAt: time,
  chainVerified: z.boolean(),
  scorecard: z.looseObject({}),
  token: z.string(),
});

const share = z.number().min(0).max(1);
const flags = z.array(
  z.object({
    name: z.string(),
    threshold: share,
    score: share.nullable(),
    interval,
    flag: z.enum(["reached", "unsure", "below", "unknown"]),
  }),
);
/** `by`: the person whose score holds; `machine` is what the machine said. */
const rankInputs = z.array(
  z.object({
    name: z.string(),
    score: share.nullable(),
    interval,
    by: opaqueId.nullable(),
    machine: share.nullable(),
  }),
);
const inRank = z.object({ sessionId: opaqueId, candidateRef: opaqueId, inputs: rankInputs, flags });
/** A proposal: a person confirms it. `small`: fewer than five. `insufficient` stand in no rank. */
export const shortlistView = z.object({
  rubricId: z.string(),
  rubricVersion: z.number(),
  otherVersions: z.int(),
  proposal: z.literal(true),
  formula: z.string(),
  factors: z.array(z.object({ name: z.string(), weight: z.number(), from: z.number(), to: z.number() })),
  share,
  n: z.int(),
  small: z.boolean(),
  ranked: z.array(
    z.object({
      ...inRank.shape,
      score: share,
      interval,
      rank: z.int(),
      shortlisted: z.boolean(),
      indistinct: z.object({ best: z.int(), worst: z.int() }),
      atBorder: z.boolean(),
    }),
  ),
  insufficient: z.array(inRank),
});

export const analyticsQuery = z.strictObject({ format: z.enum(["json", "csv"]).default("json") });
/** Null is withheld, or not known of so few. */
export const analyticsView = z.object({
  floor: z.int(),
  n: z.int().nullable(),
  rubrics: z.array(
    z.object({
      rubricId: z.string(),
      withheld: z.boolean(),
      n: z.int().nullable(),
      mean: share.nullable(),
      interval: interval.nullable(),
      distribution: z
        .array(
          z.object({
            from: share,
            count: z.int().nullable(),
            share: share.nullable(),
            interval: interval.nullable(),
          }),
        )
        .nullable(),
    }),
  ),
});

export const judgementMade = z.object({ judgementId: opaqueId });
export const judgementList = z.object({
  sessionId: opaqueId,
  revision: z.int(),
  standing: z.array(
    z.object({
      of: z.string().nullable(),
      machine: z.number().nullable(),
      holds: z.number().nullable(),
      by: opaqueId.nullable(),
    }),
  ),
  judgements: z.array(
    z.object({
      judgementId: opaqueId,
      sessionId: opaqueId,
      place: z.int(),
      scorecardRevision: z.int(),
      accountId: opaqueId,
      kind: z.enum(["rating", "override"]),
      competency: z.string().nullable(),
      score: z.number(),
      reason: z.string(),
      at: time,
    }),
  ),
});

export const parkedList = z.object({
  parked: z.array(
    z.object({
      eventId: opaqueId,
      deviceId: opaqueId,
      type: z.string(),
      fault: z.string(),
      message: z.string(),
      branch: z.string(),
      receivedAt: time,
    }),
  ),
});
export const replayedEvent = z.object({ eventId: opaqueId, state: z.string() });
/** `receipt` is `deletion` as a compact JWS by centre signing. */
export const deleted = z.object({ receipt: z.string(), deletion: deletionReceipt });
export const deliveryList = z.object({
  deliveries: z.array(
    z.object({
      deliveryId: opaqueId,
      kind: z.string(),
      target: z.string(),
      effectKey: z.string(),
      subject: z.string(),
      branch: z.string(),
      state: z.string(),
      attempts: z.int(),
      fault: z.string().nullable(),
      createdAt: time,
      doneAt: maybeTime,
    }),
  ),
});
export const replayedDelivery = z.object({ deliveryId: opaqueId, state: z.literal("waiting") });
export const auditList = z.object({
  verified: z.boolean(),
  entries: z.array(
    z.object({
      tenantId: opaqueId,
      branch: z.string(),
      seq: z.int(),
      at: time,
      action: z.string(),
      subject: z.string(),
      facts: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
      prev: z.string(),
      hash: z.string(),
    }),
  ),
});

export const signedIn = z.object({ accountId: opaqueId, roles: z.array(role), csrf: z.string() });
/** `csrf` only where a cookie was sent. */
export const whoAsks = z.object({
  tenantId: opaqueId,
  branch: z.string(),
  scopes: z.array(scope),
  accountId: opaqueId.optional(),
  csrf: z.string().optional(),
});
export const accountList = z.object({ accounts: z.array(accountView) });
export const newAccountBody = z.strictObject({
  branch: z.string().default("/"),
  login: z.string(),
  roles: z.array(role).min(1),
  password: z.string(),
});

export const health = z.object({ status: z.literal("up") });
export const readiness = z.object({ ready: z.boolean(), parts: z.record(z.string(), z.boolean()) });
