import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { openStore } from "../store.ts";
import { auditOf, chainHolds, record } from "./audit.ts";
import { hrMigrations } from "./migrations/list.ts";
import type { HrTables } from "./store.ts";

const folder = await mkdtemp(join(tmpdir(), "candor-audit-"));
const store = await openStore<HrTables>({ path: join(folder, "store.sqlite"), migrations: hrMigrations });
t.teardown(async () => {
  await store.destroy();
  await rm(folder, { recursive: true, force: true });
});

t.test("keeps a chain for each tenant that shows a changed, a missing and a forged entry", async (t) => {
  for (const tenantId of ["a", "b", "a", "a"])
    await store.transaction().execute((within) =>
      record(within, {
        tenantId,
        branch: "/",
        at: 1,
        action: "order.received",
        subject: "o",
        facts: { revision: 1 },
      }),
    );
  const rows = await auditOf(store, "a");
  t.same(
    rows.map((row) => row.seq),
    [1, 2, 3],
  );
  t.equal(chainHolds(rows), true);
  t.equal(chainHolds(await auditOf(store, "b")), true);
  t.equal(chainHolds(rows.slice(1)), false);
  t.equal(chainHolds(rows.map((row) => (row.seq === 2 ? { ...row, subject: "p" } : row))), false);
  t.equal(chainHolds(rows.map((row) => (row.seq === 2 ? { ...row, branch: "/x" } : row))), false);
});
