import { randomBytes } from "node:crypto";
import { join } from "node:path";
import t from "tap";
import { openStore } from "../../store.ts";
import { targetsThatWant } from "../notices.ts";
import type { HrTables } from "../store.ts";
import { beginning } from "./0001-beginning.ts";
import { hrMigrations } from "./list.ts";

t.test("targets of a store of the first release are told results, and nothing they never asked for", async (t) => {
  const path = join(t.testdir({}), "hr.sqlite");
  const key = randomBytes(32);
  const old = await openStore<HrTables>({ path, key, migrations: { "0001-beginning": beginning } });
  const target = { tenantId: "acme", branch: "/", name: "hr", adapter: "webhook", settings: "{}", createdAt: 1 };
  await old.insertInto("targets").values(target).execute();
  await old.destroy();
  const store = await openStore<HrTables>({ path, key, migrations: hrMigrations });
  t.teardown(() => store.destroy());
  const about = { tenantId: "acme", branch: "/north" };
  t.strictSame(
    (await targetsThatWant(store, { ...about, kind: "result" })).map(({ name }) => name),
    ["hr"],
  );
  for (const kind of ["status", "start", "help"] as const)
    t.strictSame(await targetsThatWant(store, { ...about, kind }), []);
  t.strictSame(await store.selectFrom("bookedCells").selectAll().execute(), []);
});
