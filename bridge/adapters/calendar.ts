import type { Agent as PlainAgent } from "node:http";
import type { Agent } from "node:https";
import { isAbsolute, join } from "node:path";
import ical, { ICalCalendarMethod, ICalEventClass, ICalEventStatus } from "ical-generator";
import { z } from "zod";
import { sha256 } from "../../runtime/canonical.ts";
import type { Clock } from "../../runtime/clock.ts";
import { readIfThere, writeDurably } from "../../runtime/durable.ts";
import { type Answer, type Call, post } from "../peer.ts";
import { type Connection, defineAdapter, type Outcome, type Shipment } from "./adapter.ts";
import { missingFolder } from "./file-drop.ts";
import * as http from "./http.ts";
import { type Invitation, invitationOf } from "./invitation.ts";
import { refused } from "./placement.ts";

const caldav = z.strictObject({
  /** A calendar collection (RFC 4791 §4.2), `https://calendar.example/hr/interviews/`. */
  collection: http.targetBase,
  username: z
    .string()
    .min(1)
    .regex(/^[^:]*$/, "a name without a colon (RFC 7617)"),
  password: z.string().min(1),
  authorityPem: http.authorityPem,
});
const icsFolder = z.strictObject({
  /** Must be there, as with file-drop. */
  folder: z.string().refine(isAbsolute, "an absolute path, such as /srv/candor/calendar"),
});
const options = z.union([caldav, icsFolder]);

/** The same for every change of one interview: the effect key without its revision, as a digest. */
export const uidOf = (effectKey: string): string => `${sha256(effectKey.replace(/\/[^/]*$/, "")).slice(0, 40)}@candor`;

const words = {
  "zh-CN": { title: "面试", device: "设备", number: "编号", checkIn: "签到", from: "可签到时间", cancelled: "已取消" },
  en: {
    ...{ title: "Interview", device: "Device", number: "Number", checkIn: "Check-in" },
    ...{ from: "Check-in from", cancelled: "Cancelled" },
  },
} as const;

function describe(one: Invitation): { summary: string; description: string } {
  const word = words[one.language];
  const rows = [
    [word.device, one.deviceId],
    [word.from, one.checkInFrom],
    [word.checkIn, one.checkInUrl],
    [word.number, one.orderId],
  ];
  const title = `${word.title} · ${one.deviceId}`;
  return {
    summary: one.state === "cancelled" ? `${word.cancelled}: ${title}` : title,
    description: rows
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => `${name}: ${value}`)
      .join("\n"),
  };
}

type Writing = { effectKey: string; clock: Clock; asMessage: boolean };

/**
 * iCalendar (RFC 5545) of one interview. A stored calendar object has no METHOD (RFC 4791 §4.1); a file that is
 * imported says PUBLISH or CANCEL (RFC 5546 §3.2).
 */
export function icsOf(one: Invitation, { effectKey, clock, asMessage }: Writing): string {
  const cancelled = one.state === "cancelled";
  const method = cancelled ? ICalCalendarMethod.CANCEL : ICalCalendarMethod.PUBLISH;
  const calendar = ical({
    prodId: { company: "Candor", product: "Candor", language: one.language === "en" ? "EN" : "ZH" },
    ...(asMessage ? { method } : {}),
  });
  const event = calendar.createEvent({
    id: uidOf(effectKey),
    sequence: one.revision,
    stamp: new Date(clock.wall()),
    start: new Date(one.startsAt),
    end: new Date(one.endsAt),
    ...describe(one),
    ...(one.place === undefined ? {} : { location: one.place }),
    ...(one.checkInUrl === undefined ? {} : { url: one.checkInUrl }),
    status: cancelled ? ICalEventStatus.CANCELLED : ICalEventStatus.CONFIRMED,
    class: ICalEventClass.PRIVATE,
  });
  event.x([{ key: "X-CANDOR-EFFECT", value: effectKey }]);
  return `${calendar.toString().trimEnd()}\r\n`;
}

/** SEQUENCE of what stands there; undefined where it is not this interview. */
function sequenceIn(ics: string, uid: string): number | undefined {
  const unfolded = ics.replace(/\r?\n[ \t]/g, "");
  if (!new RegExp(`^UID:${uid}\\r?$`, "m").test(unfolded)) return undefined;
  return Number(/^SEQUENCE:(\d+)\r?$/m.exec(unfolded)?.[1] ?? 0);
}

