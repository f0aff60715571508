import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import t from "tap";
import { checkCatalogues } from "./checkCatalogues.ts";
import { checkLocks } from "./checkLocks.ts";
import { checkGenerated, generate } from "./generate.ts";

function tree(files: Record<string, unknown>): string {
  const root = mkdtempSync(join(tmpdir(), "candor-tree-"));
  t.teardown(() => rmSync(root, { recursive: true }));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), JSON.stringify(content));
  }
  return root;
}
const complaintsOf = (violations: { complaint: string }[]): string =>
  violations.map(({ complaint }) => complaint).join("\n");

t.test("says that a generated file is stale, until it is generated", async (t) => {
  const root = tree({ "package.json": { version: "1.2.3" } });
  t.equal(checkGenerated(root).length, 3);
  generate(root);
  t.equal(checkGenerated(root).length, 0);
  writeFileSync(join(root, "docs/asyncapi.json"), "{}");
  t.equal(checkGenerated(root).length, 1);
});

t.test("finds a sentence that one language lacks, and blanks that differ", async (t) => {
  const root = tree({
    "words/zh-CN.json": { hello: "你好 {name}", deep: { end: "完" } },
    "words/en.json": { hello: "hello {who}" },
  });
  t.match(complaintsOf(checkCatalogues(root, ["words"])), /has no sentence deep\.end/);
  t.match(complaintsOf(checkCatalogues(root, ["words"])), /hello has other blanks/);
  t.match(complaintsOf(checkCatalogues(root, ["nowhere"])), /missing/);
});

const hashed = { version: "1.0.0", resolved: "https://registry.npmjs.org/a/-/a-1.0.0.tgz", integrity: "sha512-x" };
const locked = (entry: object, wanted = "1.0.0"): string =>
  tree({
    "package.json": { dependencies: { a: wanted } },
    "package-lock.json": { packages: { "": {}, "node_modules/a": entry } },
  });

t.test("finds versions that float, locks that are stale, and packages without a hash or from elsewhere", async (t) => {
  t.strictSame(checkLocks(locked(hashed)), []);
  t.match(complaintsOf(checkLocks(locked(hashed, "^1.0.0"))), /pin the exact version/);
  t.match(complaintsOf(checkLocks(locked({ ...hashed, version: "1.0.1" }))), /npm install/);
  t.match(complaintsOf(checkLocks(locked({ ...hashed, optionalDependencies: { b: "1.0.0" } }))), /lacks b/);
  t.match(complaintsOf(checkLocks(locked({ ...hashed, integrity: undefined }))), /no hash/);
  t.match(complaintsOf(checkLocks(locked({ ...hashed, resolved: "https://example.org/a.tgz" }))), /elsewhere/);
});
