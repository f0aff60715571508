import type { CreateTableBuilder, Kysely, Migration } from "kysely";

/** Every table carries tenant and branch. Times are epoch milliseconds by the centre's clock. */
const owned = (store: Kysely<unknown>, name: string): CreateTableBuilder<string, "tenantId" | "branch"> =>
  store.schema
    .createTable(name)
    .addColumn("tenantId", "text", (column) => column.notNull())
    .addColumn("branch", "text", (column) => column.notNull());

async function accessTables(store: Kysely<unknown>): Promise<void> {
  await owned(store, "tokens")
    .addColumn("tokenHash", "text", (column) => column.primaryKey())
    .addColumn("scopes", "text", (column) => column.notNull())
    .addColumn("label", "text", (column) => column.notNull())
    .addColumn("createdAt", "integer", (column) => column.notNull())
    .addColumn("revokedAt", "integer")
    .execute();
  await owned(store, "targets")
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("adapter", "text", (column) => column.notNull())
    .addColumn("settings", "text", (column) => column.notNull())
    .addColumn("createdAt", "integer", (column) => column.notNull())
    .addPrimaryKeyConstraint("targets_key", ["tenantId", "name"])
    .execute();
  await owned(store, "audit")
    .addColumn("seq", "integer", (column) => column.notNull())
    .addColumn("at", "integer", (column) => column.notNull())
    .addColumn("action", "text", (column) => column.notNull())
    .addColumn("subject", "text", (column) => column.notNull())
    .addColumn("facts", "text", (column) => column.notNull())
    .addColumn("prev", "text", (column) => column.notNull())
    .addColumn("hash", "text", (column) => column.notNull())
    .addPrimaryKeyConstraint("audit_key", ["tenantId", "seq"])
    .execute();
}

async function interviewTables(store: Kysely<unknown>): Promise<void> {
  await owned(store, "devices")
    .addColumn("deviceId", "text", (column) => column.notNull())
    .addColumn("encryptionKey", "text", (column) => column.notNull())
    .addColumn("software", "text", (column) => column.notNull())
    .addColumn("board", "text", (column) => column.notNull())
    .addColumn("bornAt", "integer", (column) => column.notNull())
    .addPrimaryKeyConstraint("devices_key", ["tenantId", "deviceId"])
    .execute();
  await owned(store, "orders")
    .addColumn("orderId", "text", (column) => column.notNull())
    .addColumn("deviceId", "text", (column) => column.notNull())
    .addColumn("revision", "integer", (column) => column.notNull())
    .addColumn("contentHash", "text", (column) => column.notNull())
    .addColumn("document", "text", (column) => column.notNull())
    .addColumn("state", "text", (column) => column.notNull())
    .addColumn("eventId", "text")
    .addColumn("sealedTo", "text")
    .addColumn("sessionId", "text")
    .addColumn("sessionRevision", "integer")
    .addColumn("issuedAt", "integer", (column) => column.notNull())
    .addColumn("expiresAt", "integer", (column) => column.notNull())
    .addColumn("deliveredAt", "integer")
    .addColumn("startedAt", "integer")
    .addColumn("endedAt", "integer")
    .addColumn("cancelledAt", "integer")
    .addColumn("fault", "text")
    .addPrimaryKeyConstraint("orders_key", ["tenantId", "orderId"])
    .execute();
  await owned(store, "scorecards")
    .addColumn("sessionId", "text", (column) => column.notNull())
    .addColumn("revision", "integer", (column) => column.notNull())
    .addColumn("orderId", "text", (column) => column.notNull())
    .addColumn("deviceId", "text", (column) => column.notNull())
    .addColumn("eventId", "text", (column) => column.notNull())
    .addColumn("token", "text", (column) => column.notNull())
    .addColumn("chainVerified", "integer", (column) => column.notNull())
    .addColumn("receivedAt", "integer", (column) => column.notNull())
    .addColumn("expiresAt", "integer", (column) => column.notNull())
    .addPrimaryKeyConstraint("scorecards_key", ["tenantId", "sessionId", "revision"])
    .execute();
}

async function queueTables(store: Kysely<unknown>): Promise<void> {
  await owned(store, "inbox")
    .addColumn("deviceId", "text", (column) => column.notNull())
    .addColumn("eventId", "text", (column) => column.notNull())
    .addColumn("type", "text", (column) => column.notNull())
    .addColumn("receivedAt", "integer", (column) => column.notNull())
    .addColumn("state", "text", (column) => column.notNull())
    .addColumn("receipt", "text", (column) => column.notNull())
    .addPrimaryKeyConstraint("inbox_key", ["tenantId", "deviceId", "eventId"])
    .execute();
  await owned(store, "parked")
    .addColumn("deviceId", "text", (column) => column.notNull())
    .addColumn("eventId", "text", (column) => column.notNull())
    .addColumn("type", "text", (column) => column.notNull())
    .addColumn("envelope", "text", (column) => column.notNull())
    .addColumn("state", "text", (column) => column.notNull())
    .addColumn("fault", "text", (column) => column.notNull())
    .addColumn("message", "text", (column) => column.notNull())
    .addColumn("receivedAt", "integer", (column) => column.notNull())
    .addColumn("replayedAt", "integer")
    .addPrimaryKeyConstraint("parked_key", ["tenantId", "deviceId", "eventId"])
    .execute();
  await owned(store, "outbox")
    .addColumn("sequence", "integer", (column) => column.primaryKey().autoIncrement())
    .addColumn("deliveryId", "text", (column) => column.notNull().unique())
    .addColumn("kind", "text", (column) => column.notNull())
    .addColumn("target", "text", (column) => column.notNull())
    .addColumn("effectKey", "text", (column) => column.notNull())
    .addColumn("subject", "text", (column) => column.notNull())
    .addColumn("body", "text", (column) => column.notNull())
    .addColumn("state", "text", (column) => column.notNull())
    .addColumn("attempts", "integer", (column) => column.notNull())
    .addColumn("notBefore", "integer", (column) => column.notNull())
    .addColumn("fault", "text")
    .addColumn("createdAt", "integer", (column) => column.notNull())
    .addColumn("doneAt", "integer")
    .addUniqueConstraint("outbox_effect", ["tenantId", "target", "effectKey"])
    .execute();
  await store.schema.createIndex("outbox_due").on("outbox").columns(["state", "kind", "notBefore"]).execute();
}

export const beginning: Migration = {
  up: async (store: Kysely<unknown>) => {
    await accessTables(store);
    await interviewTables(store);
    await queueTables(store);
  },
};
