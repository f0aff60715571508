import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t, { type Test } from "tap";
import { Fault } from "../../contracts/fault.ts";
import { systemClock } from "../../runtime/clock.ts";
import { writeDurably } from "../../runtime/durable.ts";
import { defineAdapter } from "./adapter.ts";
import { adapterChecks, type Opposite } from "./conformance.ts";
import { dropName, fileDrop, fileDropOptions, openFileDrop } from "./file-drop.ts";
import { adapters } from "./registry.ts";

type Format = "json" | "csv";
const brokenDisk = (): Error => Object.assign(new Error("i/o error"), { code: "EIO" });

/** A real folder, on a disk whose writes can fail before or after they took effect. */
function bench(format: Format): Parameters<typeof adapterChecks> {
  let trouble: Parameters<Opposite["trouble"]>[0] = "none";
  const write: typeof writeDurably = async (path, text) => {
    if (trouble === "busy") throw new Fault("storage.full", "no space left");
    if (trouble === "broken") throw brokenDisk();
    await writeDurably(path, text);
    if (trouble === "cut") throw brokenDisk();
  };
  const start = async (): Promise<Opposite> => {
    trouble = "none";
    const folder = await mkdtemp(join(tmpdir(), "candor-drop-"));
    const isResult = (name: string): boolean => readFileSync(join(folder, name), "utf8").includes("装配工");
    return {
      options: { folder, format },
      overload: undefined,
      effects: () =>
        readdirSync(folder)
          .filter(isResult)
          .map((name) => name.slice(0, -format.length - 1).replaceAll("~", "/")),
      trouble: (kind) => {
        trouble = kind;
        if (kind === "refusing") writeFileSync(join(folder, dropName("t/s/scorecard/1", format)), "somebody else's");
      },
      stop: () => rm(folder, { recursive: true, force: true }),
    };
  };
  const onThatDisk = defineAdapter({
    ...fileDrop,
    options: fileDropOptions,
    open: (options) => openFileDrop(options, write),
  });
  return [onThatDisk, start];
}

for (const format of ["json", "csv"] as const)
  t.test(`the file drop conforms with ${format}`, async (t) => {
    for (const { sentence, holds } of adapterChecks(...bench(format))) t.equal(await holds(), true, sentence);
    t.ok(adapters.includes(fileDrop));
  });

const signal = new AbortController().signal;
const dropInto = (t: Test, format: Format) => {
  const folder = t.testdir();
  return { folder, connection: fileDrop.open({ folder, format }, { clock: systemClock }) };
};

t.test("writes the event byte for byte, readable by the folder's group", async (t) => {
  const { folder, connection } = dropInto(t, "json");
  const body = '{"specversion":"1.0",  "data":{"名":"值"}}';
  t.same(await connection.deliver({ effectKey: "t/s/scorecard/1", body }, signal), { outcome: "done" });
  const path = join(folder, "t~s~scorecard~1.json");
  t.equal(await readFile(path, "utf8"), body);
  t.equal((await stat(path)).mode & 0o777, 0o640);
});

t.test("a spreadsheet takes no formula from a result, and the delivery names what no column holds", async (t) => {
  const { folder, connection } = dropInto(t, "csv");
  const data = { sessionId: "s", role: '=HYPERLINK("x")', interval: [0.4, 0.6], consents: [{ a: 1 }], gaps: [] };
  const body = JSON.stringify({ specversion: "1.0", data });
  const outcome = await connection.deliver({ effectKey: "t/s/scorecard/1", body }, signal);
  t.same(outcome, { outcome: "done", unplaced: ["consents"] });
  const text = await readFile(join(folder, "t~s~scorecard~1.csv"), "utf8");
  t.equal(text.split("\r\n")[1], `t/s/scorecard/1,,,s,,,"'=HYPERLINK(""x"")",,,,0.4,0.6,,,`);
});

t.test("leaves a file of other content alone, and says where it stands", async (t) => {
  const { folder, connection } = dropInto(t, "json");
  const path = join(folder, "t~s~scorecard~1.json");
  await writeFile(path, "another");
  const outcome = await connection.deliver({ effectKey: "t/s/scorecard/1", body: "{}" }, signal);
  t.equal(outcome.outcome, "refused");
  t.equal(await readFile(path, "utf8"), "another");
});

t.test("does not make the folder, which may be a share that is away", async (t) => {
  const folder = join(t.testdir(), "mount");
  const connection = fileDrop.open({ folder }, { clock: systemClock });
  t.equal((await connection.deliver({ effectKey: "t/s/scorecard/1", body: "{}" }, signal)).outcome, "again");
  t.equal(fileDrop.options.safeParse({ folder: "results" }).success, false);
});
