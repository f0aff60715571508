import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { projectRoot } from "../runtime/paths.ts";
import { run } from "../runtime/subprocess.ts";
import { judgeOneFile } from "./judge.ts";

t.setTimeout(120_000);

const folder = await mkdtemp(join(tmpdir(), "candor-judge-"));
t.teardown(() => rm(folder, { recursive: true, force: true }));

const cases = [
  { name: "two", input: "2\n", expected: "4" },
  { name: "九", input: "9\n", expected: "81" },
];
async function written(content: object): Promise<string> {
  const file = join(folder, "job.json");
  await writeFile(file, JSON.stringify(content));
  return file;
}

t.test("judges the program of a file, and of a file beside it", async (t) => {
  const source = "print(int(input()) * 2)";
  t.match(await judgeOneFile(await written({ language: "python", source, cases })), {
    engine: /^Python/,
    cases: [{ verdict: "accepted" }, { verdict: "wrongAnswer", output: "18\n" }],
  });
  await writeFile(join(folder, "square.js"), "const n = Number(readline()); print(n * n)");
  t.match(await judgeOneFile(await written({ language: "javascript", sourceFile: "square.js", cases })), {
    engine: /QuickJS/,
    cases: [{ verdict: "accepted" }, { verdict: "accepted" }],
  });
});

t.test("refuses a file that is none, naming the field and the remedy", async (t) => {
  await t.rejects(judgeOneFile("/nowhere/job.json"), { code: "file.missing" });
  const refused = async (content: object, field: string) =>
    t.rejects(judgeOneFile(await written(content)), { code: "message.malformed", field });
  await refused({ language: "cobol", source: "", cases }, "language");
  await refused({ language: "python", cases }, "source");
  await refused({ language: "python", source: "", sourceFile: "x", cases }, "source");
  await refused({ language: "python", source: "", cases: [] }, "cases");
  await refused({ language: "python", source: "", cases, limits: { cpuSeconds: 99 } }, "limits.cpuSeconds");
  await refused({ language: "python", source: "", cases, more: 1 }, "");
  await t.rejects(judgeOneFile(await written({ language: "python", sourceFile: "gone.py", cases })), {
    code: "file.missing",
    message: /sourceFile: gone.py/,
  });
});

for (const [LANG, head, last] of [
  ["en_GB.UTF-8", /^case +verdict +cpu ms/m, /^1 of 2 accepted$/m],
  ["zh_CN.UTF-8", /^用例 +结果/m, /^2 个用例通过 1 个$/m],
] as const)
  t.test(`prints a table in the language of ${LANG}`, async (t) => {
    const file = await written({ language: "python", source: "print(4)\nimport sys\nsys.stderr.write('why')", cases });
    const words = [join(projectRoot, "cli/candor.js"), "judge", file];
    const out = (await run(process.execPath, words, { env: { PATH: process.env["PATH"], LANG } })).toString("utf8");
    t.match(out, head);
    t.match(out, /^two +accepted \(.*\) +\d+ +\d+ +\d+\.\d$/m);
    t.match(out, /^九 +wrongAnswer/m);
    t.match(out, last);
    t.match(out, /\nwhy\n$/);
  });
