import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { type JudgeReport, type JudgeRequest, judgeReport } from "../../contracts/judge.ts";
import { seconds } from "../../contracts/units.ts";
import { connectChannel } from "../../runtime/channel.ts";
import { systemClock } from "../../runtime/clock.ts";
import { silentLog } from "../../runtime/log.ts";
import { projectRoot } from "../../runtime/paths.ts";
import { retry, retryPolicies } from "../../runtime/retry.ts";
import { allGone, family, type Seen } from "../../test/device/processes.ts";
import { eventually } from "../../test/device/waiting.ts";
import { startJudge } from "./worker.ts";

t.setTimeout(120_000);

const folder = await mkdtemp(join(tmpdir(), "candor-judge-"));
t.teardown(() => rm(folder, { recursive: true, force: true }));

/** An asker that remembers what it was told. */
async function connected(path: string) {
  const clock = systemClock;
  const connect = () => connectChannel({ path, incoming: judgeReport });
  const channel = await retry({ ...retryPolicies.connect, attempts: 200 }, { clock }, connect);
  const told: JudgeReport[] = [];
  channel.onMessage((report) => told.push(report));
  const until = <R extends JudgeReport["report"]>(report: R, jobId?: string) =>
    eventually({ what: `the judge to say ${report} ${jobId ?? ""}`, limit: seconds(60) }, () => {
      const found = told.find((one) => one.report === report && (jobId === undefined || one["jobId"] === jobId));
      return found as Extract<JudgeReport, { report: R }> | undefined;
    });
  return { told, until, ask: (request: JudgeRequest) => channel.send(request), close: () => channel.close() };
}

const limits = { cpuSeconds: 2, wallSeconds: 10, memoryMegabytes: 128, outputKilobytes: 64 };
const job = (jobId: string, language: "python" | "javascript", source: string): JudgeRequest => ({
  do: "judge",
  jobId,
  language,
  source,
  cases: [
    { name: "one", input: "1", expected: "2\n" },
    { name: "two", input: "2", expected: "4" },
  ],
  limits,
});

/** The programs that run below a process, with all that runs them, once one is there. */
const programBelow = (pid: number, word: string, least = 1): Promise<Seen[]> =>
  eventually({ what: `${word} to run`, pause: 25 }, async () => {
    const seen = await family(pid);
    const below = seen.filter((one) => one.pid !== pid);
    return below.length >= least && seen.some(({ command }) => command.includes(word)) ? below : undefined;
  });

t.test("judges one program after the other and says what each case came to", async (t) => {
  const path = join(folder, "judge.sock");
  const judge = await startJudge({ socket: path, log: silentLog() });
  t.teardown(() => judge.close());
  const asker = await connected(path);
  asker.ask(job("p", "python", "n = int(input())\nprint('  ' if n > 9 else n * 2, '\\n')"));
  asker.ask(job("j", "javascript", "console.log(readline() === '1' ? 2 : 5)"));
  asker.ask(job("p", "python", "print('the same job again')"));
  t.match(await asker.until("ready"), { engines: { python: /^Python 3.*bubblewrap/, javascript: /QuickJS/ } });
  t.match((await asker.until("judged", "p")).judgement, {
    language: "python",
    engine: /^Python 3/,
    cases: [
      { name: "one", verdict: "accepted", output: "2 \n\n" },
      { name: "two", verdict: "accepted" },
    ],
  });
  t.match((await asker.until("judged", "j")).judgement.cases, [{ verdict: "accepted" }, { verdict: "wrongAnswer" }]);
  t.equal(asker.told.filter((one) => one.report === "judged").length, 2, "a job is judged once");
  t.ok((await asker.until("meter")).waiting >= 0);
  asker.close();
});

t.test("forgets a job when it is told to, and all jobs with their asker", async (t) => {
  const path = join(folder, "forget.sock");
  const judge = await startJudge({ socket: path, log: silentLog() });
  t.teardown(() => judge.close());
  const first = await connected(path);
  await first.until("ready");
  first.ask(job("long", "python", "import time\ntime.sleep(9)"));
  await systemClock.sleep(seconds(0.5));
  first.ask({ do: "forget", jobId: "long" });
  first.ask(job("next", "python", "print(int(input()) * 2)"));
  t.match((await first.until("judged", "next")).judgement.cases, [{ verdict: "accepted" }, { verdict: "accepted" }]);
  t.notOk(first.told.some((one) => one["jobId"] === "long"));
  first.ask(job("left", "python", "import time\ntime.sleep(9)"));
  const running = await programBelow(process.pid, "/main.py");
  first.close();
  await allGone(running, 2);
});

for (const [language, source, word] of [
  ["python", "while True: pass", "/main.py"],
  ["python", "import time\ntime.sleep(9)", "/main.py"],
  ["javascript", "while (true);", "judge/javascript/child.js"],
] as const)
  t.test(`leaves nothing of ${language} behind when it is killed in "${source.slice(0, 12).trim()}"`, async (t) => {
    const path = join(folder, "killed.sock");
    const judge = spawn(process.execPath, [join(projectRoot, "cli/candor.js"), "judge", "--socket", path], {
      stdio: ["pipe", "ignore", "inherit"],
    });
    t.teardown(() => judge.kill("SIGKILL"));
    const asker = await connected(path);
    await asker.until("ready");
    asker.ask(job("endless", language, source));
    // Supervisor, sandbox and program.
    const running = await programBelow(judge.pid ?? 0, word, language === "python" ? 4 : 1);
    judge.kill("SIGKILL");
    await allGone(running, 2);
  });
