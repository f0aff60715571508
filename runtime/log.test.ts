import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import t from "tap";
import { projectRoot } from "./paths.ts";

const logged = (options: object): string => {
  const module = pathToFileURL(join(projectRoot, "dist/runtime/log.js")).href;
  const script = `import { createLog } from ${JSON.stringify(module)};
    createLog(${JSON.stringify({ name: "agent", pretty: false, ...options })}).info({ questionId: "q1", pii: { name: "marker" } }, "a question was asked");`;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
  t.equal(stdout, "", "stdout belongs to a command's answer");
  return stderr;
};

t.test("a log line is one JSON object, and personal data is not in it", async (t) => {
  const line = JSON.parse(logged({})) as Record<string, unknown>;
  t.match(line, { name: "agent", msg: "a question was asked", questionId: "q1" });
  t.equal("pii" in line, false);
});

t.test("a developer may ask to see personal data", async (t) => {
  t.match(JSON.parse(logged({ showPersonalData: true })), { pii: { name: "marker" } });
});
