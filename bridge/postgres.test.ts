import { execFileSync } from "node:child_process";
import { chmod, chown, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import t from "tap";
import { hrMigrations } from "./hr/migrations/list.ts";
import { relayMigrations } from "./relay/migrations/list.ts";
import type { RelayTables } from "./relay/store.ts";
import { groupWrites, openStore } from "./store.ts";

// PostgreSQL refuses root.
const asRoot = process.getuid?.() === 0;
const run = (program: string, ...words: string[]): void => {
  const as = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"];
  const [first = program, ...rest] = [...(asRoot ? as : []), program, ...words];
  execFileSync(first, rest, { cwd: "/", stdio: "ignore" });
};
const [version = "15"] = (await readdir("/usr/lib/postgresql")).sort().reverse();
const binary = (name: string): string => `/usr/lib/postgresql/${version}/bin/${name}`;
const folder = await mkdtemp(join(tmpdir(), "candor-pg-"));
await chmod(folder, 0o700);
if (asRoot) {
  const id = Number(execFileSync("id", ["-u", "postgres"]).toString());
  await chown(folder, id, Number(execFileSync("id", ["-g", "postgres"]).toString()));
}
const data = join(folder, "data");
run(binary("initdb"), "-D", data, "-U", "candor", "-A", "trust", "--no-sync");
run(
  binary("pg_ctl"),
  "-D",
  data,
  "-w",
  "-l",
  join(folder, "log"),
  "-o",
  `-k ${folder} -c listen_addresses=''`,
  "start",
);
t.teardown(async () => {
  run(binary("pg_ctl"), "-D", data, "-m", "immediate", "stop");
  await rm(folder, { recursive: true, force: true });
});
const address = (database: string, user = "candor"): string =>
  `postgres://${user}:markersecret@/${database}?host=${encodeURIComponent(folder)}`;
run(binary("createdb"), "-h", folder, "-U", "candor", "relay");
run(binary("createdb"), "-h", folder, "-U", "candor", "hr");

t.test("makes both schemas, and names a store of a newer release without its address", async (t) => {
  const hr = await openStore({ path: address("hr"), migrations: hrMigrations });
  await hr.destroy();
  await (await openStore({ path: address("hr"), migrations: hrMigrations })).destroy();
  const refused = await openStore({ path: address("hr"), migrations: {} }).catch((error: unknown) => error);
  t.match(refused, { code: "storage.newer" });
  t.notMatch(String(refused), /markersecret/);
  await t.rejects(openStore({ path: address("hr", "nobody"), migrations: {} }), { code: "key.missing" });
});

t.test("numbers rows, repeats a write that lost against another, outlives its connections", async (t) => {
  const store = await openStore<RelayTables>({ path: address("relay"), migrations: relayMigrations });
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
  const other = await openStore<RelayTables>({ path: address("relay"), migrations: relayMigrations });
  await sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = 'relay' and pid <> pg_backend_pid()`.execute(
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
  await store.destroy();
});
