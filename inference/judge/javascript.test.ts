import t from "tap";
import { codeLimits } from "../../contracts/judge.ts";
import { systemClock } from "../../runtime/clock.ts";
import type { Run } from "./engine.ts";
import { javascript } from "./javascript.ts";

// Real runs in real processes, which may share two cores with others.
t.setTimeout(180_000);

const limits = codeLimits.parse({ cpuSeconds: 1, wallSeconds: 20, memoryMegabytes: 64, outputKilobytes: 64 });
const around = { clock: systemClock, signal: new AbortController().signal };

/** Several programs would be several processes; the runs of one program share theirs, so hostile ones are tried twice. */
async function runsOf(source: string, change: { inputs?: string[]; limits?: Partial<typeof limits> } = {}) {
  const inputs = change.inputs ?? ["", ""];
  return javascript.run({ source, inputs, limits: { ...limits, ...change.limits } }, around);
}
const runOf = async (source: string): Promise<Run> => {
  const [run] = await runsOf(source, { inputs: [""] });
  if (run === undefined) throw new Error("there was no run");
  return run;
};

t.test("reads lines and the whole input, and prints", async (t) => {
  const source =
    "const n = Number(readline()); console.log(n * 2, [n, { n }]); console.error('seen'); print(input.length)";
  const runs = await runsOf(source, { inputs: ["21\n", "4"] });
  t.match(runs[0], { end: "finished", output: '42 [21,{"n":21}]\n3\n', complaint: "seen\n" });
  t.match(runs[1], { end: "finished", output: '8 [4,{"n":4}]\n1\n' });
  t.match(await runOf("print(readline(), readline())"), { output: "null null\n" });
  t.match(await runOf("(async () => { await 1; print('late') })()"), { end: "finished", output: "late\n" });
});

t.test("keeps nothing from one run to the next", async (t) => {
  const runs = await runsOf("print(typeof kept); globalThis.kept = 1; Array.prototype.kept = 1");
  t.strictSame(
    runs.map((one) => one.output),
    ["undefined\n", "undefined\n"],
  );
});

t.test("tells apart a program that is none, one that fails, and one that compiles text that is none", async (t) => {
  t.match(await runOf("function ("), { end: "syntax", complaint: /SyntaxError/ });
  t.match(await runOf("eval('(')"), { end: "failed", complaint: /SyntaxError/ });
  t.match(await runOf("print(1)\nnull.x"), { end: "failed", output: "1\n", complaint: /TypeError[\s\S]*main\.js:2/ });
  t.match(await runOf("throw null"), { end: "failed", complaint: /Uncaught null/ });
});

t.test("stops endless loops, also those that catch everything", async (t) => {
  for (const source of ["while (true);", "for (;;) { try { while (true); } catch {} }"])
    t.match(await runsOf(source), [{ end: "cpu" }, { end: "cpu" }], source);
});

t.test("stops a run that never asks whether it may go on, and judges the next", async (t) => {
  const slow = "if (input === 'slow') /^(a+)+$/.test('a'.repeat(40) + '!'); print('done')";
  const runs = await runsOf(slow, { inputs: ["", "slow", ""], limits: { wallSeconds: 3 } });
  t.match(runs, [{ output: "done\n" }, { end: /wall|cpu/ }, { output: "done\n" }]);
});

t.test("gives no gigabyte, in one piece or in many", async (t) => {
  for (const source of [
    "new ArrayBuffer(1 << 30)",
    "const x = []; for (;;) x.push(new Array(1e5).fill(1))",
    "new Array(1e9).fill(0)",
  ])
    t.match(await runsOf(source, { limits: { cpuSeconds: 10 } }), [{ end: "memory" }, { end: "memory" }], source);
});

t.test("stops gigabytes of output and of complaints, and keeps the beginning", async (t) => {
  const [run] = await runsOf("for (;;) print('x'.repeat(9999))", { limits: { cpuSeconds: 10 } });
  t.match(run, { end: "output" });
  t.equal(run?.output.length, 64 * 1024);
  t.match(await runsOf("for (;;) console.error('y'.repeat(9999))", { limits: { cpuSeconds: 10 } }), [
    { end: "output" },
    { end: "output" },
  ]);
});

t.test("survives recursion without end", async (t) => {
  t.match(await runsOf("const f = () => f() + 1; f()"), [
    { end: "failed", complaint: /stack overflow/ },
    { end: "failed" },
  ]);
});

t.test("has neither files nor network nor processes nor modules", async (t) => {
  const names = ["process", "require", "fetch", "Deno", "std", "os", "WebAssembly", "Worker", "XMLHttpRequest"];
  const { output } = await runOf(`print(${names.map((name) => `typeof ${name}`).join(", ")})`);
  t.equal(output, `${names.map(() => "undefined").join(" ")}\n`);
  t.match(await runOf("import('fs').then(() => print('got it'), (e) => print(String(e)))"), {
    output: /could not load/,
  });
  const constructed = "print(this.constructor.constructor('return typeof process')())";
  t.match(await runOf(constructed), { output: "undefined\n" });
});
