import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Kysely, Migration } from "kysely";
import t from "tap";
import { newDataKey } from "../runtime/seal.ts";
import { openStore } from "./store.ts";

type Tables = { words: { word: string } };
const first: Migration = {
  up: async (store: Kysely<unknown>) => {
    await store.schema.createTable("words").addColumn("word", "text").execute();
  },
};
const folder = await mkdtemp(join(tmpdir(), "candor-store-"));
t.teardown(() => rm(folder, { recursive: true, force: true }));

t.test("keeps rows over a restart and brings a store of an older release up to date", async (t) => {
  const path = join(folder, "older.sqlite");
  const store = await openStore<Tables>({ path, migrations: { "0001-first": first } });
  await store.insertInto("words").values({ word: "kept" }).execute();
  await store.destroy();
  const second: Migration = {
    up: async (open: Kysely<unknown>) => {
      await open.schema.alterTable("words").addColumn("language", "text").execute();
    },
  };
  const again = await openStore<Tables>({ path, migrations: { "0001-first": first, "0002-second": second } });
  t.same(await again.selectFrom("words").selectAll().execute(), [{ word: "kept", language: null }]);
  await again.destroy();
  await t.rejects(openStore({ path, migrations: { "0001-first": first } }), {
    code: "storage.newer",
    message: /0002-second/,
  });
});

t.test("leaves nothing readable on the disk, and does not open with another key", async (t) => {
  const path = join(folder, "sealed.sqlite");
  const key = newDataKey();
  const store = await openStore<Tables>({ path, key, migrations: { "0001-first": first } });
  await store.insertInto("words").values({ word: "markerword" }).execute();
  for (const file of [path, `${path}-wal`]) t.notOk((await readFile(file)).includes("markerword"), file);
  await store.destroy();
  await t.rejects(openStore({ path, key: newDataKey(), migrations: {} }), { code: "key.missing" });
});
