/** Results of test runs, read from what they wrote (TAP 14, one file's tests indented by four blanks under it). */
export type Results = {
  passed: number;
  failed: number;
  skipped: number /** Names of what failed, with their file. */;
  failures: string[];
};

const line = /^( *)(not )?ok \d+(?: - )?(.*)$/;
const note = /\s+#\s+(skip|todo|time=)\b.*$/i;

type Test = { name: string; failed: boolean; skipped: boolean };

function testOf(match: RegExpExecArray): Test {
  const told = match[3] ?? "";
  return {
    name: told.replace(note, "").replace(/ \{$/, ""),
    failed: match[2] !== undefined,
    skipped: /#\s+(skip|todo)/i.test(told),
  };
}

/**
 * Counts the tests of each file. A file that failed although no test of its own did (it crashed, or ran into its
 * limit) counts as one failed test: else a crash would look like fewer tests.
 */
export function countResults(tap: string): Results {
  const results: Results = { passed: 0, failed: 0, skipped: 0, failures: [] };
  const count = (test: Test, file: string): void => {
    if (test.skipped) results.skipped += 1;
    else if (test.failed) {
      results.failed += 1;
      results.failures.push(`${file}: ${test.name}`);
    } else results.passed += 1;
  };
  let inner: Test[] = [];
  let opened: Test | undefined;
  const close = (file: Test): void => {
    for (const one of inner) count(one, file.name);
    if (inner.length === 0 || (file.failed && !inner.some(({ failed }) => failed))) count(file, file.name);
    inner = [];
  };
  for (const text of tap.split("\n")) {
    if (text === "}" && opened !== undefined) {
      close(opened);
      opened = undefined;
    }
    const match = line.exec(text);
    if (match === null) continue;
    if (match[1]?.length === 4) inner.push(testOf(match));
    if (match[1] !== "") continue;
    // A file's tests stand above its line, or between braces below it.
    if (text.endsWith("{")) opened = testOf(match);
    else close(testOf(match));
  }
  return results;
}

/** The results of several runs as one. */
export function addResults(all: readonly Results[]): Results {
  const total = (count: (one: Results) => number): number => all.reduce((sum, one) => sum + count(one), 0);
  return {
    passed: total((one) => one.passed),
    failed: total((one) => one.failed),
    skipped: total((one) => one.skipped),
    failures: all.flatMap((one) => one.failures),
  };
}
