import { z } from "zod";
import { Fault } from "../../contracts/fault.ts";
import { seconds } from "../../contracts/units.ts";
import { timestamp } from "../../runtime/clock.ts";
import { type Answer, post, retryAfter } from "../peer.ts";
import { answered, Ended, type KeptToken } from "./http.ts";
import { defineSource, type PulledApplication, type PulledPage, type SourceConnection } from "./source.ts";
import { type AccountPeer, account, callOf, openAccount } from "./successfactors.ts";

const options = z.strictObject({
  ...account,
  /** Further condition on JobApplication, such as `appStatusSetItemId eq '45'`: without it every application is an order. */
  filter: z.string().min(1).optional(),
  /** Under this name ids stand among an order's external references. */
  system: z.string().min(1).default("successfactors"),
  /** Asked about again before the watermark: a record is stamped before it can be read. */
  overlapSeconds: z.int().min(0).max(3600).default(60),
  /** Records in an answer; SuccessFactors gives at most 1,000. */
  pageSize: z.int().min(1).max(1000).default(200),
});
type Options = z.output<typeof options>;
type Peer = AccountPeer & { options: Options };

const number = z.union([z.string(), z.number()]).transform(String).pipe(z.string().regex(/^\d+$/));
/** `/Date(1492098664000+0000)/` (OData V2, "Primitive Data Types"). */
const odataDate = z.string().transform((text, context) => {
  const [, millis] = /^\/Date\((-?\d+)(?:[+-]\d{4})?\)\/$/.exec(text) ?? [];
  if (millis !== undefined) return Number(millis);
  context.addIssue({ code: "custom", message: "no date of OData" });
  return z.NEVER;
});
const record = z.looseObject({
  applicationId: number,
  candidateId: number,
  jobReqId: number,
  firstName: z.string().nullish(),
  lastName: z.string().nullish(),
  lastModifiedDateTime: odataDate,
});
type Record = z.output<typeof record>;
const answer = z.looseObject({ d: z.looseObject({ results: z.array(record), __next: z.string().optional() }) });

const columns = ["applicationId", "candidateId", "jobReqId", "firstName", "lastName", "lastModifiedDateTime"];

/** Chinese names stand without a blank, the family's first. */
function nameOf({ firstName, lastName, applicationId }: Record): string {
  const [first, last] = [firstName?.trim() ?? "", lastName?.trim() ?? ""];
  const name = /\p{Script=Han}/u.test(last + first) ? `${last}${first}` : `${first} ${last}`.trim();
  return (name === "" ? applicationId : name).slice(0, 200);
}

const applicationOf = (one: Record, system: string): PulledApplication => ({
  applicationId: one.applicationId,
  name: nameOf(one),
  requisition: { system, type: "requisition", id: one.jobReqId },
  candidate: [{ system, type: "candidate", id: one.candidateId }],
  external: [{ system, type: "application", id: one.applicationId }],
});

/** @throws Fault delivery.failed for what may pass, delivery.refused with what a person can do */
function refuse({ options, clock }: Peer, given: Answer): never {
  const wait = retryAfter(given.headers, clock);
  if (given.status === 429 || given.status >= 500)
    throw new Fault(
      "delivery.failed",
      `SuccessFactors answered ${given.status}${wait === undefined ? "" : `, to be asked again in ${Math.ceil(wait / 1000)} s`}`,
    );
  throw new Fault(
    "delivery.refused",
    `SuccessFactors answered ${given.status} to a query of JobApplication: check ${options.filter === undefined ? "" : "`filter` and "}that ${options.userId} may read it`,
  );
}

type Query = { filter: string | undefined; skip: number; signal: AbortSignal };
type Found = { records: Record[]; more: boolean };

async function ask(peer: Peer, token: string, { filter, skip, signal }: Query): Promise<Found | undefined> {
  const { pageSize } = peer.options;
  const query = new URLSearchParams({
    $format: "json",
    $select: columns.join(","),
    $orderby: "lastModifiedDateTime,applicationId",
    $top: String(pageSize),
    ...(skip === 0 ? {} : { $skip: String(skip) }),
    ...(filter === undefined ? {} : { $filter: filter }),
  });
  const headers = { authorization: `Bearer ${token}`, accept: "application/json" };
  const call = callOf(peer, `/odata/v2/JobApplication?${query}`, signal);
  const given = await post({ ...call, method: "GET", body: "", headers });
  if (given.status === 401) return undefined;
  if (given.status !== 200) refuse(peer, given);
  const { results, __next } = answered(answer, given, "SuccessFactors").d;
  return { records: results, more: __next !== undefined || results.length >= pageSize };
}

/** Where a page ended: the time of its last record, and how many of that time were read where it filled a whole page. */
const mark = z.object({ since: z.number(), skip: z.number().default(0) });
type Mark = z.output<typeof mark>;

function filterOf({ filter }: Options, since: number | undefined): string | undefined {
  const changed = since === undefined ? undefined : `lastModifiedDateTime ge datetimeoffset'${timestamp(since)}'`;
  if (filter === undefined) return changed;
  return changed === undefined ? filter : `${changed} and (${filter})`;
}

/**
 * The page behind a watermark. It goes on by time, not by counting: a record that changes meanwhile moves to the end, and
 * counting would step over its neighbour. Only records of one moment are counted.
 */
async function pageAfter(
  peer: Peer,
  { token, before, signal }: { token: KeptToken; before: Mark | undefined; signal: AbortSignal },
): Promise<PulledPage> {
  const { options } = peer;
  const skip = before?.skip ?? 0;
  const filter = filterOf(options, before?.since);
  const found = await token.with((value) => ask(peer, value, { filter, skip, signal }));
  const applications = found.records.map((one) => applicationOf(one, options.system));
  const last = found.records.at(-1)?.lastModifiedDateTime;
  if (last === undefined)
    return {
      applications,
      more: false,
      watermark: before === undefined ? null : JSON.stringify({ since: before.since }),
    };
  const stuck = last === before?.since;
  const next: Mark = { since: last, skip: stuck ? skip + found.records.length : 0 };
  return {
    applications,
    more: found.more,
    watermark: JSON.stringify(found.more ? next : { since: last - seconds(options.overlapSeconds) }),
  };
}

/** A fault also where the token was refused. */
async function plainly<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Ended && error.outcome.outcome !== "done") throw error.outcome.fault;
    throw error;
  }
}

const atOnce = 50;

/** Job applications by OData v2, by the time of their last change. */
export const successFactorsApplications = defineSource({
  name: "successfactors",
  summary: "Pulls job applications from SAP SuccessFactors by OData v2",
  options,
  open: (options, { clock }): SourceConnection => {
    const { peer, token, close } = openAccount(options, clock);
    return {
      close,
      changedSince: (watermark, signal) =>
        plainly(() => {
          const before = watermark === null ? undefined : mark.parse(JSON.parse(watermark));
          return pageAfter(peer, { token, before, signal });
        }),
      named: (ids, signal) =>
        plainly(async () => {
          const found: PulledApplication[] = [];
          const step = Math.min(atOnce, options.pageSize);
          for (let at = 0; at < ids.length; at += step) {
            const some = ids.slice(at, at + step);
            const filter = filterOf(options, undefined);
            const named = some.map((id) => `applicationId eq ${id}L`).join(" or ");
            const query = { filter: filter === undefined ? named : `(${named}) and (${filter})`, skip: 0, signal };
            const { records } = await token.with((value) => ask(peer, value, query));
            found.push(...records.map((one) => applicationOf(one, options.system)));
          }
          return found;
        }),
    };
  },
});
