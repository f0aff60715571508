import type { Agent } from "node:https";
import { envelope } from "../../contracts/envelope.ts";
import { Fault } from "../../contracts/fault.ts";
import { seconds } from "../../contracts/units.ts";
import type { Clock } from "../../runtime/clock.ts";
import { parseJson } from "../../runtime/parse.ts";
import { type Again, listed, type Queue } from "../dispatch.ts";
import { type ForwardedAnswer, type ForwardedEvent, forwardedAnswer, internalPaths } from "../internal.ts";
import { type Answer, post, retryAfter } from "../peer.ts";
import type { EventName, Receipts } from "./receipts.ts";
import type { RelayStore, RelayWrite } from "./store.ts";

export type ForwardJob = EventName & { sequence: number; attempts: number };
export type ForwardOptions = {
  store: RelayStore;
  write: RelayWrite;
  hrUrl: string;
  agent: Agent;
  receipts: Receipts;
  clock: Clock;
};

/** hr answers within its own disk's time; longer means it hangs. */
const answerLimit = seconds(15);

export function forwardQueue(store: RelayStore): Queue<ForwardJob> {
  return {
    due: ({ now, limit, except }) =>
      store
        .selectFrom("forwards")
        .select(["sequence", "tenantId", "deviceId", "eventId", "attempts"])
        .where("notBefore", "<=", now)
        .where("sequence", "not in", listed(except))
        .orderBy("sequence")
        .limit(limit)
        .execute(),
    nextDue: async (except) => {
      const waiting = store.selectFrom("forwards").where("sequence", "not in", listed(except));
      return (await waiting.select((row) => row.fn.min("notBefore").as("due")).executeTakeFirst())?.due ?? undefined;
    },
    postpone: async (job, { fault, notBefore }) => {
      const outcome = { attempts: job.attempts + 1, notBefore, fault: fault.code };
      await store.updateTable("forwards").set(outcome).where("sequence", "=", job.sequence).execute();
    },
  };
}

/** Hands one event to hr and its signed answer to the device. What hr refuses stays here and is tried again, slowly. */
export async function forward(job: ForwardJob, use: ForwardOptions, signal: AbortSignal): Promise<Again | undefined> {
  const { store, write, hrUrl, agent, receipts, clock } = use;
  const kept = await store
    .selectFrom("inbox")
    .select(["envelope", "receivedAt"])
    .where("tenantId", "=", job.tenantId)
    .where("deviceId", "=", job.deviceId)
    .where("eventId", "=", job.eventId)
    .executeTakeFirst();
  if (kept === undefined || kept.envelope === null) {
    await store.deleteFrom("forwards").where("sequence", "=", job.sequence).execute();
    return undefined;
  }
  const message = parseJson(envelope, kept.envelope, { what: "a stored event" });
  const body = JSON.stringify({ envelope: message, receivedAt: kept.receivedAt } satisfies ForwardedEvent);
  const answer = await post({ url: `${hrUrl}${internalPaths.events}`, body, agent, limit: answerLimit, signal });
  if (answer.status !== 200) return refusal(answer, clock);
  const decided = parseJson(forwardedAnswer, answer.body, { what: "hr's answer" });
  await note(write, job, decided);
  await receipts.pass(job, decided.receipt);
  return undefined;
}

function refusal(answer: Answer, clock: Clock): Again {
  const again = new Fault("peer.refused", `hr answered ${answer.status}: its log says why`, {
    cause: answer.body.slice(0, 500),
  });
  const afterMillis = retryAfter(answer.headers, clock);
  return afterMillis === undefined ? { again } : { again, afterMillis };
}

/** hr has it: relay keeps the answer for duplicates and lets go of the content. */
async function note(write: RelayWrite, job: ForwardJob, { state, receipt }: ForwardedAnswer): Promise<void> {
  await write(async (within) => {
    await within
      .updateTable("inbox")
      .set({ state, receipt, envelope: null })
      .where("tenantId", "=", job.tenantId)
      .where("deviceId", "=", job.deviceId)
      .where("eventId", "=", job.eventId)
      .execute();
    await within.deleteFrom("forwards").where("sequence", "=", job.sequence).execute();
  });
}
