import { sql } from "kysely";
import t from "tap";
import { hrMigrations } from "./hr/migrations/list.ts";
import { benchPassword, startPostgres } from "./postgres-bench.ts";
import { relayMigrations } from "./relay/migrations/list.ts";
import type { RelayTables } from "./relay/store.ts";
import { groupWrites, openStore } from "./store.ts";

const postgres = await startPostgres();
t.teardown(() => postgres.stop());

t.test("makes both schemas, and names a store of a newer release without its address", async (t) => {
  const path = await postgres.create();
  const hr = await openStore({ path, migrations: hrMigrations });
  await hr.destroy();
  await (await openStore({ path, migrations: hrMigrations })).destroy();
  const refused = await openStore({ path, migrations: {} }).catch((error: unknown) => error);
  t.match(refused, { code: "storage.newer" });
  t.notMatch(String(refused), benchPassword);
  await t.rejects(openStore({ path: postgres.address("store1", "nobody"), migrations: {} }), { code: "key.missing" });
  for (const address of [postgres.address("no-such-store"), "postgres://candor:secret@127.0.0.1:1/candor"]) {
    const absent = await openStore({ path: address, migrations: {} }).catch((error: unknown) => error);
    t.match(absent, { code: "peer.unreachable", message: /3D000|ECONNREFUSED/ });
    t.notMatch(String(absent), /secret/);
  }
});

t.test("numbers rows, repeats a write that lost against another, outlives its connections", async (t) => {
  const path = await postgres.create();
  const store = await openStore<RelayTables>({ path, migrations: relayMigrations });
  const write = groupWrites(store);
  let tries = 0;
  const owned = { tenantId: "t", branch: "/", deviceId: "d", attempts: 0, fault: null };
  await write(async (within) => {
    tries += 1;
    await within
      .insertInto("forwards")
      .values({ ...owned, eventId: "e", notBefore: 1_800_000_000_000 })
      .execute();
    if (tries === 1) await sql`do $$ begin raise exception using errcode = '40001'; end $$`.execute(within);
  });
  const other = await openStore<RelayTables>({ path, migrations: relayMigrations });
  await sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`.execute(
    other,
  );
  await other.destroy();
  // The broken connection fails at most the reads that hold it, and is replaced.
  const read = () => store.selectFrom("forwards").selectAll().execute();
  const rows = await read()
    .catch(() => read())
    .catch(() => read());
  t.match(rows, [{ sequence: Number, notBefore: 1_800_000_000_000 }]);
  t.equal(rows.length, 1);
  t.equal(tries, 2);
  const spoilt = { ...owned, eventId: "Marker-Quux", notBefore: sql<number>`null` };
  const refused = await store
    .insertInto("forwards")
    .values(spoilt)
    .execute()
    .catch((error: unknown) => error);
  t.match(refused, { code: "23502" });
  t.notMatch(JSON.stringify([String(refused), refused]), "Marker-Quux");
  await store.destroy();
});
