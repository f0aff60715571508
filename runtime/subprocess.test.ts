import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import t from "tap";
import { systemClock } from "./clock.ts";
import { projectRoot } from "./paths.ts";
import { run, spawnBound, stopProcess } from "./subprocess.ts";

const alive = async (pid: number): Promise<boolean> => {
  try {
    return !/State:\s+Z/.test(await readFile(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
};

t.test("a child dies with its parent, also when the parent is killed", async (t) => {
  const module = pathToFileURL(join(projectRoot, "dist/runtime/subprocess.js")).href;
  const script = `import { spawnBound } from ${JSON.stringify(module)}; console.log(spawnBound("sleep", ["60"]).pid); setInterval(() => {}, 1000);`;
  const parent = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = (await once(parent.stdout, "data")) as [Buffer];
  const child = Number(line.toString());
  t.equal(await alive(child), true);
  // setpriv needs a moment to set the death signal before it becomes the program.
  await systemClock.sleep(200);
  parent.kill("SIGKILL");
  await once(parent, "exit");
  for (let tries = 0; tries < 50 && (await alive(child)); tries++) await systemClock.sleep(20);
  t.equal(await alive(child), false);
});

t.test("a program's output comes back, its failure is a fault with its own words", async (t) => {
  t.equal((await run("cat", [], { input: "录音" })).toString(), "录音");
  await t.rejects(run("sh", ["-c", "echo no such lens >&2; exit 3"]), {
    code: "process.exited",
    message: /no such lens/,
  });
  await t.rejects(run("no-such-program", []), { code: "process.missing" });
});

t.test("a child that ignores the request to end is killed after its grace", async (t) => {
  const child = spawnBound("sh", ["-c", "trap '' TERM; echo ready; while :; do sleep 0.1; done"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  if (child.stdout) await once(child.stdout, "data");
  await stopProcess(child, systemClock, { grace: 100 });
  t.equal(child.signalCode, "SIGKILL");
});
