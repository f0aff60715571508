import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import { makeRig, orderFor } from "../test/rigs/agent.ts";
import { DraftKeeper } from "./draft.ts";
import type { Draft } from "./session/state.ts";
import { SessionStore } from "./sessionStore.ts";

const draft = (source: string): Draft => ({ questionId: "q", code: { language: "python", source } });

async function opened() {
  const rig = await makeRig();
  const order = orderFor(rig);
  const store = new SessionStore(rig.stateDirectory, rig.identity);
  const folder = await store.create("s", { recipients: order.recipients, recordingDays: 1 });
  const faults: unknown[] = [];
  const keeper = () => new DraftKeeper(folder, (error) => faults.push(error));
  return { store, order, folder, faults, keeper };
}

t.test("finds the last program again after a restart, and nothing of it readable on the disk", async (t) => {
  const { store, folder, faults, keeper } = await opened();
  const before = keeper();
  await before.load();
  t.equal(before.current, undefined);
  for (const number of [1, 2, 3]) await before.keep(draft(`print('marker ${number}')`));
  const again = await store.open("s");
  t.ok(again);
  const after = new DraftKeeper(again ?? folder, (error) => faults.push(error));
  await after.load();
  t.strictSame(after.current, draft("print('marker 3')"));
  for (const name of await readdir(folder.folder))
    if (name !== "media") t.notMatch(await readFile(join(folder.folder, name), "utf8"), /marker/);
  t.strictSame(faults, []);
});

t.test("is gone once handed in, and with the session's content", async (t) => {
  const { order, folder, faults, keeper } = await opened();
  const first = keeper();
  await first.keep(draft("a"));
  await first.keep(undefined);
  t.notOk((await readdir(folder.folder)).includes("draft"));
  await first.keep(draft("b"));
  await folder.destroyContent(order.recipients);
  t.notOk((await readdir(folder.folder)).includes("draft"));
  await first.keep(draft("c"));
  t.notOk((await readdir(folder.folder)).includes("draft"), "what cannot be sealed is not written");
  t.strictSame(faults, []);
});

t.test("begins anew, and says so, where the draft on the disk is not to be read", async (t) => {
  const { faults } = await opened();
  const keeper = new DraftKeeper(
    { readDraft: async () => ({ questionId: 1 }), writeDraft: async () => undefined },
    (error) => faults.push(error),
  );
  await keeper.load();
  t.equal(keeper.current, undefined);
  t.match(faults, [{ code: "file.unreadable" }]);
});
