import type { CreateTableBuilder, Kysely, Migration } from "kysely";

/** Every table carries tenant and branch. Times are epoch milliseconds by the centre's clock. */
const owned = (store: Kysely<unknown>, name: string): CreateTableBuilder<string, "tenantId" | "branch"> =>
  store.schema
    .createTable(name)
    .addColumn("tenantId", "text", (column) => column.notNull())
    .addColumn("branch", "text", (column) => column.notNull());

async function orderSources(store: Kysely<unknown>): Promise<void> {
  await owned(store, "vacancies")
    .addColumn("vacancyId", "text", (column) => column.notNull())
    .addColumn("document", "text", (column) => column.notNull())
    .addColumn("changedAt", "integer", (column) => column.notNull())
    .addPrimaryKeyConstraint("vacancies_key", ["tenantId", "vacancyId"])
    .execute();
  await owned(store, "applications")
    .addColumn("source", "text", (column) => column.notNull())
    .addColumn("applicationId", "text", (column) => column.notNull())
    .addColumn("orderId", "text", (column) => column.notNull())
    .addColumn("contentHash", "text", (column) => column.notNull())
    .addPrimaryKeyConstraint("applications_key", ["tenantId", "source", "applicationId"])
    .execute();
  await owned(store, "sources")
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("adapter", "text", (column) => column.notNull())
    .addColumn("settings", "text", (column) => column.notNull())
    .addColumn("watermark", "text")
    .addColumn("pulledAt", "integer")
    .addColumn("fault", "text")
    .addColumn("message", "text")
    .addPrimaryKeyConstraint("sources_key", ["tenantId", "name"])
    .execute();
  await owned(store, "pullProblems")
    .addColumn("source", "text", (column) => column.notNull())
    .addColumn("applicationId", "text", (column) => column.notNull())
    .addColumn("fault", "text", (column) => column.notNull())
    .addColumn("message", "text", (column) => column.notNull())
    .addColumn("at", "integer", (column) => column.notNull())
    .addPrimaryKeyConstraint("pullProblems_key", ["tenantId", "source", "applicationId"])
    .execute();
}

async function noticeTables(store: Kysely<unknown>): Promise<void> {
  await store.schema
    .alterTable("targets")
    .addColumn("wants", "text", (column) => column.notNull().defaultTo('["result"]'))
    .execute();
  await store.schema
    .alterTable("targets")
    .addColumn("contactRank", "integer", (column) => column.notNull().defaultTo(0))
    .execute();
  await owned(store, "statuses")
    .addColumn("orderId", "text", (column) => column.notNull())
    .addColumn("revision", "integer", (column) => column.notNull())
    .addColumn("status", "text", (column) => column.notNull())
    .addColumn("sessionId", "text")
    .addColumn("at", "integer", (column) => column.notNull())
    .addPrimaryKeyConstraint("statuses_key", ["tenantId", "orderId", "revision"])
    .execute();
  await owned(store, "helpRequests")
    .addColumn("sequence", "integer", (column) => column.primaryKey().autoIncrement())
    .addColumn("requestId", "text", (column) => column.notNull())
    .addColumn("deviceId", "text", (column) => column.notNull())
    .addColumn("sessionId", "text", (column) => column.notNull())
    .addColumn("orderId", "text", (column) => column.notNull())
    .addColumn("state", "text", (column) => column.notNull())
    .addColumn("attempts", "integer", (column) => column.notNull())
    .addColumn("alerts", "integer", (column) => column.notNull())
    .addColumn("notBefore", "integer", (column) => column.notNull())
    .addColumn("calledAt", "integer", (column) => column.notNull())
    .addColumn("withdrawnAt", "integer")
    .addColumn("takenAt", "integer")
    .addColumn("takenBy", "text")
    .addColumn("closedAt", "integer")
    .addColumn("outcome", "text")
    .addUniqueConstraint("helpRequests_request", ["tenantId", "requestId"])
    .execute();
  await store.schema.createIndex("outbox_subject").on("outbox").columns(["tenantId", "subject"]).execute();
  await store.schema.createIndex("helpRequests_due").on("helpRequests").columns(["state", "notBefore"]).execute();
}

async function bookingTables(store: Kysely<unknown>): Promise<void> {
  await owned(store, "openingHours")
    .addColumn("deviceId", "text", (column) => column.notNull())
    .addColumn("document", "text", (column) => column.notNull())
    .addPrimaryKeyConstraint("openingHours_key", ["tenantId", "deviceId"])
    .execute();
  await owned(store, "bookings")
    .addColumn("orderId", "text", (column) => column.notNull())
    .addColumn("bookingId", "text", (column) => column.notNull())
    .addColumn("deviceId", "text", (column) => column.notNull())
    .addColumn("startsAt", "integer", (column) => column.notNull())
    .addColumn("endsAt", "integer", (column) => column.notNull())
    .addColumn("openFrom", "integer")
    .addColumn("openUntil", "integer", (column) => column.notNull())
    .addPrimaryKeyConstraint("bookings_key", ["tenantId", "orderId"])
    .execute();
  // A device's time in cells of five minutes: whatever the lengths of slots, two bookings cannot hold the same cell.
  await owned(store, "bookedCells")
    .addColumn("deviceId", "text", (column) => column.notNull())
    .addColumn("cell", "integer", (column) => column.notNull())
    .addColumn("bookingId", "text", (column) => column.notNull())
    .addPrimaryKeyConstraint("bookedCells_key", ["tenantId", "deviceId", "cell"])
    .execute();
  await store.schema.createIndex("bookedCells_booking").on("bookedCells").columns(["tenantId", "bookingId"]).execute();
}

/** Vacancies and where orders come from, what HR is told of, help requests, bookings. */
export const intakeTables: Migration = {
  up: async (store: Kysely<unknown>) => {
    await orderSources(store);
    await noticeTables(store);
    await bookingTables(store);
  },
};
