import t from "tap";
import { codeLimits } from "../../contracts/judge.ts";
import { systemClock } from "../../runtime/clock.ts";
import { allGone, family } from "../../test/device/processes.ts";
import { eventually } from "../../test/device/waiting.ts";
import type { Run } from "./engine.ts";
import { systemCallFilter } from "./python/sandbox.ts";
import { endOf, python } from "./python.ts";

// Real runs in the real sandbox, which may share two cores with others.
t.setTimeout(180_000);

const limits = codeLimits.parse({ cpuSeconds: 1, wallSeconds: 20, memoryMegabytes: 128, outputKilobytes: 64 });
const around = { clock: systemClock, signal: new AbortController().signal };

async function runOf(source: string, change: { input?: string; limits?: Partial<typeof limits> } = {}): Promise<Run> {
  const program = { source, inputs: [change.input ?? ""], limits: { ...limits, ...change.limits } };
  const [run] = await python.run(program, around);
  if (run === undefined) throw new Error("there was no run");
  return run;
}

t.test("runs a program once for each input and learns what it used", async (t) => {
  const source = "import sys\nprint(sum(map(int, sys.stdin.read().split())))\nprint('seen', file=sys.stderr)";
  const runs = await python.run({ source, inputs: ["1 2", "3 4\n", ""], limits }, around);
  t.strictSame(
    runs.map((one) => one.output),
    ["3\n", "7\n", "0\n"],
  );
  t.match(runs[0], { end: "finished", complaint: "seen\n" });
  t.ok(runs.every((one) => one.cpuMillis > 3 && (one.peakKilobytes ?? 0) > 4000));
});

t.test("passes text of every kind in and out, and an input that is not read", async (t) => {
  const input = `你好 𝒙 é\n${"x".repeat(200_000)}`;
  t.match(await runOf("import sys\nprint(sys.stdin.readline(), end='')", { input }), { output: "你好 𝒙 é\n" });
  t.match(await runOf("print('嗯')", { input }), { end: "finished", output: "嗯\n" });
  t.match(await runOf("import sys\nsys.stdout.buffer.write(b'\\xff')"), { output: "\ufffd" });
});

t.test("tells apart a program that is none, one that fails, and one that compiles text that is none", async (t) => {
  t.match(await runOf("def ("), { end: "syntax", complaint: /SyntaxError/ });
  t.match(await runOf("if True:\nprint(1)"), { end: "syntax", complaint: /IndentationError/ });
  t.match(await runOf("eval('(')"), { end: "failed" });
  t.match(await runOf("1/0"), { end: "failed", complaint: /main\.py.*line 1[\s\S]*ZeroDivisionError/ });
  t.match(await runOf("import sys\nprint(4)\nsys.exit(3)"), { end: "failed", output: "4\n" });
});

t.test("stops an endless loop by its time on a core, also where its signal is caught", async (t) => {
  t.match(await runOf("while True: pass"), { end: "cpu" });
  const caught = await runOf("import signal\nsignal.signal(signal.SIGXCPU, signal.SIG_IGN)\nwhile True: pass");
  t.equal(caught.end, "cpu");
  t.ok(caught.cpuMillis < 2500, `${caught.cpuMillis} ms`);
});

t.test("stops a program that sleeps by the time on the clock", async (t) => {
  const slept = await runOf("import time\ntime.sleep(60)", { limits: { wallSeconds: 1 } });
  t.equal(slept.end, "wall");
  t.ok(slept.wallMillis < 5000, `${slept.wallMillis} ms`);
});

t.test("gives no gigabyte, in one piece, in many, or beside the address space", async (t) => {
  t.match(await runOf("x = bytearray(1 << 30)"), { end: "memory" });
  const grown = await runOf("x = [0]\nwhile True: x += x", { limits: { cpuSeconds: 10 } });
  t.equal(grown.end, "memory");
  t.ok((grown.peakKilobytes ?? 0) < 128 * 1024, `${grown.peakKilobytes} kB`);
  t.match(await runOf("import os\nos.memfd_create('x')"), { end: "failed", complaint: /PermissionError/ });
});

t.test("stops gigabytes of output and of complaints, and keeps the beginning", async (t) => {
  const run = await runOf("while True: print('x' * 100_000)", { limits: { cpuSeconds: 10 } });
  t.equal(run.end, "output");
  t.equal(run.output.length, 64 * 1024);
  const complained = await runOf("import sys\nwhile True: sys.stderr.write('y' * 100_000)", {
    limits: { cpuSeconds: 10 },
  });
  t.equal(complained.end, "output");
  t.ok(complained.complaint.length <= 4096);
});

