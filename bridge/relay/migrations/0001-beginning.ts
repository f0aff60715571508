import type { Kysely, Migration } from "kysely";

/** Every table carries tenant and branch. Times are epoch milliseconds by the centre's clock. */
export const beginning: Migration = {
  up: async (store: Kysely<unknown>) => {
    await store.schema
      .createTable("devices")
      .addColumn("tenantId", "text", (column) => column.notNull())
      .addColumn("branch", "text", (column) => column.notNull())
      .addColumn("deviceId", "text", (column) => column.notNull())
      .addColumn("bornAt", "integer")
      .addColumn("health", "text")
      .addColumn("healthAt", "integer")
      .addPrimaryKeyConstraint("devices_key", ["tenantId", "deviceId"])
      .execute();
    await store.schema
      .createTable("inbox")
      .addColumn("tenantId", "text", (column) => column.notNull())
      .addColumn("branch", "text", (column) => column.notNull())
      .addColumn("deviceId", "text", (column) => column.notNull())
      .addColumn("eventId", "text", (column) => column.notNull())
      .addColumn("type", "text", (column) => column.notNull())
      .addColumn("envelope", "text")
      .addColumn("receivedAt", "integer", (column) => column.notNull())
      .addColumn("state", "text", (column) => column.notNull())
      .addColumn("receipt", "text")
      .addPrimaryKeyConstraint("inbox_key", ["tenantId", "deviceId", "eventId"])
      .execute();
    await store.schema
      .createTable("forwards")
      .addColumn("sequence", "integer", (column) => column.primaryKey().autoIncrement())
      .addColumn("tenantId", "text", (column) => column.notNull())
      .addColumn("branch", "text", (column) => column.notNull())
      .addColumn("deviceId", "text", (column) => column.notNull())
      .addColumn("eventId", "text", (column) => column.notNull())
      .addColumn("attempts", "integer", (column) => column.notNull())
      .addColumn("notBefore", "integer", (column) => column.notNull())
      .addColumn("fault", "text")
      .execute();
    await store.schema
      .createTable("downs")
      .addColumn("sequence", "integer", (column) => column.primaryKey().autoIncrement())
      .addColumn("tenantId", "text", (column) => column.notNull())
      .addColumn("branch", "text", (column) => column.notNull())
      .addColumn("deviceId", "text", (column) => column.notNull())
      .addColumn("eventId", "text", (column) => column.notNull())
      .addColumn("orderId", "text", (column) => column.notNull())
      .addColumn("revision", "integer", (column) => column.notNull())
      .addColumn("envelope", "text", (column) => column.notNull())
      .addColumn("state", "text", (column) => column.notNull())
      .addColumn("storedAt", "integer", (column) => column.notNull())
      .addColumn("expiresAt", "integer", (column) => column.notNull())
      .addColumn("attempts", "integer", (column) => column.notNull())
      .addColumn("notBefore", "integer", (column) => column.notNull())
      .addColumn("fault", "text")
      .addUniqueConstraint("downs_event", ["tenantId", "eventId"])
      .execute();
    await store.schema.createIndex("downs_due").on("downs").columns(["state", "notBefore"]).execute();
    await store.schema.createIndex("forwards_due").on("forwards").columns(["notBefore"]).execute();
  },
};
