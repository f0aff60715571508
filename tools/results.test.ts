import t from "tap";
import { addResults, countResults } from "./results.ts";

const run = `TAP version 14
# Subtest: dist/a.test.js
    # Subtest: works
        ok 1 - inner
        1..1
    ok 1 - works # time=3ms
    # Subtest: does not
        not ok 1 - inner
        1..1
    not ok 2 - does not # time=3ms
    ok 3 - later # SKIP no hardware
    1..3
not ok 1 - dist/a.test.js # time=30ms
ok 2 - dist/b.test.js # time=30ms {
    ok 1 - also works # time=3ms {
        ok 1 - inner
        1..1
    }
    1..1
}
`;

t.test("counts tests, not assertions and not files", async (t) => {
  const { passed, failed, skipped, failures } = countResults(run);
  t.strictSame({ failed, skipped }, { failed: 1, skipped: 1 });
  t.equal(passed, 2);
  t.strictSame(failures, ["dist/a.test.js: does not"]);
});

t.test("counts a file that crashed as a failed test", async (t) => {
  const crashed = "# Subtest: dist/c.test.js\n    ok 1 - first\n    1..1\nnot ok 1 - dist/c.test.js # time=1ms\n";
  t.match(countResults(crashed), { passed: 1, failed: 1, failures: ["dist/c.test.js: dist/c.test.js"] });
});

t.test("adds up runs", async (t) => {
  t.match(addResults([countResults(run), countResults(run)]), { passed: 4, failed: 2, skipped: 2 });
});
