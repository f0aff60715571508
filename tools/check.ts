import { projectRoot } from "../runtime/paths.ts";
import { checkCatalogues } from "./checkCatalogues.ts";
import { checkClock, checkImports, checkNames } from "./checkImports.ts";
import { checkLocks } from "./checkLocks.ts";
import { checkRegistries } from "./checkRegistries.ts";
import { checkUnits } from "./checkUnits.ts";
import { checkGenerated, generate } from "./generate.ts";
import { readSources, type Violation } from "./sources.ts";

/** `node dist/tools/check.js` says all that is wrong and ends with 1; with `--generate` it writes the generated files. */
function allChecks(): Record<string, Violation[]> {
  const sources = readSources(projectRoot);
  return {
    "import table": checkImports(sources),
    "clock and chance": checkClock(sources),
    names: checkNames(sources.map(({ path }) => path)),
    registries: checkRegistries(sources),
    "generated files": checkGenerated(projectRoot),
    "lock files": checkLocks(projectRoot),
    catalogues: checkCatalogues(projectRoot),
    units: checkUnits(projectRoot),
  };
}

if (process.argv.includes("--generate")) {
  for (const path of generate(projectRoot)) process.stdout.write(`wrote ${path}\n`);
} else {
  for (const [name, violations] of Object.entries(allChecks())) {
    process.stdout.write(`${violations.length === 0 ? "ok" : "NOT OK"}  ${name}\n`);
    for (const { path, line, complaint } of violations) process.stdout.write(`        ${path}:${line} ${complaint}\n`);
    if (violations.length > 0) process.exitCode = 1;
  }
}
