import type { Kysely, Migration } from "kysely";

/** What people made of an interview, beside what the machine did: appended, never changed. */
export const judgementTables: Migration = {
  up: async (store: Kysely<unknown>) => {
    await store.schema
      .createTable("judgements")
      .addColumn("tenantId", "text", (column) => column.notNull())
      .addColumn("branch", "text", (column) => column.notNull())
      .addColumn("judgementId", "text", (column) => column.notNull().unique())
      .addColumn("sessionId", "text", (column) => column.notNull())
      .addColumn("place", "integer", (column) => column.notNull())
      .addColumn("scorecardRevision", "integer", (column) => column.notNull())
      .addColumn("accountId", "text", (column) => column.notNull())
      .addColumn("kind", "text", (column) => column.notNull())
      .addColumn("competency", "text")
      .addColumn("score", "real", (column) => column.notNull())
      .addColumn("reason", "text", (column) => column.notNull())
      .addColumn("at", "integer", (column) => column.notNull())
      .addPrimaryKeyConstraint("judgements_key", ["tenantId", "sessionId", "place"])
      .execute();
  },
};
