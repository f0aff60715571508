import { type Generated, type Kysely, type RawBuilder, sql, type Transaction } from "kysely";
import type { OrderState } from "../../contracts/order.ts";
import { fromBase64url } from "../../runtime/seal.ts";
import { centreFiles, type HrKeys } from "../keys.ts";
import { storeAt } from "../postgres.ts";
import { openStore, type Write } from "../store.ts";
import { hrMigrations } from "./migrations/list.ts";

type Owned = { tenantId: string; branch: string };

export type HrTables = IntakeTables & {
  tokens: Owned & { tokenHash: string; scopes: string; label: string; createdAt: number; revokedAt: number | null };
  /** People who sign in; `roles` is JSON of access.ts `role`. */
  accounts: Owned & {
    accountId: string;
    login: string;
    roles: string;
    /** Null for people of an identity provider: no password signs them in. */
    passwordHash: string | null;
    createdAt: number;
    disabledAt: number | null;
  };
  signIns: Owned & { accountId: string; secretHash: string; createdAt: number; expiresAt: number };
  /** A tenant's identity provider; `settings` is JSON of identity.ts `providerSettings`. */
  providers: Owned & { settings: string; createdAt: number };
  /** Browsers that are at an identity provider now. */
  signInFlows: Owned & { secretHash: string; verifier: string; state: string; nonce: string; expiresAt: number };
  /** Failed tries in a row, also of names that have no account. */
  signInTries: Owned & { nameHash: string; failures: number; triedAt: number };
  /** Where a tenant's results go; `settings` is JSON as the adapter's options take it. */
  targets: Owned & { name: string; adapter: string; settings: string; createdAt: number } & {
    /** JSON list of `noticeKind` (notices.ts). */
    wants: Generated<string>;
    /** Who is alerted first when help is called: the lowest. */
    contactRank: Generated<number>;
  };
  /** Hash-chained by tenant: see audit.ts. */
  audit: Owned & {
    seq: number;
    at: number;
    action: string;
    subject: string;
    facts: string;
    prev: string;
    hash: string;
  };
  devices: Owned & { deviceId: string; encryptionKey: string; software: string; board: string; bornAt: number };
  /** The newest revision of each order; `document` is contracts/order.ts `order`, or `erasedDocument`. */
  orders: Owned & {
    orderId: string;
    deviceId: string;
    revision: number;
    contentHash: string;
    document: string;
    state: OrderState;
    /** The event that carries it (or its cancellation) to the device; null while the device is unannounced. */
    eventId: string | null;
    /** `kid` of the device key it is sealed to. */
    sealedTo: string | null;
    sessionId: string | null;
    sessionRevision: number | null;
    issuedAt: number;
    expiresAt: number;
    deliveredAt: number | null;
    startedAt: number | null;
    endedAt: number | null;
    cancelledAt: number | null;
    fault: string | null;
  };
  /** `token` is the device's signed scorecard (compact JWS): what was signed stays provable. */
  scorecards: Owned & {
    sessionId: string;
    revision: number;
    orderId: string;
    deviceId: string;
    eventId: string;
    token: string;
    chainVerified: number;
    receivedAt: number;
    expiresAt: number;
  };
  /** What people made of an interview, beside the machine's scores; see judgements.ts. */
  judgements: Owned & {
    judgementId: string;
    sessionId: string;
    /** 1 for the session's first; the highest is the newest, whatever the clock said. */
    place: number;
    scorecardRevision: number;
    accountId: string;
    kind: "rating" | "override";
    /** Null: the whole. */
    competency: string | null;
    score: number;
    reason: string;
    at: number;
  };
  /** Candidates that were deleted; `receipt` is a compact JWS of contracts/deletion.ts and names nobody. */
  deletions: Owned & {
    sequence: Generated<number>;
    deletionId: string;
    candidateHash: string;
    receipt: string;
    at: number;
  };
  deletedOrders: Owned & { orderId: string; deletionId: string };
  inbox: Owned & {
    deviceId: string;
    eventId: string;
    type: string;
    receivedAt: number;
    state: "accepted" | "parked";
    receipt: string;
  };
  /** What could not be read, as it came. */
  parked: Owned & {
    deviceId: string;
    eventId: string;
    type: string;
    envelope: string;
    state: "parked" | "replayed";
    fault: string;
    message: string;
    receivedAt: number;
    replayedAt: number | null;
  };
  outbox: Owned & {
    sequence: Generated<number>;
    deliveryId: string;
    kind: "order" | "receipt" | "result" | "status" | "start" | "help" | "invitation";
    /** `relay`, or the name of one of the tenant's targets. */
    target: string;
    /** One effect at the target, however often it is tried. */
    effectKey: string;
    /** The order or session it is about. */
    subject: string;
    body: string;
    state: "waiting" | "done" | "dead" | "superseded";
    attempts: number;
    notBefore: number;
    fault: string | null;
    createdAt: number;
    doneAt: number | null;
  };
};

