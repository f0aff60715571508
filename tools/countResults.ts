import { readFileSync } from "node:fs";
import { addResults, countResults } from "./results.ts";

/** `node dist/tools/countResults.js RUN.tap…`: names what failed, then "N passed, N failed"; ends with 1 when anything did. */
const { passed, failed, skipped, failures } = addResults(
  process.argv.slice(2).map((path) => countResults(readFileSync(path, "utf8"))),
);
for (const failure of failures) process.stdout.write(`failed: ${failure}\n`);
if (skipped > 0) process.stdout.write(`${skipped} skipped\n`);
process.stdout.write(`${passed} passed, ${failed} failed\n`);
if (failed > 0 || passed === 0) process.exitCode = 1;