const foreign = refused("another entry stands in this interview's place: move it away, then replay the delivery");

type Peer = { options: z.output<typeof caldav>; agent: Agent | PlainAgent; clock: Clock };

function asker({ options, agent }: Peer, uid: string, signal: AbortSignal) {
  const { collection, username, password } = options;
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
  const rest: Omit<Call, "body" | "method"> = {
    ...{ url: `${collection}/${encodeURIComponent(uid)}.ics`, agent, limit: http.answerLimit, signal },
  };
  return {
    read: (): Promise<Answer> => post({ ...rest, method: "GET", body: "", headers: { authorization } }),
    put: (body: string, condition: Readonly<Record<string, string>>): Promise<Answer> => {
      const headers = { authorization, "content-type": "text/calendar; charset=utf-8", ...condition };
      return post({ ...rest, method: "PUT", body, headers });
    },
  };
}

const isTaken = ({ status }: Answer): boolean => status === 200 || status === 201 || status === 204;
const changedMeanwhile = 412;

/** New, or in place of an older revision that is still as it was read (RFC 4791 §5.3.2, RFC 9110 §13.1). */
async function put(peer: Peer, { effectKey, body }: Shipment, signal: AbortSignal): Promise<Outcome> {
  const { clock } = peer;
  const one = invitationOf(body);
  const uid = uidOf(effectKey);
  const ics = icsOf(one, { effectKey, clock, asMessage: false });
  const ask = asker(peer, uid, signal);
  const first = await ask.put(ics, { "if-none-match": "*" });
  if (isTaken(first)) return { outcome: "done" };
  if (first.status !== changedMeanwhile) return http.notTaken(first, clock);
  const there = await ask.read();
  if (there.status === 404) return http.again("the entry went away while it was replaced");
  if (there.status !== 200) return http.notTaken(there, clock);
  const sequence = sequenceIn(there.body, uid);
  if (sequence === undefined) return foreign;
  if (sequence >= one.revision) return { outcome: "done" };
  const { etag } = there.headers;
  if (etag === undefined) return refused("the calendar gives no ETag, without which nothing is replaced safely");
  const second = await ask.put(ics, { "if-match": etag });
  if (isTaken(second)) return { outcome: "done" };
  if (second.status === changedMeanwhile) return http.again("the entry was changed while it was replaced");
  return http.notTaken(second, clock);
}

function openCaldav(options: z.output<typeof caldav>, clock: Clock): Connection {
  const agent = http.agentFor(options.collection, options.authorityPem);
  return {
    close: () => agent.destroy(),
    deliver: (shipment, signal) => http.outcomeOf(() => put({ options, agent, clock }, shipment, signal), signal),
  };
}

function openFolder({ folder }: z.output<typeof icsFolder>, clock: Clock): Connection {
  const write = async ({ effectKey, body }: Shipment): Promise<Outcome> => {
    const one = invitationOf(body);
    const missing = await missingFolder(folder);
    if (missing !== undefined) return missing;
    const uid = uidOf(effectKey);
    const path = join(folder, `${uid}.ics`);
    const there = await readIfThere(path);
    const sequence = there === undefined ? 0 : sequenceIn(there, uid);
    if (sequence === undefined) return foreign;
    if (sequence < one.revision) await writeDurably(path, icsOf(one, { effectKey, clock, asMessage: true }));
    return { outcome: "done" };
  };
  return {
    close: () => undefined,
    deliver: (shipment, signal) => http.outcomeOf(() => write(shipment), signal),
  };
}

/** An interview's slot in a calendar, by CalDAV or as a file that a calendar imports. */
export const calendar = defineAdapter({
  name: "calendar",
  summary: "Puts each interview's slot, with device and check-in, into a calendar by CalDAV or as an ICS file",
  guarantee:
    "Keyed upsert: however often an invitation is delivered, one entry of its interview stands there, and an older revision never replaces a newer one.",
  takes: ["invitation"],
  options,
  open: (options, { clock }) => ("collection" in options ? openCaldav(options, clock) : openFolder(options, clock)),
});
