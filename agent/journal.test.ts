import { appendFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import { firstPrevious, type SessionEvent } from "../contracts/journal.ts";
import { sha256 } from "../runtime/canonical.ts";
import { newDataKey, unseal } from "../runtime/seal.ts";
import { makeRig, orderFor } from "../test/rigs/agent.ts";
import { Journal, type OpenKeys, readJournal } from "./journal.ts";
import { SessionStore } from "./sessionStore.ts";

const time = "2026-03-01T09:00:00.000Z";
const language = (at: number): SessionEvent => ({ type: "languageChosen", at, time, language: "en" });
const heard: SessionEvent = {
  type: "analysed",
  at: 3,
  time,
  answerId: "a",
  content: {
    observations: null,
    score: {
      answerId: "a",
      question: "q",
      score: 1,
      interval: [1, 1],
      evidence: [{ competency: "c", quote: "spoken words", start: 0, end: 1, rule: "concept", weight: 1 }],
      insufficient: false,
      competencies: {},
    },
  },
};

const chosen: SessionEvent = {
  type: "routed",
  at: 4,
  time,
  position: 1,
  question: "harder",
  content: { reason: { rule: "harder", explanation: { en: "spoken words scored 1" }, looked: [] } },
};

const written = async (): Promise<{ path: string; keys: OpenKeys }> => {
  const { stateDirectory } = await makeRig();
  const path = join(stateDirectory, "journal.jsonl");
  const keys: OpenKeys = { journal: newDataKey(), content: newDataKey() };
  const { journal } = await Journal.open({ path, sessionId: "s", keys });
  for (const event of [language(1), language(2), heard]) await journal.append(event, keys);
  await journal.close();
  return { path, keys };
};

t.test("reads back what was appended, and shows nothing of it on the disk", async (t) => {
  const { path, keys } = await written();
  const { journal, events } = await Journal.open({ path, sessionId: "s", keys });
  t.strictSame(events, [language(1), language(2), heard]);
  const text = await readFile(path, "utf8");
  t.notMatch(text, /languageChosen|spoken words/);
  const lines = text.trimEnd().split("\n");
  t.equal(JSON.parse(lines[0] ?? "").prev, firstPrevious);
  t.equal(JSON.parse(lines[2] ?? "").prev, sha256(lines[1] ?? ""));
  t.strictSame(journal.snapshot(), { lines, head: sha256(lines[2] ?? "") });
  await journal.close();
});

t.test("drops a line that a pulled plug has cut and goes on after it", async (t) => {
  const { path, keys } = await written();
  await appendFile(path, '{"seq":3,"prev":"abc');
  const { journal, events } = await Journal.open({ path, sessionId: "s", keys });
  t.equal(events.length, 3);
  await journal.append(language(4), keys);
  await journal.close();
  const again = await Journal.open({ path, sessionId: "s", keys });
  t.equal(again.events.length, 4);
  await again.journal.close();
});

t.test("refuses a journal with a line taken out, changed, or put elsewhere", async (t) => {
  const { path, keys } = await written();
  const lines = (await readFile(path, "utf8")).trimEnd().split("\n");
  const [a = "", b = "", c = ""] = lines;
  for (const broken of [
    [a, c],
    [b, c],
    [a, b.replace(/.(?="})/, (one) => (one === "A" ? "B" : "A")), c],
    [a, c, b],
  ]) {
    t.throws(() => readJournal(broken, { sessionId: "s", keys }), { code: "journal.broken" });
  }
  t.throws(() => readJournal(lines, { sessionId: "another", keys }), { code: "journal.broken" });
  await writeFile(path, `${b}\n`);
  await t.rejects(Journal.open({ path, sessionId: "s", keys }), { code: "journal.broken" });
});

t.test("keeps the journal readable and what was heard closed once the content key is destroyed", async (t) => {
  const rig = await makeRig();
  const order = orderFor(rig);
  const store = new SessionStore(rig.stateDirectory, rig.identity);
  const folder = await store.create("s", { recipients: order.recipients, recordingDays: 90 });
  const { journal } = await folder.openJournal();
  for (const event of [heard, chosen]) await journal.append(event, folder.keys);
  await writeFile(join(folder.media, "mic-000000.sealed"), "sealed");
  await folder.destroyContent(order.recipients);
  await journal.append(language(4), folder.keys);
  await journal.close();

  const wrapped = JSON.parse(await unseal(folder.wrapped, rig.hr)) as object;
  t.strictSame(Object.keys(wrapped), ["journal"], "HR cannot open it either");
  const reopened = await store.open("s");
  t.ok(reopened);
  t.equal(reopened?.keys.content, undefined);
  const read = await reopened?.openJournal();
  t.match(read?.events, [
    { type: "analysed", content: null },
    { type: "routed", question: "harder", content: null },
    { type: "languageChosen" },
  ]);
  await read?.journal.close();
  await t.rejects(readFile(join(folder.media, "mic-000000.sealed")), { code: "ENOENT" });
});

t.test("forgets its own copy of the keys when the session is closed", async (t) => {
  const rig = await makeRig();
  const store = new SessionStore(rig.stateDirectory, rig.identity);
  const folder = await store.create("s", { recipients: orderFor(rig).recipients, recordingDays: 90 });
  await folder.forget();
  t.equal(await store.open("s"), undefined);
  t.match(JSON.parse(await unseal(folder.wrapped, rig.hr)), { journal: String, content: String });
});
