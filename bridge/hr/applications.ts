import { Fault } from "../../contracts/fault.ts";
import type { Accommodation, ExternalReference, OrderRequest } from "../../contracts/order.ts";
import { order as orderShape } from "../../contracts/order.ts";
import { days } from "../../contracts/units.ts";
import type { Vacancy } from "../../contracts/vacancy.ts";
import { contentHash, sha256 } from "../../runtime/canonical.ts";
import { timestamp } from "../../runtime/clock.ts";
import { parseJson } from "../../runtime/parse.ts";
import type { Caller } from "./access.ts";
import type { IssueOptions } from "./issue.ts";
import { keepPrepared, type OrderRow, type Prepared, prepareOrder, sendPrepared } from "./orders.ts";
import { bookingOf } from "./slots.ts";
import { erasedDocument, isDeleted, orderOf, type Within } from "./store.ts";

/** One candidate's application for a vacancy, as an upload or an HR system says it. */
export type Application = {
  /** `upload`, or the name of the source it was pulled from. */
  source: string;
  /** The source's own id: the same again is the same order. */
  applicationId: string;
  vacancyId: string;
  vacancy: Vacancy;
  name: string;
  candidate: readonly ExternalReference[];
  external: readonly ExternalReference[];
  language?: OrderRequest["language"] | undefined;
  deviceId?: string | undefined;
  accommodation?: Accommodation | undefined;
  notBefore?: string | undefined;
  expiresAt?: string | undefined;
};

/** `deleted`: its candidate was; nothing of the application is kept. */
export type Taken = { application: Application; contentHash: string; prepared: Prepared; deleted: boolean };

const short = (text: string): string => sha256(text).slice(0, 40);

type Known = { orderId: string; contentHash: string };
const knownOf = (
  store: IssueOptions["store"] | Within,
  { tenantId }: Caller,
  { source, applicationId }: Application,
): Promise<Known | undefined> =>
  store
    .selectFrom("applications")
    .select(["orderId", "contentHash"])
    .where("tenantId", "=", tenantId)
    .where("source", "=", source)
    .where("applicationId", "=", applicationId)
    .executeTakeFirst();

/**
 * From when until when the candidate may come. A slot that was booked holds on where what is said now still allows it;
 * where nothing is said, the times of the order that is there do.
 */
async function timesOf(
  { vacancy, deviceId, notBefore, expiresAt }: Application,
  there: OrderRow | undefined,
  { store, clock }: IssueOptions,
): Promise<Pick<OrderRequest, "notBefore" | "expiresAt">> {
  const kept =
    there === undefined || there.document === erasedDocument
      ? undefined
      : parseJson(orderShape, there.document, { what: "a stored order", otherwise: "internal" });
  const booking = there === undefined ? undefined : await bookingOf(store, there);
  const allows =
    booking !== undefined &&
    (deviceId ?? booking.deviceId) === booking.deviceId &&
    Date.parse(notBefore ?? timestamp(booking.startsAt)) <= booking.startsAt &&
    Date.parse(expiresAt ?? timestamp(booking.endsAt)) >= booking.endsAt;
  const from = allows ? kept?.notBefore : (notBefore ?? kept?.notBefore);
  const until =
    (allows ? kept?.expiresAt : (expiresAt ?? kept?.expiresAt)) ?? timestamp(clock.wall() + days(vacancy.validDays));
  return { ...(from === undefined ? {} : { notBefore: from }), expiresAt: until };
}

/**
 * Checks an application and seals its order; writes nothing. What says the same as the last time is "same", whatever
 * became of its order since, and so is one whose candidate was deleted: HR may go on showing it. @throws Fault order.*, token.scope
 */
export async function prepareApplication(application: Application, caller: Caller, use: IssueOptions): Promise<Taken> {
  const { vacancy, ...own } = application;
  const { source, applicationId, name, candidate, external } = own;
  // Without the vacancy's content: orders that are there stay as they are when it changes.
  const said = contentHash(own);
  const known = await knownOf(use.store, caller, application);
  const orderId = known?.orderId ?? `a-${short(`${caller.tenantId} ${source} ${applicationId}`)}`;
  const there = await orderOf(use.store, { tenantId: caller.tenantId, orderId });
  const deleted = await isDeleted(use.store, { tenantId: caller.tenantId, orderId });
  if (there !== undefined && (deleted || known?.contentHash === said))
    return {
      ...{ application, contentHash: said, deleted },
      prepared: { verdict: "same", summary: { orderId, revision: there.revision, state: there.state } },
    };
  const deviceId = application.deviceId ?? vacancy.deviceId;
  if (deviceId === undefined)
    throw new Fault("order.invalid", "neither the row nor its vacancy names a device", { field: "deviceId" });
  const person = candidate[0]?.id ?? applicationId;
  const request: OrderRequest = {
    orderId,
    deviceId,
    revision: (there?.revision ?? 0) + 1,
    candidate: {
      candidateRef: `c-${short(`${caller.tenantId} ${source} ${person}`)}`,
      name,
      external: [...candidate],
    },
    role: vacancy.role,
    language: application.language ?? vacancy.language,
    rubric: vacancy.rubric,
    policy: vacancy.policy,
    ...(application.accommodation === undefined ? {} : { accommodation: application.accommodation }),
    ...(await timesOf(application, there, use)),
    external: [...external],
    branch: vacancy.branch,
  };
  return { application, contentHash: said, deleted, prepared: await prepareOrder(request, caller, use) };
}

/** Keeps the orders of applications, all or none. */
export async function keepApplications(taken: readonly Taken[], caller: Caller, use: IssueOptions): Promise<void> {
  const { tenantId } = caller;
  await use.store.transaction().execute(async (within) => {
    for (const { application, contentHash: said, prepared } of taken.filter(({ deleted }) => !deleted)) {
      await keepPrepared(within, prepared, use.clock);
      const { source, applicationId, vacancy } = application;
      const row = {
        ...{ tenantId, branch: vacancy.branch, source, applicationId },
        ...{ orderId: prepared.summary.orderId, contentHash: said },
      };
      await within
        .insertInto("applications")
        .values(row)
        .onConflict((conflict) => conflict.columns(["tenantId", "source", "applicationId"]).doUpdateSet(row))
        .execute();
    }
  });
  await sendPrepared(
    taken.map(({ prepared }) => prepared),
    use,
  );
}
