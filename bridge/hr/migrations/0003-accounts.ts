import type { Kysely, Migration } from "kysely";

/** People who sign in, their sign-ins, identity providers, browsers that are at one, and failed tries by the hash of the name. Times are epoch milliseconds. */
export const accountTables: Migration = {
  up: async (store: Kysely<unknown>) => {
    await store.schema
      .createTable("accounts")
      .addColumn("tenantId", "text", (column) => column.notNull())
      .addColumn("branch", "text", (column) => column.notNull())
      .addColumn("accountId", "text", (column) => column.primaryKey())
      .addColumn("login", "text", (column) => column.notNull())
      .addColumn("roles", "text", (column) => column.notNull())
      .addColumn("passwordHash", "text")
      .addColumn("createdAt", "integer", (column) => column.notNull())
      .addColumn("disabledAt", "integer")
      .addUniqueConstraint("accounts_login", ["tenantId", "login"])
      .execute();
    await store.schema
      .createTable("signIns")
      .addColumn("tenantId", "text", (column) => column.notNull())
      .addColumn("branch", "text", (column) => column.notNull())
      .addColumn("accountId", "text", (column) => column.notNull())
      .addColumn("secretHash", "text", (column) => column.primaryKey())
      .addColumn("createdAt", "integer", (column) => column.notNull())
      .addColumn("expiresAt", "integer", (column) => column.notNull())
      .execute();
    await store.schema
      .createTable("signInTries")
      .addColumn("tenantId", "text", (column) => column.notNull())
      .addColumn("branch", "text", (column) => column.notNull())
      .addColumn("nameHash", "text", (column) => column.primaryKey())
      .addColumn("failures", "integer", (column) => column.notNull())
      .addColumn("triedAt", "integer", (column) => column.notNull())
      .execute();
    await store.schema
      .createTable("providers")
      .addColumn("tenantId", "text", (column) => column.primaryKey())
      .addColumn("branch", "text", (column) => column.notNull())
      .addColumn("settings", "text", (column) => column.notNull())
      .addColumn("createdAt", "integer", (column) => column.notNull())
      .execute();
    await store.schema
      .createTable("signInFlows")
      .addColumn("tenantId", "text", (column) => column.notNull())
      .addColumn("branch", "text", (column) => column.notNull())
      .addColumn("secretHash", "text", (column) => column.primaryKey())
      .addColumn("verifier", "text", (column) => column.notNull())
      .addColumn("state", "text", (column) => column.notNull())
      .addColumn("nonce", "text", (column) => column.notNull())
      .addColumn("expiresAt", "integer", (column) => column.notNull())
      .execute();
  },
};
