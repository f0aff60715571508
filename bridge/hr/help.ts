import { type Selectable, sql } from "kysely";
import { Fault } from "../../contracts/fault.ts";
import { type EpochMillis, type Millis, minutes, seconds } from "../../contracts/units.ts";
import { type Clock, timestamp } from "../../runtime/clock.ts";
import { listed, type Queue, type Waiting } from "../dispatch.ts";
import type { Caller } from "./access.ts";
import { record } from "./audit.ts";
import type { IssueOptions } from "./issue.ts";
import { type Contact, notify, targetsThatWant } from "./notices.ts";
import { erasedDocument, type HrStore, type HrTables, ofBranch, orderOf, type Within } from "./store.ts";

export type HelpRow = Selectable<HrTables["helpRequests"]>;
export const helpType = "candor.help.called.v1";

/** From one alert to the next while nobody takes the request: 30 s, then twice as long each time, at most 10 minutes. */
export const alertWait = (alerts: number): Millis => Math.min(minutes(10), seconds(30) * 2 ** Math.min(alerts - 1, 16));

/** Pure: the first alert goes to the contacts of the lowest rank, each further one to those of one rank more too. */
export function contactsOf(contacts: readonly Contact[], alert: number): Contact[] {
  const ranks = [...new Set(contacts.map(({ contactRank }) => contactRank))].toSorted((a, b) => a - b);
  const highest = ranks[Math.min(alert, ranks.length) - 1];
  return highest === undefined ? [] : contacts.filter(({ contactRank }) => contactRank <= highest);
}

type Request = Pick<HelpRow, "tenantId" | "branch" | "requestId" | "deviceId" | "sessionId" | "orderId" | "calledAt">;

/** Alerts that nobody has got yet: a newer one says the same. */
async function dropWaiting(within: Within, { tenantId, requestId, orderId }: Request, at: EpochMillis): Promise<void> {
  const prefix = `${tenantId}/${requestId}/help/`;
  await within
    .updateTable("outbox")
    .set({ state: "superseded", body: "", doneAt: at })
    .where("tenantId", "=", tenantId)
    .where("subject", "=", orderId)
    .where("kind", "=", "help")
    .where("state", "=", "waiting")
    .where(sql<boolean>`substr("effectKey", 1, ${prefix.length}) = ${prefix}`)
    .execute();
}

/** Puts alert number `alert` of a request on its way. */
export async function alertContacts(
  within: Within,
  request: Request,
  { alert, at, clock }: { alert: number; at: EpochMillis; clock: Clock },
): Promise<void> {
  const { tenantId, branch, requestId, sessionId, orderId, deviceId, calledAt } = request;
  await dropWaiting(within, request, at);
  const order = await orderOf(within, { tenantId, orderId });
  const contacts = await targetsThatWant(within, { tenantId, branch, kind: "help" });
  const notice = {
    kind: "help" as const,
    type: helpType,
    effectKey: `${tenantId}/${requestId}/help/${alert}`,
    at,
    text: {
      "zh-CN": `候选人需要帮助（设备 ${deviceId}）`,
      en: `A candidate needs help (device ${deviceId})`,
    },
    data: { requestId, sessionId, alert, calledAt: timestamp(calledAt) },
  };
  const about = order ?? { tenantId, branch, orderId, deviceId, document: erasedDocument };
  await notify(within, about, { notice, contacts: contactsOf(contacts, alert), clock });
}

export type HelpJob = Waiting & HelpRow;

