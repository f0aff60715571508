import t from "tap";
import { systemClock } from "../runtime/clock.ts";
import { silentLog } from "../runtime/log.ts";
import { Child } from "./supervisor.ts";

const alive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
    throw error;
  }
};

const run = (script: string, options: { stuck?: () => boolean } = {}) => {
  const pids: number[] = [];
  const codes: string[] = [];
  const child = new Child({
    name: "part",
    args: ["-e", script],
    deathSignal: "KILL",
    clock: systemClock,
    log: silentLog(),
    stuck: options.stuck ?? (() => false),
    onStart: (pid) => pids.push(pid),
    onFault: (error) => codes.push((error as { code: string }).code),
  });
  const until = async (enough: () => boolean): Promise<void> => {
    for (let tries = 0; !enough() && tries < 200; tries++) await systemClock.sleep(50);
  };
  return { child, pids, codes, until };
};

t.test("starts a killed part again and leaves none behind when it stops", async (t) => {
  const { child, pids, codes, until } = run("setInterval(() => {}, 1000)");
  await child.start();
  await until(() => pids.length === 1);
  process.kill(pids[0] ?? 0, "SIGKILL");
  await until(() => pids.length === 2);
  t.equal(pids.length, 2);
  t.strictSame(codes, ["process.exited"]);
  await child.stop();
  t.strictSame(pids.map(alive), [false, false]);
  t.strictSame(codes, ["process.exited"], "its end was wanted");
});

t.test("kills a part that lives and does no work", async (t) => {
  let hung = false;
  const { child, pids, codes, until } = run("setInterval(() => {}, 1000)", { stuck: () => hung });
  await child.start();
  await until(() => pids.length === 1);
  hung = true;
  await until(() => codes.length === 1);
  hung = false;
  t.strictSame(codes, ["process.stuck"]);
  await until(() => pids.length === 2);
  t.equal(pids.length, 2);
  await child.stop();
});
