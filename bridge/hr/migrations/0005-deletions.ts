import type { Kysely, Migration } from "kysely";

/** Receipts of deletions, and which orders each took: what comes late of these is not kept. */
export const deletionTables: Migration = {
  up: async (store: Kysely<unknown>) => {
    await store.schema
      .createTable("deletions")
      .addColumn("tenantId", "text", (column) => column.notNull())
      .addColumn("branch", "text", (column) => column.notNull())
      .addColumn("sequence", "integer", (column) => column.primaryKey().autoIncrement())
      .addColumn("deletionId", "text", (column) => column.notNull().unique())
      .addColumn("candidateHash", "text", (column) => column.notNull())
      .addColumn("receipt", "text", (column) => column.notNull())
      .addColumn("at", "integer", (column) => column.notNull())
      .execute();
    await store.schema
      .createIndex("deletions_candidate")
      .on("deletions")
      .columns(["tenantId", "candidateHash"])
      .execute();
    await store.schema
      .createTable("deletedOrders")
      .addColumn("tenantId", "text", (column) => column.notNull())
      .addColumn("branch", "text", (column) => column.notNull())
      .addColumn("orderId", "text", (column) => column.notNull())
      .addColumn("deletionId", "text", (column) => column.notNull())
      .addPrimaryKeyConstraint("deletedOrders_key", ["tenantId", "orderId"])
      .execute();
  },
};
