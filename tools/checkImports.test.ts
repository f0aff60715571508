import t from "tap";
import { checkClock, checkImports, checkNames } from "./checkImports.ts";

const complaints = (path: string, text: string): number[] => checkImports([{ path, text }]).map(({ line }) => line);

t.test("finds an import that the table does not allow, with its line", async (t) => {
  t.strictSame(
    complaints("contracts/order.ts", 'import { z } from "zod";\nimport { run } from "../runtime/retry.ts";\n'),
    [2],
  );
  t.strictSame(complaints("runtime/log.ts", 'import { x } from "../agent/outbox.ts";'), [1]);
  t.strictSame(complaints("inference/scoring/score.ts", 'import { readFileSync } from "node:fs";'), [1]);
  t.strictSame(complaints("agent/outbox.ts", 'import { readIdentity } from "../provisioning/enrol.ts";'), [1]);
  t.strictSame(complaints("screen/page.ts", 'import pino from "pino";'), [1]);
});

t.test("sees re-exports, imports over several lines, and imports that load late", async (t) => {
  t.strictSame(complaints("runtime/a.ts", 'export { b } from "../bridge/b.ts";'), [1]);
  t.strictSame(complaints("runtime/a.ts", 'import {\n  b,\n  type C,\n} from "../bridge/b.ts";'), [1]);
  t.strictSame(complaints("runtime/a.ts", 'const b = await import("../bridge/b.ts");'), [1]);
});

t.test("lets through what the table allows", async (t) => {
  t.strictSame(complaints("contracts/order.ts", 'import { z } from "zod";\nimport { a } from "./ids.ts";'), []);
  t.strictSame(
    complaints("bridge/hr/ingest.ts", 'import { s } from "../../inference/scoring/score.ts";\nimport "fastify";'),
    [],
  );
  t.strictSame(complaints("agent/main.ts", 'import { readIdentity } from "../provisioning/enrol.ts";'), []);
  t.strictSame(complaints("cli/demo.ts", 'import { x } from "../bridge/hr/main.ts";'), []);
});

t.test("lets a board import the drivers' types, and nothing that runs", async (t) => {
  t.strictSame(complaints("boards/pi.ts", 'import type { Mounted } from "../drivers/registry.ts";'), []);
  t.strictSame(complaints("boards/pi.ts", 'import { drivers } from "../drivers/registry.ts";'), [1]);
});

t.test("does not take a comment for an import", async (t) => {
  t.strictSame(complaints("contracts/a.ts", '// import { x } from "../agent/x.ts";\n/* import "../cli/x.ts" */'), []);
});

t.test("refuses a file outside the tree's folders", async (t) => {
  t.equal(checkImports([{ path: "stuff/a.ts", text: "" }]).length, 1);
});

t.test("finds clocks and chance outside runtime/clock.ts", async (t) => {
  const lines = (text: string): number[] => checkClock([{ path: "agent/a.ts", text }]).map(({ line }) => line);
  t.strictSame(lines("const a = 1;\nconst b = Date.now();"), [2]);
  t.strictSame(lines("new Date()"), [1]);
  t.strictSame(lines("setTimeout(work, 5)"), [1]);
  t.strictSame(lines("setInterval(work, 5)"), [1]);
  t.strictSame(lines("Math.random()"), [1]);
  t.strictSame(checkClock([{ path: "runtime/clock.ts", text: "Date.now()" }]), []);
});

t.test("does not take words about clocks for clocks", async (t) => {
  const text =
    '// Date.now() is wrong here\nconst remedy = "not Math.random()";\nnew Date(at);\nnew Date("2020-01-01");\nsocket.setTimeout(5);';
  t.strictSame(checkClock([{ path: "agent/a.ts", text }]), []);
});

t.test("refuses names that say nothing", async (t) => {
  t.equal(checkNames(["agent/utils/a.ts", "agent/helpers.ts", "cli/common.test.ts"]).length, 3);
  t.equal(checkNames(["agent/outbox.ts", "cli/library.ts"]).length, 0);
});
