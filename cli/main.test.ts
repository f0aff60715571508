import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { projectRoot } from "../runtime/paths.ts";
import { subcommands } from "./registry.ts";

function candor(
  words: readonly string[],
  env: NodeJS.ProcessEnv = {},
): { code: number | null; out: string; complaint: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(projectRoot, "cli", "candor.js"), ...words], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    encoding: "utf8",
  });
  return { code: status, out: stdout, complaint: stderr };
}

t.test("lists every subcommand in its help", async (t) => {
  const { code, out } = candor(["--help"]);
  t.equal(code, 0);
  for (const { name, summary } of subcommands) t.match(out, new RegExp(`^  ${name} .*${summary.slice(0, 20)}`, "m"));
});

for (const { name } of subcommands)
  t.test(`${name} explains itself`, async (t) => {
    const { code, out, complaint } = candor([name, "--help"]);
    t.equal(code, 0, complaint);
    t.match(out, `Usage: candor ${name}`);
  });

t.test("ends with 2 and a sentence on stderr when used wrongly", async (t) => {
  for (const words of [
    ["nonsense"],
    ["config", "--nonsense"],
    ["config", "--process", "kettle"],
    ["demo", "--language", "klingon"],
  ]) {
    const { code, out, complaint } = candor(words);
    t.equal(code, 2, words.join(" "));
    t.equal(out, "");
    t.match(complaint, /^candor: .+ \(use\.invalid\)/);
  }
});

t.test("prints the configuration as one JSON value", async (t) => {
  const { code, out } = candor(["config", "--explain", "--json"], {
    CANDOR_CONFIG_DIR: "/nowhere",
    CANDOR_AGENT_SCREEN_PORT: "8123",
  });
  t.equal(code, 0);
  const rows = JSON.parse(out) as { process: string; key: string; value: unknown; origin: string }[];
  t.match(
    rows.find(({ process, key }) => process === "agent" && key === "screenPort"),
    { value: 8123, origin: "environment" },
  );
  t.ok(new Set(rows.map(({ process }) => process)).size >= 3);
});

t.test("refuses an unknown key with a sentence, exit code 1 and nothing on stdout", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "candor-config-"));
  t.teardown(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "agent.json"), '{"screenPrt":1}');
  const { code, out, complaint } = candor(["config", "--explain", "--json", "--folder", folder]);
  t.equal(code, 1);
  t.equal(out, "");
  t.match(complaint, /screenPrt.*\(config\.unknown\)/);
  rmSync(join(folder, "agent.json"));
  writeFileSync(join(folder, "agnt.json"), "{}");
  t.match(candor(["config", "--folder", folder]), { code: 1, complaint: /agnt\.json belongs to no process/ });
});
