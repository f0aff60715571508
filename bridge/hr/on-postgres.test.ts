import t from "tap";
import { openHrOn } from "../../cli/bridge/hr-alone.ts";
import { startPostgres } from "../postgres-bench.ts";
import { openStore } from "../store.ts";
import { auditOf, chainHolds, record } from "./audit.ts";
import { hrMigrations } from "./migrations/list.ts";
import type { HrTables } from "./store.ts";

const postgres = await startPostgres();
t.teardown(() => postgres.stop());

t.test("two processes on one database append to one chain, without a gap", async (t) => {
  const path = await postgres.create();
  const open = () => openStore<HrTables>({ path, migrations: hrMigrations });
  const stores = await Promise.all([open(), open()]);
  t.teardown(() => Promise.all(stores.map((store) => store.destroy())));
  const entry = {
    tenantId: "acme",
    branch: "/",
    at: Date.parse("2026-03-01T09:00:00Z"),
    action: "order.received" as const,
    facts: {},
  };
  const append = (at: number) =>
    stores[at % 2]?.transaction().execute((within) => record(within, { ...entry, subject: `o-${at}` }));
  await Promise.all(Array.from({ length: 40 }, (_, at) => append(at)));
  const rows = await auditOf(stores[0], "acme");
  t.equal(rows.length, 40);
  t.ok(chainHolds(rows));
});

// What hr does on SQLite it does on PostgreSQL: the same tests, each hr on a database of its own.
openHrOn(postgres.create);
await import("./booking.test.ts");
await import("./help.test.ts");
await import("./status.test.ts");
await import("./upload/upload.test.ts");
await import("../../cli/bridge/hr-alone.test.ts");
await import("../../cli/bridge/judgements.test.ts");
await import("../../cli/bridge/delivered.test.ts");