/** Where orders come from, what is told of them, help, bookings. */
type IntakeTables = {
  /** `document`: contracts/vacancy.ts. */
  vacancies: Owned & { vacancyId: string; document: string; changedAt: number };
  /** Which order an application of a source has become, and the hash of what it said then. */
  applications: Owned & { source: string; applicationId: string; orderId: string; contentHash: string };
  sources: Owned & {
    name: string;
    adapter: string;
    settings: string;
    watermark: string | null;
    pulledAt: number | null;
    fault: string | null;
    message: string | null;
  };
  pullProblems: Owned & { source: string; applicationId: string; fault: string; message: string; at: number };
  /** Every status that an order has had, counted up. */
  statuses: Owned & { orderId: string; revision: number; status: string; sessionId: string | null; at: number };
  helpRequests: Owned & {
    sequence: Generated<number>;
    requestId: string;
    deviceId: string;
    sessionId: string;
    orderId: string;
    state: "open" | "withdrawn" | "taken" | "closed";
    /** Tries that failed since the last alert. */
    attempts: number;
    /** Alerts sent so far. */
    alerts: number;
    notBefore: number;
    calledAt: number;
    withdrawnAt: number | null;
    takenAt: number | null;
    takenBy: string | null;
    closedAt: number | null;
    outcome: string | null;
  };
  /** `document`: booking.ts `openingHours`. */
  openingHours: Owned & { deviceId: string; document: string };
  /** `openFrom`, `openUntil`: when the candidate could come before a slot was booked. */
  bookings: Owned & {
    orderId: string;
    bookingId: string;
    deviceId: string;
    startsAt: number;
    endsAt: number;
    openFrom: number | null;
    openUntil: number;
  };
  /** Each five minutes of a device, counted from the epoch, belong to one booking. */
  bookedCells: Owned & { deviceId: string; cell: number; bookingId: string };
};

/** What stands in place of an order's document once its retention has run out: the row stays, the person is gone. */
export const erasedDocument = "";

export type HrStore = Kysely<HrTables>;
export type Within = Transaction<HrTables>;
export type HrWrite = Write<HrTables>;

/**
 * The store at `address`, or else the file of the centre in `directory`, encrypted with the key from its key folder.
 * @throws Fault storage.newer, key.missing, config.invalid
 */
export const openHrStore = (directory: string, keys: HrKeys, address: string | null): Promise<HrStore> =>
  openStore<HrTables>({
    path: storeAt(address, centreFiles(directory).hrStore),
    migrations: hrMigrations,
    key: fromBase64url(keys.storeKey),
  });

/** Rows of `branch` and of the branches below it. */
export const ofBranch = (branch: string): RawBuilder<boolean> =>
  branch === "/"
    ? sql<boolean>`1 = 1`
    : sql<boolean>`("branch" = ${branch} or substr("branch", 1, ${branch.length + 1}) = ${`${branch}/`})`;

/** Is `branch` within `whole`? */
export const isWithin = (branch: string, whole: string): boolean =>
  whole === "/" || branch === whole || branch.startsWith(`${whole}/`);

/** An order of a tenant, whatever its branch and state. */
export const orderOf = (
  store: HrStore | Within,
  { tenantId, orderId }: { tenantId: string; orderId: string },
): Promise<HrTables["orders"] | undefined> =>
  store
    .selectFrom("orders")
    .selectAll()
    .where("tenantId", "=", tenantId)
    .where("orderId", "=", orderId)
    .executeTakeFirst();

/** Was its candidate deleted? What comes late of such an order is not kept. */
export const isDeleted = async (
  store: HrStore | Within,
  { tenantId, orderId }: { tenantId: string; orderId: string },
): Promise<boolean> =>
  (await store
    .selectFrom("deletedOrders")
    .select("deletionId")
    .where("tenantId", "=", tenantId)
    .where("orderId", "=", orderId)
    .executeTakeFirst()) !== undefined;
