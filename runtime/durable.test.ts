import { appendFile, mkdtemp, readdir, readFile, rm, rmdir, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t, { type Test } from "tap";
import { DurableLog, readIfThere, removeDurably, writeDurably } from "./durable.ts";
import { run } from "./subprocess.ts";

/** Only root may mount; elsewhere the test says that it was left out. */
const noSmallDisk = (): string | false =>
  process.getuid?.() === 0 ? false : "a small disk can be mounted by root only";

/** A folder on a file system of 64 KiB. */
async function smallDisk(t: Test): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "candor-small-"));
  await run("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", folder]);
  t.teardown(async () => {
    await run("umount", [folder]);
    await rmdir(folder);
  });
  return folder;
}

t.test("a file is replaced whole, for its owner only, and leaves nothing beside it", async (t) => {
  const path = join(t.testdir(), "deep", "state.json");
  await writeDurably(path, "one");
  await writeDurably(path, "two");
  t.equal(await readFile(path, "utf8"), "two");
  t.equal((await stat(path)).mode & 0o777, 0o600);
  t.same(await readdir(join(path, "..")), ["state.json"]);
  await removeDurably(path);
  await removeDurably(path);
  t.equal(await readIfThere(path), undefined);
});

t.test("a line cut by a pulled plug is dropped and the log goes on behind the last whole line", async (t) => {
  const path = join(t.testdir(), "journal.jsonl");
  const first = await DurableLog.open(path);
  await Promise.all([first.log.append("one"), first.log.append("二")]);
  await first.log.close();
  await appendFile(path, '{"half":');
  const second = await DurableLog.open(path);
  t.same(second.lines, ["one", "二"]);
  await second.log.append("three");
  await second.log.close();
  t.equal(await readFile(path, "utf8"), "one\n二\nthree\n");
});

t.test("goes on behind the last whole line after the disk was full", { skip: noSmallDisk() }, async (t) => {
  const folder = await smallDisk(t);
  const { log } = await DurableLog.open(join(folder, "journal.jsonl"));
  await log.append("one");
  const filler = join(folder, "filler");
  await t.rejects(appendFile(filler, Buffer.alloc(1 << 20)), { code: "ENOSPC" });
  await t.rejects(log.append("x".repeat(20_000)), { code: "storage.full" });
  await rm(filler);
  await log.append("two");
  await log.close();
  const again = await DurableLog.open(join(folder, "journal.jsonl"));
  t.same(again.lines, ["one", "two"]);
  await again.log.close();
});
