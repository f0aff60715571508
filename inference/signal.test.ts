import { readdir } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import { projectRoot } from "../runtime/paths.ts";
import { allowedSignals } from "./signal.ts";
import * as signals from "./signals/registry.ts";

t.test("a banned signal cannot be loaded", async (t) => {
  const left = allowedSignals(signals, ["framing"]);
  t.throws(() => left.load("framing"), { code: "policy.banned" });
  t.equal(left.load("pace").id, "pace");
});

t.test("what is computed from a banned signal is banned with it", async (t) => {
  t.same(allowedSignals(signals, ["voiceActivity"]).loaded.toSorted(), ["framing", "soundQuality"]);
});

t.test("a policy may ban a signal that does not exist", async (t) => {
  t.equal(allowedSignals(signals, ["heartRate"]).loaded.length, Object.keys(signals).length);
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
