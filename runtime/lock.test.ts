import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import t from "tap";
import { holdAlone } from "./lock.ts";
import { projectRoot } from "./paths.ts";

t.test("a folder is held by one process, and free again when it lets go", async (t) => {
  const folder = t.testdir();
  const held = await holdAlone(folder);
  await t.rejects(holdAlone(join(folder, ".")), { code: "storage.inUse", message: /stop it first/ });
  await held.release();
  await (await holdAlone(folder)).release();
});

t.test("a process that is killed leaves no lock behind", async (t) => {
  const folder = t.testdir();
  const module = pathToFileURL(join(projectRoot, "dist/runtime/lock.js")).href;
  const script = `import { holdAlone } from ${JSON.stringify(module)}; await holdAlone(${JSON.stringify(folder)}); console.log("held"); setInterval(() => {}, 1000);`;
  const holder = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(holder.stdout, "data");
  await t.rejects(holdAlone(folder), { code: "storage.inUse" });
  holder.kill("SIGKILL");
  await once(holder, "exit");
  await (await holdAlone(folder)).release();
});