t.test("lets nothing be forked, no thread be started, no program be run", async (t) => {
  t.match(await runOf("import os\nwhile True: os.fork()"), { end: "failed", complaint: /PermissionError/ });
  t.match(await runOf("import threading\nthreading.Thread(target=print).start()"), {
    complaint: /can't start new thread/,
  });
  t.match(await runOf("import subprocess\nsubprocess.run(['/usr/bin/python3'])"), { complaint: /PermissionError/ });
  t.match(await runOf("import multiprocessing\nmultiprocessing.Pool(2)"), { end: "failed" });
});

t.test("shows neither users nor homes nor processes nor environment of the machine", async (t) => {
  const open = (path: string) => runOf(`print(open(${JSON.stringify(path)}).read())`);
  for (const path of ["/etc/passwd", "/proc/self/status", "/proc/1/environ", "/var/lib/candor/x"])
    t.match(await open(path), { end: "failed", output: "", complaint: /FileNotFoundError/ }, path);
  t.match(await runOf(`import os\nos.listdir(${JSON.stringify(process.env["HOME"] ?? "/root")})`), { end: "failed" });
  const seen = await runOf("import os\nprint(sorted(os.listdir('/')), sorted(os.environ), os.getuid(), os.getppid())");
  t.equal(
    seen.output,
    "['dev', 'lib', 'lib64', 'main.py', 'usr'] ['LANG', 'PATH', 'PWD', 'PYTHONHASHSEED', 'PYTHONUTF8'] 65534 1\n",
  );
  t.match(await runOf("import os\nos.kill(-1, 9)\nos.kill(1, 9)\nprint(1)"), { end: /finished|failed/ });
});

t.test("holds no open file but its three streams: it cannot speak to what watches it", async (t) => {
  const source = `
import os
for fd in range(32):
    try:
        os.fstat(fd)
        print(fd)
    except OSError:
        pass`;
  t.equal((await runOf(source)).output, "0\n1\n2\n");
});

t.test("reaches no network and no socket", async (t) => {
  const connect = "import socket\nsocket.create_connection(('127.0.0.1', 22), 1)";
  t.match(await runOf(connect), { end: "failed", complaint: /PermissionError|OSError/ });
  t.match(await runOf("import socket\nsocket.socketpair()"), { end: "failed", complaint: /PermissionError/ });
});

t.test("lets no file be written anywhere", async (t) => {
  for (const path of ["/x", "/main.py", "/tmp/x", "/dev/x", "/dev/shm/x", "/usr/lib/x"])
    t.match(await runOf(`open(${JSON.stringify(path)}, 'w').write('x')`), { end: "failed" }, path);
});

t.test("survives recursion without end, and a program that breaks its interpreter", async (t) => {
  t.match(await runOf("def f(): f()\nf()"), { end: "failed", complaint: /RecursionError/ });
  const deep = await runOf("import sys\nsys.setrecursionlimit(10**9)\ndef f(): f()\nf()");
  t.match(deep.end, /memory|failed|cpu/);
  t.match(await runOf("import ctypes\nctypes.string_at(0)"), { end: "failed" });
});

t.test("gives up when it is told to, and leaves nothing behind", async (t) => {
  const giveUp = new AbortController();
  const source = "import time\ntime.sleep(55)";
  const running = python.run(
    { source, inputs: [""], limits: { ...limits, wallSeconds: 60 } },
    { ...around, signal: giveUp.signal },
  );
  const seen = await eventually({ what: "the program to run" }, async () => {
    const below = (await family(process.pid)).filter(({ pid }) => pid !== process.pid);
    return below.some(({ command }) => command.includes("/main.py")) && below;
  });
  giveUp.abort();
  await t.rejects(running);
  await allGone(seen, 2);
});

t.test("says what is missing on a processor that it has no filter for", async (t) => {
  t.throws(() => systemCallFilter("riscv64"), { code: "judge.unavailable", message: /offer JavaScript/ });
  t.equal(systemCallFilter("arm64").length % 8, 0);
});

t.test("takes the time by the clock of the core for a time limit, whatever the exit code says", async (t) => {
  const report = {
    began: true,
    exit: 0,
    stopped: null,
    cpuMillis: 1200,
    wallMillis: 1300,
    peakKilobytes: 1,
    output: "",
    complaint: "",
  };
  t.equal(endOf(report, 1000), "cpu");
  t.equal(endOf(report, 2000), "finished");
  t.equal(endOf({ ...report, exit: 137 }, 2000), "failed");
});
