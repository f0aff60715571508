import { readdir } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import { plugins } from "../contracts/plugins.ts";
import { projectRoot } from "../runtime/paths.ts";
import { allowedSignals, deliverySignals, type SignalFacts } from "./signal.ts";
import * as signals from "./signals/registry.ts";

const usualCount = Object.values(signals).filter(({ purpose }) => purpose !== "apart").length;

t.test("a banned signal cannot be loaded", async (t) => {
  const left = allowedSignals(signals, { banned: ["framing"] });
  t.throws(() => left.load("framing"), { code: "policy.banned" });
  t.equal(left.load("pace").id, "pace");
});

t.test("what is computed from a banned signal is banned with it", async (t) => {
  t.same(allowedSignals(signals, { banned: ["voiceActivity"] }).loaded.toSorted(), [
    "framing",
    "severalFaces",
    "soundQuality",
  ]);
});

t.test("a policy may ban a signal that does not exist", async (t) => {
  t.equal(allowedSignals(signals, { banned: ["heartRate"] }).loaded.length, usualCount);
});

t.test("every signal file is in the registry under its own id", async (t) => {
  const files = await readdir(join(projectRoot, "inference", "signals"));
  const plugIns = files
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts") && file !== "registry.ts")
    .map((file) => file.slice(0, -3));
  t.same(plugIns.toSorted(), Object.keys(signals).toSorted());
  for (const [name, signal] of Object.entries(signals)) t.equal(signal.id, name);
});

t.test("only evidence is needed by evidence, so that no prompt can reach a score", async (t) => {
  const known = new Map(Object.values(signals).map((signal) => [signal.id, signal]));
  for (const signal of known.values())
    if (signal.purpose === "evidence")
      for (const need of signal.needs) t.equal(known.get(need)?.purpose, "evidence", `${signal.id} needs ${need}`);
  t.equal(signals.framing.purpose, "prompt");
});

type Id = keyof typeof signals;
const apart: readonly { id: Id; consent: string }[] = (Object.entries(signals) as [Id, SignalFacts][])
  .filter(([, signal]) => signal.purpose === "apart")
  .map(([id, { consent }]) => ({ id, consent }));

t.test("plug-ins are the ones that a policy may name, each under a consent of its own", async (t) => {
  t.strictSame(apart.map(({ id }) => id).toSorted(), plugins.toSorted());
  for (const { id, consent } of apart) t.equal(consent, id);
  for (const one of Object.values(signals))
    if (one.purpose !== "apart") t.notOk((plugins as readonly string[]).includes(one.consent), one.id);
});

t.test("a plug-in is had only where it is allowed by name, and not where it is banned as well", async (t) => {
  const names = apart.map(({ id }) => id);
  const usual = allowedSignals(signals, { banned: [] });
  const all = allowedSignals(signals, { banned: [], plugins: names });
  const both = allowedSignals(signals, { banned: names, plugins: names });
  for (const { id } of apart) {
    t.throws(() => usual.load(id), { code: "policy.banned" }, id);
    t.equal(all.load(id).id, id);
    t.throws(() => both.load(id), { code: "policy.banned" }, id);
    const alone = allowedSignals(signals, { banned: [], plugins: [id] });
    t.strictSame(
      alone.loaded.filter((one) => names.some((name) => name === one)),
      [id],
      "and no other with it",
    );
  }
  const needed = allowedSignals(signals, { banned: ["voiceActivity"], plugins: names });
  t.throws(() => needed.load("pitch"), { code: "policy.banned" }, "its speech is banned");
});

t.test("nothing that may reach a score is computed from a plug-in", async (t) => {
  const names = apart.map(({ id }) => id as string);
  for (const one of Object.values(signals))
    if (one.purpose !== "apart")
      t.notOk(
        one.needs.some((need) => names.includes(need)),
        one.id,
      );
});

t.test("how a person speaks is marked as delivery, and nothing that may reach a score is", async (t) => {
  const marked = deliverySignals(signals);
  t.strictSame(marked.toSorted(), ["fillers", "pace", "pitch", "responseLatency"]);
  const left = allowedSignals(signals, { banned: marked, plugins: ["pitch"] });
  for (const id of marked) t.throws(() => left.load(id as Id), { code: "policy.banned" }, id);
  t.equal(left.load("transcript").purpose, "evidence");
});

t.test("every signal states itself in both languages", async (t) => {
  for (const { id, summary, why, cost } of Object.values(signals))
    for (const text of [summary, why, cost]) {
      t.match(text["zh-CN"], /\p{Script=Han}/u, id);
      t.match(text.en, /^[^\p{Script=Han}]*$|um, 嗯/u, id);
    }
});
