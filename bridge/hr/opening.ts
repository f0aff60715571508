import { z } from "zod";
import { strictly } from "../../contracts/strictly.ts";
import { days, type EpochMillis, minutes } from "../../contracts/units.ts";

/** Slots begin and end on these marks, so that a device's time can be held in cells of this length. */
export const cellLength = minutes(5);

const isZone = (name: string): boolean => {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    // A RangeError says that the name is of no zone, which is what the caller asks.
    return false;
  }
};
const onMark = z
  .string()
  .regex(/^(?:(?:[01]\d|2[0-3]):[0-5][05]|24:00)$/, "a time such as 09:00 or 24:00, on a mark of five minutes");

/** When a device takes candidates, in the time of its place, and how long a slot is. */
export const openingHours = strictly(
  z.object({
    /** A name of the IANA time zone database. */
    timeZone: z.string().refine(isZone, "a time zone such as Asia/Shanghai"),
    slotMinutes: z.int().min(5).max(480).multipleOf(5),
    /** `days`: 1 is Monday, 7 Sunday. */
    weekly: z
      .array(
        z
          .object({ days: z.array(z.int().min(1).max(7)).min(1), from: onMark, to: onMark })
          .refine(({ from, to }) => from < to, "`from` is not before `to`"),
      )
      .min(1),
    /** Days without slots. */
    closed: z.array(z.iso.date()).default([]),
    /** How long before the slot the candidate may check in. */
    earlyMinutes: z.int().min(0).max(60).default(10),
  }),
);
export type OpeningHours = z.infer<typeof openingHours>;
export type Slot = { startsAt: EpochMillis; endsAt: EpochMillis };

/** How far the zone's clock is ahead of UTC then, in milliseconds. */
function offsetAt(zone: string, at: EpochMillis): number {
  const parts = new Intl.DateTimeFormat("en", { timeZone: zone, timeZoneName: "longOffset" }).formatToParts(at);
  const name = parts.find(({ type }) => type === "timeZoneName")?.value ?? "GMT";
  const [, sign, hour, minute] = /GMT([+-])(\d{2}):(\d{2})/u.exec(name) ?? [];
  if (sign === undefined) return 0;
  return (sign === "-" ? -1 : 1) * minutes(Number(hour) * 60 + Number(minute));
}

/** The moment of a local day and time. */
function momentOf(day: EpochMillis, time: string, zone: string): EpochMillis {
  const [hour = 0, minute = 0] = time.split(":").map(Number);
  const asUtc = day + minutes(hour * 60 + minute);
  // The offset of a moment that is near, then of the moment itself: they differ on days when clocks change.
  return asUtc - offsetAt(zone, asUtc - offsetAt(zone, asUtc));
}

/** Pure: the slots that begin in `from` up to, and without, `until`, in order. */
export function slotsBetween(hours: OpeningHours, from: EpochMillis, until: EpochMillis): Slot[] {
  const { timeZone, slotMinutes, weekly, closed } = hours;
  const length = minutes(slotMinutes);
  const slots = new Map<EpochMillis, Slot>();
  const first = Math.floor(from / days(1)) * days(1) - days(1);
  for (let day = first; day <= until + days(1); day += days(1)) {
    const date = new Date(day);
    if (closed.includes(date.toISOString().slice(0, 10))) continue;
    const weekday = date.getUTCDay() || 7;
    for (const span of weekly.filter((one) => one.days.includes(weekday))) {
      const end = momentOf(day, span.to, timeZone);
      for (let at = momentOf(day, span.from, timeZone); at + length <= end; at += length)
        if (at >= from && at < until) slots.set(at, { startsAt: at, endsAt: at + length });
    }
  }
  return [...slots.values()].toSorted((a, b) => a.startsAt - b.startsAt);
}
