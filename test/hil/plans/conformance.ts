import { minutes } from "../../../contracts/units.ts";
import { Machine } from "../machine.ts";
import { onMachine, type Plan, type PlanOptions, type Tell } from "./plan.ts";

const fileLimit = minutes(8);

/** The tests of one file, by its TAP: each `ok` line at the left is one. */
function tellResults(tell: Tell, file: string, output: string): number {
  for (const [, figure] of output.matchAll(/^ *# (measured: .*)$/gm)) console.log(`# ${figure}`);
  const results = [...output.matchAll(/^(not )?ok \d+ - (.*?)(?: # (?!SKIP).*)?$/gm)];
  for (const [, failed, name = ""] of results) {
    const why =
      failed === undefined
        ? undefined
        : output.slice(Math.max(0, output.indexOf(name) - 2500), output.indexOf(name)).trim();
    tell(failed === undefined, `${file}: ${name}`, why);
  }
  return results.length;
}

/** Runs files of the guest one after another, each with a kernel's devices to itself. */
async function runInside({ disks, tell }: PlanOptions, pattern: string): Promise<void> {
  const machine = await Machine.create({ disks });
  await onMachine(machine, async () => {
    const found = await machine.must(`cd /usr/lib/candor && ls ${pattern}`);
    for (const file of found.trim().split("\n")) {
      const { code, stdout, stderr } = await machine.run(
        `cd /usr/lib/candor && TAP_TIMEOUT=400 node ${file}`,
        fileLimit,
      );
      const told = tellResults(tell, file.replace(/^dist\//, "").replace(/\.hil\.js$/, ""), stdout);
      if (told === 0) tell(false, `${file}: gave no result`, `${code}: ${stderr.slice(-1500)}`);
    }
  });
}

export const conformance: Plan = {
  name: "conformance",
  summary: "every driver for hardware passes its kind's conformance on a kernel's own devices",
  minutes: 4,
  run: (options) => runInside(options, "dist/drivers/*/*.hil.js"),
};

export const faults: Plan = {
  name: "faults",
  summary: "camera unbound while recording, sound card gone, sysfs GPIO absent",
  minutes: 4,
  run: (options) => runInside(options, "dist/test/hil/guest/faults.hil.js"),
};

/** Figures of an emulated machine: they are told, and compared with what moving the contact alone takes there. */
export const presses: Plan = {
  name: "presses",
  summary: "from an edge on the kernel's line to the agent's handler, over both backends",
  minutes: 4,
  run: (options) => runInside(options, "dist/test/hil/guest/presses.hil.js"),
};
