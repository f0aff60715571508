import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { minutes } from "../../../contracts/units.ts";
import { projectRoot } from "../../../runtime/paths.ts";
import { Machine } from "../machine.ts";
import { onMachine, type Plan, type PlanOptions, type Tell } from "./plan.ts";

const lastLines = 40;

/** The conformance files of the sources, as they are called once compiled. */
async function conformanceFiles(): Promise<string[]> {
  const names = await readdir(join(projectRoot, "drivers"), { recursive: true });
  return names
    .filter((name) => name.endsWith(".hil.ts"))
    .map((name) => join("dist/drivers", name.replace(/\.ts$/, ".js")))
    .sort();
}

/** One result for each test of a file's outermost level; a file that ends badly without naming one is a result too. */
function tellFile(
  tell: Tell,
  file: string,
  { code, stdout, stderr }: { code: number; stdout: string; stderr: string },
) {
  const results = [...stdout.matchAll(/^(not )?ok \d+ - (.*)$/gm)].map(([, not, name = ""]) => ({
    passed: !not,
    name,
  }));
  const why = (): string => [...stdout.split("\n"), ...stderr.split("\n")].slice(-lastLines).join("\n");
  const where = file.replace(/^dist\/drivers\/|\.hil\.js$/g, "");
  for (const { passed, name } of results) tell(passed, `${where}: ${name}`, passed ? undefined : why());
  if (results.length === 0) tell(false, `${where}: tells results`, why());
  else if (code !== 0 && results.every(({ passed }) => passed)) tell(false, `${where}: ends with 0`, why());
}

/** Every driver's conformance on the kernel's own interfaces, run inside as root. */
async function run({ disks, tell }: PlanOptions): Promise<void> {
  const machine = await Machine.create({ disks });
  await onMachine(machine, async () => {
    for (const file of await conformanceFiles()) {
      const done = await machine
        .run(`cd /usr/lib/candor && HOME=/root node ${file}`, minutes(10))
        .catch((error: Error) => ({ code: -1, stdout: "", stderr: error.message }));
      tellFile(tell, file, done);
    }
  });
}

export const conformance: Plan = {
  name: "conformance",
  summary: "every driver on the kernel's own interface: gpio-sim, vivid, snd-aloop, uleds",
  run,
};