/** Requests that nobody has taken and whose next alert is due. */
export function helpQueue(store: HrStore): Queue<HelpJob> {
  const open = store.selectFrom("helpRequests").where("state", "=", "open");
  return {
    due: ({ now, limit, except }) =>
      open
        .selectAll()
        .where("notBefore", "<=", now)
        .where("sequence", "not in", listed(except))
        .orderBy("notBefore")
        .limit(limit)
        .execute(),
    nextDue: async (except) => {
      const free = open.where("sequence", "not in", listed(except));
      return (await free.select((row) => row.fn.min("notBefore").as("due")).executeTakeFirst())?.due ?? undefined;
    },
    postpone: async ({ sequence, attempts }, { notBefore }) => {
      await store
        .updateTable("helpRequests")
        .set({ attempts: attempts + 1, notBefore })
        .where("sequence", "=", sequence)
        .execute();
    },
  };
}

/** The next alert of a request that still waits for a person. */
export async function repeatAlert(job: HelpJob, { write, clock }: IssueOptions): Promise<void> {
  await write(async (within) => {
    const at = clock.wall();
    const alert = job.alerts + 1;
    const changed = await within
      .updateTable("helpRequests")
      .set({ alerts: alert, attempts: 0, notBefore: at + alertWait(alert) })
      .where("sequence", "=", job.sequence)
      .where("state", "=", "open")
      .where("alerts", "=", job.alerts)
      .executeTakeFirst();
    if (changed.numUpdatedRows > 0n) await alertContacts(within, job, { alert, at, clock });
  });
}

export async function helpRequestsOf(
  store: HrStore,
  caller: Caller,
  state: HelpRow["state"] | undefined,
): Promise<HelpRow[]> {
  const all = store
    .selectFrom("helpRequests")
    .selectAll()
    .where("tenantId", "=", caller.tenantId)
    .where(ofBranch(caller.branch))
    .orderBy("calledAt", "desc")
    .limit(500);
  return (state === undefined ? all : all.where("state", "=", state)).execute();
}

async function find(within: Within, { tenantId, branch }: Caller, requestId: string): Promise<HelpRow> {
  const row = await within
    .selectFrom("helpRequests")
    .selectAll()
    .where("tenantId", "=", tenantId)
    .where("requestId", "=", requestId)
    .where(ofBranch(branch))
    .executeTakeFirst();
  if (row === undefined) throw new Fault("event.unknown", "there is no such request for help");
  return row;
}

type Using = { caller: Caller; issue: IssueOptions };

/** A person has it: alerts end. The same person again is the same. @throws Fault event.unknown, help.taken */
export async function takeHelp(requestId: string, by: string, { caller, issue }: Using): Promise<HelpRow> {
  const { write, clock } = issue;
  return write(async (within) => {
    const row = await find(within, caller, requestId);
    if (row.takenBy === by) return row;
    if (row.takenBy !== null) throw new Fault("help.taken", "another person has taken this request already");
    const at = clock.wall();
    const change = { state: "taken" as const, takenAt: at, takenBy: by };
    await within.updateTable("helpRequests").set(change).where("sequence", "=", row.sequence).execute();
    await dropWaiting(within, row, at);
    const { tenantId, branch, alerts, calledAt } = row;
    const facts = { by, alerts, waitedMillis: at - calledAt };
    await record(within, { tenantId, branch, at, action: "help.taken", subject: requestId, facts });
    return { ...row, ...change };
  });
}

/** What came of it, so that the share of solved requests can be counted. @throws Fault event.unknown, use.invalid */
export async function closeHelp(
  requestId: string,
  outcome: "solved" | "unsolved",
  { caller, issue }: Using,
): Promise<HelpRow> {
  const { write, clock } = issue;
  return write(async (within) => {
    const row = await find(within, caller, requestId);
    if (row.takenBy === null) throw new Fault("use.invalid", "nobody has taken this request: take it first");
    const at = clock.wall();
    const change = { state: "closed" as const, closedAt: at, outcome };
    await within.updateTable("helpRequests").set(change).where("sequence", "=", row.sequence).execute();
    const { tenantId, branch } = row;
    await record(within, { tenantId, branch, at, action: "help.closed", subject: requestId, facts: { outcome } });
    return { ...row, ...change };
  });
}
