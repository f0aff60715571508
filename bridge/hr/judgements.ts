import { randomUUID } from "node:crypto";
import { decodeJwt } from "jose";
import { z } from "zod";
import { Fault } from "../../contracts/fault.ts";
import { localId } from "../../contracts/ids.ts";
import { scorecard } from "../../contracts/scorecard.ts";
import { type Clock, timestamp } from "../../runtime/clock.ts";
import { parse } from "../../runtime/parse.ts";
import type { Caller } from "./access.ts";
import { record } from "./audit.ts";
import { newestScorecard } from "./scorecards.ts";
import { type HrStore, type HrTables, ofBranch } from "./store.ts";

/**
 * `rating`: a person's own, 1 to 5, beside the machine's. `override`: what holds instead of the machine's score (0 to 1) of
 * the whole or of one competency; it says why. Neither touches the scorecard.
 */
export const judgementBody = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("rating"),
    score: z.int().min(1).max(5),
    competency: localId.optional(),
    reason: z.string().max(4000).default(""),
  }),
  z.strictObject({
    kind: z.literal("override"),
    score: z.number().min(0).max(1),
    competency: localId.optional(),
    reason: z.string().trim().min(1, "say why").max(4000),
  }),
]);

type Row = HrTables["judgements"];
/** `of` is a competency, or null for the whole. `by` is an accountId, or null for the machine. */
export type Standing = { of: string | null; machine: number | null; holds: number | null; by: string | null };

/** Pure: what holds now for the whole and for each competency: the newest override, or else the machine's. */
export function standingOf(
  machine: readonly { of: string | null; score: number | null }[],
  judgements: readonly Pick<Row, "kind" | "competency" | "score" | "accountId">[],
): Standing[] {
  return machine.map(({ of, score }) => {
    const newest = judgements.findLast(({ kind, competency }) => kind === "override" && competency === of);
    return { of, machine: score, holds: newest?.score ?? score, by: newest?.accountId ?? null };
  });
}

async function newestCard(store: HrStore, caller: Caller, sessionId: string) {
  const row = await newestScorecard(store, caller, sessionId);
  const { score } = parse(scorecard, decodeJwt(row.token), { what: "a stored scorecard", otherwise: "internal" });
  const machine = [
    { of: null, score: score?.total ?? null },
    ...(score?.competencies ?? []).map((one) => ({ of: one.competency, score: one.score })),
  ];
  return { branch: row.branch, revision: row.revision, machine };
}

/** Adds a person's judgement. @throws Fault token.scope where no person asks, event.unknown, use.invalid */
export async function addJudgement(
  { store, clock }: { store: HrStore; clock: Clock },
  caller: Caller,
  { sessionId, body }: { sessionId: string; body: unknown },
): Promise<{ judgementId: string }> {
  const { tenantId, accountId } = caller;
  const { branch, revision, machine } = await newestCard(store, caller, sessionId);
  if (accountId === undefined)
    throw new Fault("token.scope", "a person judges a person: sign in, a token cannot do this");
  const asked = parse(judgementBody, body, { what: "the judgement", otherwise: "use.invalid" });
  const { kind, score, reason, competency = null } = asked;
  if (!machine.some(({ of }) => of === competency))
    throw new Fault("use.invalid", "the scorecard has no such competency", { field: "competency" });
  const [judgementId, at] = [randomUUID(), clock.wall()];
  const row = { tenantId, branch, judgementId, sessionId, scorecardRevision: revision, accountId, competency, at };
  await store.transaction().execute(async (within) => {
    const last = await within
      .selectFrom("judgements")
      .select((of) => of.fn.max("place").as("place"))
      .where("tenantId", "=", tenantId)
      .where("sessionId", "=", sessionId)
      .executeTakeFirst();
    await within
      .insertInto("judgements")
      .values({ ...row, place: (last?.place ?? 0) + 1, kind, score, reason })
      .execute();
    const facts = { judgementId, accountId, revision, competency, score };
    const action = kind === "rating" ? "scorecard.rated" : "scorecard.overridden";
    await record(within, { tenantId, branch, at, action, subject: sessionId, facts });
  });
  return { judgementId };
}

/** Why this person stands where they do: what the machine said, what people said and why, what holds. @throws Fault event.unknown */
export async function judgementsOf(store: HrStore, caller: Caller, sessionId: string) {
  const { revision, machine } = await newestCard(store, caller, sessionId);
  const rows = await store
    .selectFrom("judgements")
    .selectAll()
    .where("tenantId", "=", caller.tenantId)
    .where(ofBranch(caller.branch))
    .where("sessionId", "=", sessionId)
    .orderBy("place")
    .execute();
  const judgements = rows.map(({ tenantId: _, branch: __, at, ...row }) => ({ ...row, at: timestamp(at) }));
  return { sessionId, revision, standing: standingOf(machine, rows), judgements };
}
