import { z } from "zod";
import { opaqueId, orderId, tenantId } from "../../contracts/ids.ts";
import { language } from "../../contracts/language.ts";
import { parseJson } from "../../runtime/parse.ts";

/** The CloudEvent type of what calendars get. */
export const invitationType = "candor.interview.invitation.v1";

/**
 * An interview's slot at a device, as `data` of its CloudEvent. There is one effect for each change: the effect key is
 * `tenantId/orderId/invitation/revision`. No name, no role, no score: calendars are read by many.
 */
export const invitation = z.looseObject({
  tenantId,
  orderId,
  /** Rises with every change of the slot, also with its cancellation. */
  revision: z.int().positive(),
  state: z.enum(["booked", "cancelled"]),
  language,
  deviceId: opaqueId,
  /** Where the device stands, for people: `一号厂房 2 层`. */
  place: z.string().min(1).max(200).optional(),
  /** RFC 3339. */
  startsAt: z.iso.datetime({ offset: true }),
  endsAt: z.iso.datetime({ offset: true }),
  /** Check-in is possible from here on. */
  checkInFrom: z.iso.datetime({ offset: true }).optional(),
  /** Page that shows the check-in code to who may see it; the code itself is no calendar's business. */
  checkInUrl: z.url({ protocol: /^https$/ }).optional(),
});
export type Invitation = z.output<typeof invitation>;

const invitationEvent = z.looseObject({ type: z.literal(invitationType), data: invitation });

/** @throws Fault message.malformed, also for any other event */
export const invitationOf = (body: string): Invitation =>
  parseJson(invitationEvent, body, { what: "the invitation" }).data;
