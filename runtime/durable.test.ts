import { appendFile, readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import { DurableLog, readIfThere, removeDurably, writeDurably } from "./durable.ts";

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
