import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import { days } from "../contracts/units.ts";
import { namesIn } from "../runtime/durable.ts";
import { makeRig, orderFor } from "../test/rigs/agent.ts";
import { SessionStore } from "./sessionStore.ts";

const accepted = 1_700_000_000_000;

async function closedSession(media: boolean) {
  const rig = await makeRig();
  const store = new SessionStore(rig.stateDirectory, rig.identity);
  const folder = await store.create("s", { recipients: orderFor(rig).recipients, recordingDays: 30 });
  if (media) await writeFile(join(folder.media, "mic-000000.sealed"), "sealed");
  await folder.forget();
  return { rig, store, recordings: join(rig.stateDirectory, "recordings") };
}

t.test("keeps an accepted recording, openable by HR only, until the policy's last day", async (t) => {
  const { store, recordings } = await closedSession(true);
  await store.release("s", accepted);
  await store.release("s", accepted);
  t.same(await store.list(), [], "nothing else of the session is left");
  t.equal(await readFile(join(recordings, "s", "media", "mic-000000.sealed"), "utf8"), "sealed");
  const keys = JSON.parse(await readFile(join(recordings, "s", "key.json"), "utf8")) as object;
  t.equal("device" in keys, false);

  await store.expire(undefined, (error) => t.fail(String(error)));
  await store.expire(accepted + days(29), (error) => t.fail(String(error)));
  t.same(await namesIn(recordings), ["s"], "also where no clock can be believed");
  await store.expire(accepted + days(30), (error) => t.fail(String(error)));
  t.same(await namesIn(recordings), []);
});

t.test("goes on with a move that a pulled plug had cut short", async (t) => {
  const { store, rig, recordings } = await closedSession(true);
  const media = join(rig.stateDirectory, "sessions", "s", "media");
  await store.release("s", accepted);
  await store.create("s", { recipients: orderFor(rig).recipients, recordingDays: 30 });
  t.same(await namesIn(media), [], "the folder as it stands when the plug is pulled behind the move");
  await store.release("s", accepted);
  t.same(await namesIn(join(recordings, "s", "media")), ["mic-000000.sealed"]);
  t.same(await store.list(), []);
});

t.test("keeps nothing of a session without a recording", async (t) => {
  const { store, recordings } = await closedSession(false);
  await store.release("s", accepted);
  t.same(await namesIn(recordings), []);
  t.same(await store.list(), []);
});

t.test("reports a recording whose day cannot be read, and deletes the others all the same", async (t) => {
  const { store, recordings } = await closedSession(true);
  await store.release("s", accepted);
  for (const [name, text] of [
    ["a", "{"],
    ["z", JSON.stringify({ version: 1, until: accepted })],
  ] as const) {
    await mkdir(join(recordings, name));
    await writeFile(join(recordings, name, "kept.json"), text);
  }
  const faults: unknown[] = [];
  await store.expire(accepted + days(30), (error) => faults.push(error));
  t.match(faults, [{ code: "file.unreadable" }]);
  t.same(await namesIn(recordings), ["a"]);
});
